"""The minimum enclosing ball's radius lies between its ends."""

import numpy as np
import pytest

from embaudit.core.prepared_points import Points
from embaudit.geometry.enclosing_ball import distances_from, smallest_ball
from tests import oracle
from tests.geometry.bodies import KINDS, body, gaussian


def check_enclosed(kind, dim, seed):
    points = body(kind, dim, seed)
    truth = oracle.enclosing_radius(points)
    before = None
    for effort in (0, 1, 2):
        found = smallest_ball(Points(points), points.mean(axis=0).astype(float), effort)
        assert found.lower <= truth * (1 + 1e-11)
        assert truth * (1 - 1e-9) <= found.upper
        assert found.upper <= 1.001 * found.lower
        distances = np.linalg.norm(points.astype(np.float64) - found.centre, axis=1)
        assert (distances <= distances_from(Points(points), found.centre)).all()
        assert distances.max() <= found.upper
        if before is not None:
            assert before.lower <= found.lower
            assert found.upper <= before.upper
        before = found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [2, 3])
def test_small_sets_are_enclosed(kind, dim):
    check_enclosed(kind, dim, 0)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [2, 3])
def test_many_small_sets_are_enclosed(kind, dim):
    for seed in range(1, 25):
        check_enclosed(kind, dim, seed)


@pytest.mark.parametrize("rows", [1500, 20_000])
def test_ordinary_sets_leave_hardly_a_gap(rows):
    points = gaussian(rows, 32, 0)
    found = smallest_ball(Points(points), np.zeros(32))
    assert found.lower <= found.upper <= 1.001 * found.lower


def test_rows_on_a_sphere():
    points = gaussian(2000, 16, 0).astype(np.float64)
    points /= np.linalg.norm(points, axis=1)[:, None]
    found = smallest_ball(Points(points), points.mean(axis=0))
    assert found.lower <= 1 + 1e-15
    assert found.lower >= 0.999
    assert found.upper <= 1.001


@pytest.mark.parametrize("points", [np.ones((5, 3)), np.array([[0.0, 3], [4, 0]])])
def test_one_and_two_points(points):
    found = smallest_ball(Points(points), points.mean(axis=0))
    radius = np.linalg.norm(points[0] - points[-1]) / 2
    assert found.lower <= radius <= found.upper
    assert found.upper - found.lower <= 1e-9


@pytest.mark.parametrize("exponent", [-30, 7])
def test_powers_of_two_scale_it_exactly(exponent):
    points = gaussian(500, 8, 1).astype(np.float64)
    plain = smallest_ball(Points(points), points.mean(axis=0))
    moved = np.ldexp(points, exponent)
    scaled = smallest_ball(Points(moved), moved.mean(axis=0))
    assert scaled.lower == np.ldexp(plain.lower, exponent)
    assert scaled.upper == np.ldexp(plain.upper, exponent)

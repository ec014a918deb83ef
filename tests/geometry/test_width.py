"""The minimum width lies between its ends, at every effort, and the ends are close."""

import numpy as np
import pytest

from embaudit.core.prepared_points import Points
from embaudit.geometry.affine_hull import Hull
from embaudit.geometry.width_bounds import WidthSearch
from tests import oracle
from tests.combined import in_part
from tests.geometry.bodies import KINDS, body, gaussian, moments, width


def check_enclosed(kind, dim, seed):
    points = body(kind, dim, seed)
    distinct = np.unique(points.astype(np.float64), axis=0)
    truth = oracle.exact_width(distinct) if len(distinct) > dim else 0.0
    blur = 1e-14 * float(np.ptp(distinct, axis=0).max())  # the oracle rounds, too
    ends = []
    for effort in (0, 1, 2):
        found = width(points, effort)
        assert found.lower <= truth * (1 + 1e-11) + blur, (effort, found)
        assert truth * (1 - 1e-11) - blur <= found.upper, (effort, found)
        ends.append((found.lower, found.upper))
    lowers, uppers = zip(*ends, strict=True)
    assert list(lowers) == sorted(lowers)
    assert list(uppers) == sorted(uppers, reverse=True)
    if truth > 1e-6 * np.ptp(distinct):
        assert uppers[1] <= truth * (1.001 if dim == 2 else 1.01)
        assert dim == 3 or uppers[0] <= 1.001 * lowers[0]


@pytest.mark.parametrize("kind", in_part(KINDS))
@pytest.mark.parametrize("dim", [2, 3])
def test_small_sets_are_enclosed_and_more_effort_only_tightens(kind, dim):
    for seed in range(2):
        check_enclosed(kind, dim, seed)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [2, 3])
def test_many_small_sets_are_enclosed(kind, dim):
    for seed in range(2, 44):
        check_enclosed(kind, dim, seed)


@pytest.mark.parametrize("dim", [3, 4, 9])
def test_a_box_has_the_width_of_its_shortest_edge(dim):
    corners = np.array(np.meshgrid(*[[0.0, 1.0]] * dim)).reshape(dim, -1).T
    corners[:, 0] *= 0.125
    for effort in (0, 1):
        found = width(corners, effort)
        assert found.lower <= 0.125 <= found.upper
        assert found.upper <= 0.125 * (1 + 1e-12)


@pytest.mark.parametrize("dim", [3, 6, 11, 24])
def test_a_regular_simplex(dim):
    # Gritzmann & Klee: the width lies across two opposite faces of as equal size as can be
    corners = np.eye(dim + 1) - 1 / (dim + 1)
    hull = np.linalg.svd(corners)[2][:dim]
    found = width(corners @ hull.T / np.sqrt(2), 1)  # of edge 1
    truth = np.sqrt(2 / (dim + 1) if dim % 2 else 2 * (dim + 1) / (dim * (dim + 2)))
    assert found.lower <= truth * (1 + 1e-12)
    assert truth * (1 - 1e-12) <= found.upper <= truth * (1 + 1e-9)
    assert found.upper <= 1.2 * found.lower


@pytest.mark.parametrize("dim", in_part([20, 50]))
@pytest.mark.parametrize("seed", range(2))
def test_few_rows_leave_a_small_gap(dim, seed):
    found = width(gaussian(int(1.6 * dim), dim, seed), 1)
    assert found.upper <= 1.2 * found.lower


@pytest.mark.soak
@pytest.mark.parametrize("dim", [20, 50, 128])
def test_few_rows_leave_a_small_gap_on_ten_seeds(dim):
    found = [width(gaussian(int(1.6 * dim), dim, seed), 1) for seed in range(10)]
    worst = max(one.upper / one.lower for one in found)
    print(f"N = 1.6 n, n = {dim}: upper / lower at most {worst:.4f}")
    assert worst <= 1.2


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_weights_come_near_what_weights_can(seed):
    points = gaussian(20_000, 128, seed)
    search = WidthSearch(Hull(Points(points), moments(points), 128))
    for stage in (0, 1):
        search.run(stage)
    assert len(search.held) == len(points)
    cap = search.weights.cap  # 2 sqrt(max s), tr E = 1, over all rows
    found = search.bound()
    print(f"cap / lower {cap / search.lower:.4f}, upper / lower {found.upper / found.lower:.3f}")
    assert cap <= 1.05 * search.lower


@pytest.mark.parametrize("exponent", [-40, -1, 3, 60])
def test_powers_of_two_scale_both_ends_exactly(exponent):
    points = body("plain", 3, 1)
    tall = gaussian(90, 12, 0).astype(np.float64)
    for one in (points, tall):
        plain, scaled = width(one, 1), width(np.ldexp(one, exponent), 1)
        assert scaled.lower == np.ldexp(plain.lower, exponent)
        assert scaled.upper == np.ldexp(plain.upper, exponent)
        assert scaled.reason == plain.reason


def test_a_subset_bounds_the_whole(monkeypatch):
    # as with a set too large to be held: most rows are only seen by passes
    points = gaussian(3000, 6, 3)
    whole = width(points, 1)
    for name in ("FEW", "MANY", "STEEP"):
        monkeypatch.setattr(f"embaudit.geometry.width_bounds.{name}", 6 * 200)
    part = width(points, 1)
    assert part.lower <= whole.upper
    assert whole.lower <= part.upper
    assert part.lower >= 0.95 * whole.lower
    assert part.upper <= 1.05 * whole.upper


def test_the_reason_names_what_gave_the_ends():
    reason = width(gaussian(60, 10, 0), 1).reason
    assert "row weights after" in reason
    assert "descent" in reason

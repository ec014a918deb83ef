"""A frame's bounds hold for every error that the product, the cast and the sum itself may have."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from embaudit.core.prepared_points import Points, squared_distance
from embaudit.search.block_minima import FUSED
from embaudit.search.centre_scale_cast import frame_of


def summed(dim, term):
    """Two rows about 0 whose squared distance is 1 and then `term`, dim - 1 times."""
    half = np.full(dim, np.sqrt(term) / 2)
    half[0] = 0.5
    return np.stack((half, -half))


# Added to 1 one by one, terms below half a unit in the last place vanish, and above it count more.
SUMS = {"too small": summed(400, 0.9 * 2.0**-53), "too large": summed(400, 1.1 * 2.0**-53)}
CASTS = [np.random.default_rng(seed).normal(size=(2, 3)) for seed in range(40)]


def square(rows):
    """The exact squared distance of two rows."""
    pairs = zip(*(map(Fraction, row.tolist()) for row in rows), strict=True)
    return sum(((x - y) ** 2 for x, y in pairs), Fraction(0))


def breaches(vectors, dtype):
    """Which bounds leave out the deciding squared distance of two rows, or the product beyond it.

    A product may be off by the whole slack from the squared distance of the rows as cast.
    """
    points = Points(vectors)
    frame = frame_of(points, np.arange(2), dtype)
    deciding = squared_distance(vectors[:1].astype(float), vectors[1:].astype(float))
    radius = frame.radius[:1]
    cast = float(square(frame.rows[:, :-2]))
    least, most = cast - frame.slack(radius), cast + frame.slack(radius)
    held = {
        "lower": frame.lower(most, radius) <= deciding,
        "upper": frame.upper(least, radius) >= deciding,
        "near": frame.near(deciding, radius) >= most,
        "far": frame.far(deciding, radius) <= least,
    }
    return {name for name, holds in held.items() if not holds.all()}


@pytest.mark.parametrize("name", SUMS)
def test_the_sum_that_decides_is_off_itself(name):
    deciding = squared_distance(SUMS[name][:1], SUMS[name][1:])
    off = Fraction(float(deciding[0])) - square(SUMS[name])
    assert abs(off) > 30 * Fraction(2) ** -53
    assert (off < 0) == (name == "too small")
    assert breaches(SUMS[name], np.float64) == set()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_casting_rows_moves_them(dtype):
    assert set().union(*(breaches(vectors, dtype) for vectors in CASTS)) == set()


@pytest.mark.parametrize("dim", [65, 384, 4096])
@pytest.mark.parametrize("in_memory", [True, False])
def test_norms_of_float32_are_those_of_float64_but_for_one_rounding(dim, in_memory):
    rng = np.random.default_rng(dim)
    for stored in (np.float32, np.float64):  # of which the first are cast without float64
        points = Points(rng.normal(size=(50, dim)).astype(stored))
        rows = frame_of(points, np.arange(50), np.float32, in_memory=in_memory).taken(slice(None))
        exact = np.square(rows[:, :-2].astype(np.float64)).sum(axis=1)
        assert (np.abs(rows[:, -2] - exact) <= 1.01 * 2.0**-24 * exact).all()


def test_where_norms_are_summed_in_the_precision_of_products_they_are_bounded():
    for dtype, dim in ((np.float32, FUSED), (np.float32, 8), (np.float64, 300)):
        frame = frame_of(Points(np.eye(2, dim)), np.arange(2), dtype)
        assert frame.growth >= (2 * dim + 2) * frame.unit_roundoff


def test_a_block_of_rows_costs_no_list_of_all():
    rows = 300_000
    frame = frame_of(
        Points(np.arange(rows)[:, None] / rows), np.arange(rows), np.float32, in_memory=False
    )
    assert frame.rows is None
    tracemalloc.start()
    block = frame.taken(slice(rows // 2, rows // 2 + 8))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < rows
    assert np.array_equal(block, frame.taken(np.arange(rows // 2, rows // 2 + 8)))

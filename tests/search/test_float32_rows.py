"""Rows cast in float32 alone: what is told of them holds of the float64 rows, or they are not."""

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.core.prepared_points import Points
from embaudit.search import float32_rows as module
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.float32_rows import narrow_rows

RNG = np.random.default_rng(0)
SHAPES = {
    "about 0": RNG.normal(size=(60, 40)),
    "far off": RNG.normal(size=(60, 40)) + 1e6,
    "a narrow cone": RNG.normal(size=(60, 40)) * 0.3 + 1,
    "tiny": RNG.normal(size=(60, 40)) * 1e-11,
    "vanishing": RNG.normal(size=(60, 40)) * 1e-30,
    "huge": RNG.normal(size=(60, 40)) * 1e30,
    "lengths from 1e-20 to 1e20": RNG.normal(size=(60, 40)) * np.logspace(-20, 20, 60)[:, None],
    "one row off": np.vstack((RNG.normal(size=(59, 40)), np.full((1, 40), 1e5))),
}
ASKED = np.arange(60)
GROWTH = 56 * 2.0**-24 / (1 - 56 * 2.0**-24)


def true_rows(points, narrow):
    """The rows of the frame in float64: what the cast ones stand for."""
    return (points.floats(ASKED) - narrow.centre[0]) * narrow.scale


def breaches(points, narrow):
    """What is told of some row and does not hold."""
    true, cast = true_rows(points, narrow), narrow.rows[:, :-2].astype(np.float64)
    lengths = np.linalg.norm(true, axis=1)
    off = np.linalg.norm(cast - true, axis=1)
    spare = 1 + 1e-9
    told = {
        "moved": off <= (module.UNIT * lengths + narrow.moved) * spare,
        "radius": lengths <= narrow.radius * spare,
    }
    return {name for name, holds in told.items() if not holds.all()}


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("name", SHAPES)
def test_what_is_told_of_cast_rows_holds(name, metric, dtype):
    with np.errstate(over="ignore"):
        vectors = SHAPES[name].astype(dtype)
    if not np.isfinite(vectors).all() or not np.abs(vectors).max(axis=1).all():
        pytest.skip("not in this precision")
    points = prepare(vectors, metric, ASKED)
    narrow = narrow_rows(points, ASKED, GROWTH)
    if narrow is not None:
        assert breaches(points, narrow) == set()


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("name", SHAPES)
def test_rows_that_are_not_held_are_known_as_well_and_bound_as_well(name, metric):
    """By definition: the deciding squared distance lies between the ends of every pair."""
    points = prepare(SHAPES[name].astype(np.float32), metric, ASKED)
    held, loose = (narrow_rows(points, ASKED, GROWTH, held=one) for one in (True, False))
    if held is not None:
        assert loose.rows is None
        for known in ("centre", "scale", "radius", "moved"):
            assert np.array_equal(getattr(held, known), getattr(loose, known))
    frame = frame_of(points, ASKED, np.float32, in_memory=False, drawn_in=False)
    assert frame.rows is None
    left, right = (one.ravel() for one in np.meshgrid(ASKED, ASKED, indexing="ij"))
    deciding = points.squared_distances(left, right).reshape(60, 60)
    computed, radius = frame.products(ASKED), frame.radius[:, None]
    assert (frame.lower(computed, radius) <= deciding).all()
    assert (frame.upper(computed, radius) >= deciding).all()


def test_which_rows_float32_alone_can_cast():
    taken = {
        (name, metric): narrow_rows(
            prepare(SHAPES[name].astype(np.float32), metric, ASKED), ASKED, GROWTH
        )
        is not None
        for name in SHAPES
        for metric in ("l2", "cosine")
    }
    assert not taken["vanishing", "l2"]
    assert not taken["huge", "l2"]
    assert not taken["far off", "cosine"]  # one direction: float64 alone tells them apart
    assert taken["about 0", "l2"]
    assert taken["a narrow cone", "l2"]
    assert taken["about 0", "cosine"]
    assert taken["far off", "l2"]


def test_without_its_error_a_cast_row_is_off(monkeypatch):
    points = prepare(SHAPES["a narrow cone"].astype(np.float32), "cosine", ASKED)
    narrow = narrow_rows(points, ASKED, 1.0 / 64)
    assert narrow is not None
    monkeypatch.setattr(module, "UNIT", 0.0)
    assert "moved" in breaches(points, narrow_rows(points, ASKED, 1.0 / 64))


def test_float64_rows_are_cast_by_float64():
    assert narrow_rows(Points(SHAPES["about 0"]), ASKED, GROWTH) is None


def test_sets_of_one_set_have_its_bounds():
    points = prepare(SHAPES["about 0"].astype(np.float32), "l2", ASKED)
    frame = frame_of(points, ASKED, np.float32)
    at = RNG.permutation(60).reshape(12, 5)
    sets = frame.sets(at)
    tiles = sets.products(slice(None), slice(None))
    slack = sets.slack(sets.radius) / np.square(sets.scale)
    for c, rows in enumerate(at):
        left, right = np.repeat(rows, 5), np.tile(rows, 5)
        deciding = points.squared_distances(left, right).reshape(5, 5)
        computed = tiles[c] / float(sets.scale[c, 0]) ** 2
        assert (np.abs(computed - deciding) <= slack[c][:, None] + 1e-5 * deciding).all()

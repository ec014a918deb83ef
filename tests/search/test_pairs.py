"""Figures over all pairs of rows: the diameter, and the isometric error of a given map."""

import math

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import furthest_pair, isometric_error
from tests import oracle
from tests.sets import SETS, crossed, thorough_cases

UNLIMITED = math.inf


def prepared_in_order(name, metric, size=None):
    case = SETS[name](size)
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    return case, data, prepare(data.vectors, metric, data.rows)


def radii(points, centre):
    """Distances to a point, rounded up."""
    return np.linalg.norm(points.floats(slice(None)) - centre, axis=1) * (1 + 1e-12)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_diameter_of_every_set(name, metric):
    case, _, points = prepared_in_order(name, metric)
    true = oracle.diameter(case.vectors, metric)
    radius = radii(points, points.floats(slice(None)).mean(axis=0))
    found = furthest_pair(points, radius, UNLIMITED)
    assert found.exact
    assert found.distance * points.unit == pytest.approx(true, rel=1e-12, abs=0)
    pair = [np.array([row]) for row in found.pair]
    assert points.squared_distances(*pair)[0] == pytest.approx(found.distance**2, rel=1e-12, abs=0)
    frugal = furthest_pair(points, radius, 0)
    slack = 1 + 1e-12
    assert frugal.distance * points.unit <= true * slack
    assert true <= frugal.upper * points.unit * slack


@pytest.mark.parametrize("centre", ["first row", "far away"])
def test_a_bad_centre_costs_time_and_no_truth(centre):
    case, _, points = prepared_in_order("blobs", "l2")
    start = points.floats(slice(0, 1))[0] + (1e3 if centre == "far away" else 0)
    found = furthest_pair(points, radii(points, start), UNLIMITED)
    assert found.exact
    assert found.distance == pytest.approx(oracle.diameter(case.vectors), rel=1e-12)


MAPS = {
    "a point": lambda f, rng: np.zeros_like(f),
    "itself": lambda f, rng: f.copy(),
    "half": lambda f, rng: f / 2,
    "one row moved": lambda f, rng: np.concatenate((2 * f[:1], f[1:])),
    "shuffled": lambda f, rng: f[rng.permutation(len(f))],
}


@pytest.mark.parametrize(("name", "metric", "change"), crossed(MAPS))
def test_isometric_error_of_any_map(name, metric, change):
    # Definition 4. An upper end may be rounded up, never down; rounding is measured against the
    # size of the set, because that is what a distance's own error is made of.
    _, _, points = prepared_in_order(name, metric, min(SETS[name].size, 200))
    f = points.floats(slice(None))
    g = MAPS[change](f, np.random.default_rng(1))
    true = oracle.isometric_distance(f, g)
    found = isometric_error(points, g)
    size = max(oracle.diameter(f), oracle.diameter(g))
    assert true * (1 - 1e-12) <= found <= true + 1e-9 * size + 1e-20 * np.abs(f).max()


def test_isometric_error_across_tiles():
    _, _, points = prepared_in_order("few_large_classes", "l2", 4500)
    f = points.floats(slice(None))
    g = f.copy()
    g[4321] += 5.0
    true = oracle.isometric_distance(f, g)
    assert isometric_error(points, g) == pytest.approx(true, rel=1e-9, abs=0)


@pytest.mark.parametrize("name", ["magnitude_1e-60_float64", "magnitude_1e60_float64"])
def test_isometric_error_of_many_pairs_beyond_the_range_of_float32(name):
    _, _, points = prepared_in_order(name, "l2", 600)
    f = points.floats(slice(None))
    true = oracle.isometric_distance(f, f / 2)
    assert isometric_error(points, f / 2) == pytest.approx(true, rel=1e-6, abs=0)

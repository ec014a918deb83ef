"""Nearest positive beside nearest negative: the ratio and the radius."""

import numpy as np
import pytest

import embaudit
from tests import oracle
from tests.measures.audited import audited, truth
from tests.measures.measured import measured
from tests.measures.test_exact import is_exactly
from tests.sets import thorough_cases

IDS = ["nn_ratio", "certified_radius", "certified_radius_p5"]


def read(vectors, labels, **options):
    return measured(vectors, labels, IDS, **options)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_every_set(name, metric):
    _, _, found = truth(name, metric)
    rounding = 1e-12 * float(found.nearest.max())
    for id, value in oracle.neighbours(found).items():
        is_exactly(audited(name, metric).measures[id], value, abs=rounding if id in IDS[1:] else 0)


def test_known_figures():
    # on a line: A at 0 and 1, B at 3 and 5
    readings = read([[0.0], [1], [3], [5]], list("AABB"))
    # (positive, negative): (1, 3), (1, 2), (2, 2), (2, 4)
    is_exactly(readings["nn_ratio"], np.mean([3 / 4, 2 / 3, 1 / 2, 2 / 3]))
    is_exactly(readings["certified_radius"], np.median([1, 0.5, 0, 1]))
    is_exactly(readings["certified_radius_p5"], np.quantile([1, 0.5, 0, 1], 0.05))


def test_anchors_that_coincide_with_both_are_left_out_and_counted():
    # the first three rows are one point: the two As coincide with a positive and a negative
    vectors = np.array([[0.0], [0], [0], [2], [10], [12]])
    reading = read(vectors, list("AABBCC"))["nn_ratio"]
    # B at 0: (2, 0), B at 2: (2, 2), C at 10: (2, 8), C at 12: (2, 10)
    is_exactly(reading, np.mean([0, 1 / 2, 8 / 10, 10 / 12]))
    assert reading.reason.startswith("2 anchors left out")


def test_a_negative_radius_is_how_wrong_a_neighbour_is():
    readings = read([[0.0], [4], [1], [5]], list("AABB"))
    is_exactly(readings["certified_radius"], (1 - 4) / 2)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_a_move_within_the_radius_changes_no_neighbour(metric):
    rng = np.random.default_rng(2)
    labels = np.arange(60) % 4
    vectors = 2 * rng.normal(size=(4, 3))[labels] + rng.normal(size=(60, 3))
    found = oracle.scan(vectors, labels.tolist(), metric)
    points = vectors if metric == "l2" else oracle.prepared(vectors, metric)[0]
    radii = (np.sqrt(found.d2_nearest_negative) - np.sqrt(found.d2_nearest_positive)) / 2
    radii *= found.unit
    assert (radii > 0).any()
    for row in np.flatnonzero(radii > 0):
        steps = rng.normal(size=(50, 3))
        steps *= 0.999 * radii[row] / np.linalg.norm(steps, axis=1)[:, None]
        distances = np.linalg.norm(points[row] + steps[:, None] - points, axis=2)
        distances[:, row] = np.inf
        assert (labels[distances.argmin(axis=1)] == labels[row]).all()
    readings = embaudit.audit(
        vectors, labels.tolist(), measures=["certified_radius"], metric=metric
    ).measures
    is_exactly(readings["certified_radius"], np.median(radii))

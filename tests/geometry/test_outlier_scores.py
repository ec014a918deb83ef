"""Robust distances to class centres, from their definition."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.core.prepared_points import Points
from embaudit.geometry.outlier_scores import class_tails, distances_to


def tails_by_hand(points, starts, least):
    """Scores class by class, in plain loops: centre of the nearest three quarters, twice."""
    every = []
    for low, high in itertools.pairwise(starts):
        rows, size = points[low:high], high - low
        kept = 2 if size == 3 else math.ceil(0.75 * size)
        centre, chosen = rows.mean(axis=0), None
        for _ in range(2):
            away = [math.dist(row, centre) for row in rows]
            chosen = sorted(range(size), key=lambda i: (away[i], i))[:kept]
            centre = rows[chosen].mean(axis=0)
        away = [math.dist(row, centre) for row in rows]
        for i in chosen if kept > 1 else ():
            away[i] *= kept / (kept - 1)
        ordered = sorted(away)
        middle = ordered[math.ceil(0.5 * size) - 1]
        every.append((away, middle, ordered[math.ceil(0.75 * size) - 1]))
    usual = [a / middle if middle > 0 else 1.0 for away, middle, _ in every for a in away]
    pooled = 2 * (np.quantile(usual, 0.75) - 1)
    scores = []
    for away, middle, upper in every:
        size = len(away)
        told = size if size >= 8 else 0
        tail = (told * 2 * (upper - middle) + 20 * pooled * middle) / (told + 20)
        scores += [(a - middle) / max(tail, least) for a in away]
    return np.array(scores)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=6),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 1e4]),
)
@settings(max_examples=60, deadline=None)
def test_scores_are_those_of_the_definition(sizes, dim, seed, offset):
    rng = np.random.default_rng(seed)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    points = rng.normal(size=(starts[-1], dim)) + offset
    means = np.stack([points[a:b].mean(axis=0) for a, b in itertools.pairwise(starts)])
    found = class_tails(Points(points), starts, means, 1e-3)
    assert np.allclose(found.scores, tails_by_hand(points, starts, 1e-3), rtol=1e-6, atol=1e-6)


def test_a_quarter_of_strangers_does_not_move_the_centre():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(100, 8))
    rows[80:] += 1000
    found = class_tails(Points(rows), np.array([0, 100]), rows.mean(axis=0)[None], 1e-9)
    assert np.linalg.norm(found.centres[0]) < 1.5
    assert found.scores[80:].min() > 100 > found.scores[:80].max()


@pytest.mark.parametrize("dim", [2, 16, 128])
def test_a_normal_class_of_five_has_hardly_a_row_far_off(dim):
    rng = np.random.default_rng(dim)
    starts = np.arange(0, 5001, 5)
    rows = rng.normal(size=(5000, dim))
    means = rows.reshape(1000, 5, dim).mean(axis=1)
    scores = class_tails(Points(rows), starts, means, 1e-9).scores
    assert (scores > 4).mean() < 0.015


def test_equal_rows_have_no_score_but_a_stranger_has():
    rows = np.zeros((9, 2))
    rows[8] = 1e-3
    found = class_tails(Points(rows), np.array([0, 9]), rows[:1], 1e-6)
    assert found.scores[:8].tolist() == [0.0] * 8
    assert found.scores[8] > 1000


def test_distances_go_to_a_centre_for_each_row():
    rows = np.arange(12.0).reshape(4, 3)
    away = distances_to(Points(rows), np.array([3, 0]), np.array([[9.0, 10, 7], [0, 4, 2]]))
    assert away.tolist() == [4.0, 3.0]


def test_a_stranger_among_three_is_far_off_and_among_two_nobody_is():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 32))
    rows[0] += 100
    rows[-2] += 100
    starts = np.array([*range(0, 298, 3), 298, 300])
    means = np.stack([rows[a:b].mean(axis=0) for a, b in itertools.pairwise(starts)])
    scores = class_tails(Points(rows), starts, means, 1e-9).scores
    assert scores[0] > 50
    assert np.abs(scores[-2:]).max() < 1e-9

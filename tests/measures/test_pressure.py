"""collapse_pressure and batch_gap of one given batch, against the full n x n matrix."""

import numpy as np
import pytest

from embaudit.geometry.pressure import BLOCK, batch_pressure
from tests import oracle
from tests.sets import SETS, cases

BATCH = 72


def batch(name, metric):
    case = SETS[name](min(SETS[name].size, 200))
    points, _ = oracle.prepared(case.vectors, metric)
    return points[:BATCH], oracle.class_codes(case.labels)[:BATCH]


@pytest.mark.parametrize("margin", [0.0, 0.2])
@pytest.mark.parametrize(("name", "metric"), cases())
def test_a_batch_of_every_set(name, metric, margin):
    points, codes = batch(name, metric)
    alpha = margin * oracle.rms_pair_distance(points)
    pressure, gap = batch_pressure(points, codes, alpha)
    true_pressure, true_gap = oracle.batch_pressure(points, codes, alpha)
    assert pressure == pytest.approx(true_pressure, abs=1e-6)
    if np.isnan(true_gap):
        assert gap is None
    else:
        assert gap == pytest.approx(true_gap, abs=1e-6)


def test_by_hand():
    # 0, 2 | 1: H = 2 * 2^2 / 2 - 2 * 1 / 1 = 2 > 0, so all of the gradient contracts; the gap is
    # 1 for either anchor, and the mean negative distance is 1.
    assert batch_pressure(np.array([[0.0], [2.0], [1.0]]), np.array([0, 0, 1]), 0.0) == (1.0, 1.0)


def test_nothing_pushes_without_active_anchors():
    points = np.array([[0.0], [1.0], [5.0], [6.0]])
    assert batch_pressure(points, np.array([0, 0, 1, 1]), 0.0)[0] == 0


def test_rigid_motion_and_scale():
    points, codes = batch("blobs", "l2")
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(points.shape[1],) * 2))
    pressure, gap = batch_pressure(points, codes, 0.1)
    moved = batch_pressure(8 * (points @ rotation) + 3, codes, 0.8)
    assert moved == pytest.approx((pressure, gap), abs=1e-9)


def test_a_row_that_stands_for_its_twins_counts_as_all_of_them():
    points, codes = batch("blobs", "l2")
    twice = np.repeat(np.arange(12), [1, 3, 1, 1, 2, 1, 1, 1, 4, 1, 1, 1])
    counts = np.bincount(twice)
    expected = oracle.batch_pressure(points[:12][twice], codes[:12][twice], 0.1)
    assert batch_pressure(points[:12], codes[:12], 0.1, counts) == pytest.approx(expected, abs=1e-9)
    lone = oracle.batch_pressure(points[[0, 0, 40]], np.array([0, 0, 1]), 0.1)
    stands = batch_pressure(points[[0, 40]], np.array([0, 1]), 0.1, np.array([2, 1]))
    assert stands == pytest.approx(lone, abs=1e-9)


def test_a_batch_larger_than_a_block():
    rng = np.random.default_rng(1)
    codes = np.sort(rng.integers(0, 9, BLOCK + 77))
    points = rng.normal(size=(9, 5))[codes] + rng.normal(size=(len(codes), 5))
    pressure, gap = batch_pressure(points, codes, 0.3)
    assert (pressure, gap) == pytest.approx(oracle.batch_pressure(points, codes, 0.3), abs=1e-9)

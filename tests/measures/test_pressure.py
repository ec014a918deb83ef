"""collapse_pressure and batch_gap of one given batch, against the full n x n matrix."""

import numpy as np
import pytest

from embaudit.evidence.batch_pressure_estimate import ends_of_gap, largest_radius
from embaudit.geometry.batch_pressure import BLOCK, batch_losses, batch_pressures
from embaudit.geometry.batch_shapes import drawing
from tests import oracle
from tests.sets import SETS, thorough_cases

BATCH = 72


def alone(vectors, codes, margin, counts=None):
    """One batch, as one of many."""
    counts = np.ones_like(codes) if counts is None else counts
    return vectors[None], codes[None], margin, counts[None]


def batch_pressure(*batch):
    return batch_pressures(*alone(*batch))[0]


def batch(name, metric):
    case = SETS[name](min(SETS[name].size, 200))
    points, _ = oracle.prepared(case.vectors, metric)
    return points[:BATCH], oracle.class_codes(case.labels)[:BATCH]


@pytest.mark.parametrize("margin", [0.0, 0.2])
@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_a_batch_of_every_set(name, metric, margin):
    points, codes = batch(name, metric)
    alpha = margin * oracle.rms_pair_distance(points)
    pressure, gap, loss = batch_pressure(points, codes, alpha)
    true_pressure, true_gap = oracle.batch_pressure(points, codes, alpha)
    assert pressure == pytest.approx(true_pressure, abs=1e-6)
    if np.isnan(true_gap):
        assert gap is None
    else:
        assert gap == pytest.approx(true_gap, abs=1e-6)
    assert loss == pytest.approx(oracle.batch_loss(points, codes, alpha), abs=1e-9, rel=1e-9)
    assert batch_losses(*alone(points, codes, alpha))[0] == loss


def test_by_hand():
    # 0, 2 | 1: H = 2 * 2^2 / 2 - 2 * 1 / 1 = 2 > 0, so all of the gradient contracts; the gap is
    # 1 for either anchor, the mean negative distance is 1, and so is the loss.
    found = batch_pressure(np.array([[0.0], [2.0], [1.0]]), np.array([0, 0, 1]), 0.0)
    assert found == (1.0, 1.0, 1.0)


def test_nothing_pushes_without_active_anchors():
    points = np.array([[0.0], [1.0], [5.0], [6.0]])
    assert batch_pressure(points, np.array([0, 0, 1, 1]), 0.0)[0] == 0


def test_rigid_motion_and_scale():
    points, codes = batch("blobs", "l2")
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(points.shape[1],) * 2))
    pressure, gap, _ = batch_pressure(points, codes, 0.1)
    moved = batch_pressure(8 * (points @ rotation) + 3, codes, 0.8)[:2]
    assert moved == pytest.approx((pressure, gap), abs=1e-9)


def test_a_row_that_stands_for_its_twins_counts_as_all_of_them():
    points, codes = batch("blobs", "l2")
    twice = np.repeat(np.arange(12), [1, 3, 1, 1, 2, 1, 1, 1, 4, 1, 1, 1])
    counts = np.bincount(twice)
    expected = oracle.batch_pressure(points[:12][twice], codes[:12][twice], 0.1)
    found = batch_pressure(points[:12], codes[:12], 0.1, counts)
    assert found[:2] == pytest.approx(expected, abs=1e-9)
    loss = oracle.batch_loss(points[:12][twice], codes[:12][twice], 0.1)
    assert found.loss == pytest.approx(loss, abs=1e-9)
    lone = oracle.batch_pressure(points[[0, 0, 40]], np.array([0, 0, 1]), 0.1)
    stands = batch_pressure(points[[0, 40]], np.array([0, 1]), 0.1, np.array([2, 1]))
    assert stands[:2] == pytest.approx(lone, abs=1e-9)


def test_a_batch_larger_than_a_block():
    rng = np.random.default_rng(1)
    codes = np.sort(rng.integers(0, 9, BLOCK + 77))
    points = rng.normal(size=(9, 5))[codes] + rng.normal(size=(len(codes), 5))
    pressure, gap, _ = batch_pressure(points, codes, 0.3)
    assert (pressure, gap) == pytest.approx(oracle.batch_pressure(points, codes, 0.3), abs=1e-9)


def near_and_far(tiny):
    """Three classes in 40 dimensions, the last two so near each other, the first 1e4 off."""
    codes = np.repeat([0, 1, 2], 5)
    points = tiny * np.random.default_rng(5).normal(size=(15, 40))
    points[codes == 0, 0] += 1e4
    return points, codes


@pytest.mark.parametrize("tiny", [1.0, 1e-6, 1e-9, 1e-12, 1e-20])
def test_short_distances_amid_long_ones(tiny):
    points, codes = near_and_far(tiny)
    expected = oracle.batch_pressure(points, codes, 0.0)
    assert batch_pressure(points, codes, 0.0)[:2] == pytest.approx(expected, abs=1e-6)


def test_batches_together_are_as_alone():
    alone = [near_and_far(tiny) for tiny in (1.0, 1e-6, 1e-12, 1e-20)]
    vectors, codes = (np.stack(each) for each in zip(*alone, strict=True))
    together = batch_pressures(vectors, codes, 0.5, np.ones_like(codes))
    for found, (points, labels) in zip(together, alone, strict=True):
        assert found == pytest.approx(batch_pressure(points, labels, 0.5), abs=1e-12)


@pytest.mark.parametrize("sizes", [[4] * 6, [3, 5, 9, 2], [2, 40], [30] * 3])
@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (2, 8)])
def test_gap_and_loss_of_a_batch_lie_where_they_can(sizes, shape):
    rng, margin = np.random.default_rng(7), 0.3
    starts = np.concatenate(([0], np.cumsum(sizes)))
    codes = np.repeat(np.arange(len(sizes)), sizes)
    points = rng.standard_t(1, size=(len(codes), 2))  # some rows are far off
    radii = np.array(
        [
            np.linalg.norm(points[codes == c] - points[codes == c].mean(axis=0), axis=1).max()
            for c in range(len(sizes))
        ]
    )
    low, high = ends_of_gap(np.array(sizes), shape)
    most = margin + 2 * largest_radius(np.array(sizes), radii, shape)
    draw = drawing(starts, shape)
    for _ in range(200):
        rows = draw(rng)
        found = batch_pressure(points[rows], codes[rows], margin)
        assert low <= found.gap <= high
        assert found.loss <= most

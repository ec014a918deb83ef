"""How little any separated map can move the rows, proven from the pairs that press hardest.

Take weights for triplets (x, p, n), with sum 1, and any rows h = f + u. If g = f + v moves no row
by more than delta, the weighted sum of |g_x - g_p| - |g_x - g_n| is at least

    V + sum over rows of G_i (v_i - u_i) - m_i |v_i - u_i|^2

with V and G its value and gradient at h, and m_i the sum of w / |h_x - h_n| over the negatives
that row i takes part in: a distance is above its tangent and below s / 2 + |.|^2 / (2 s) for any s,
and |a - b|^2 <= 2 |a|^2 + 2 |b|^2. With |v_i| <= delta that is at least C - B delta - A delta^2. As
long as it is positive, some triplet is violated, whatever g. Heavy triplets at rows where a descent
got stuck make it strong.
"""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats, Rows

DOUBT = 1e-11  # of the reach of the rows: more than rounding takes
SHORT = 1e-9  # of the reach: a distance below it is not divided by


@dataclass(frozen=True)
class Weighted:
    """Pairs with weights, (m,) each: an anchor, a positive or negative of it, what they count."""

    anchors: Rows
    others: Rows
    weights: Floats


def least_move_proven(
    rows: Floats, moved: Floats, positives: Weighted, negatives: Weighted
) -> float:
    """A lower bound on sup |f - g| over all triplet-separated g; rows f and h: (N, n) float64.

    An anchor counts with the sum of its positives' weights; its negatives are scaled to that.
    """
    size, reach = len(rows), float(np.abs(rows).max() + np.abs(moved).max()) * rows.shape[1] ** 0.5
    pull, push = _balanced(size, positives, negatives)
    if not pull.any():
        return 0.0
    near = moved[positives.anchors] - moved[positives.others]
    length = np.sqrt(np.square(near).sum(axis=1))
    along = near / np.maximum(length, SHORT * reach)[:, None] * (1 - 1e-12)
    far = moved[negatives.anchors] - moved[negatives.others]
    span = np.maximum(np.sqrt(np.square(far).sum(axis=1)), SHORT * reach)

    value = pull @ (along * near).sum(axis=1)
    value -= push @ (span / 2 + np.square(far).sum(axis=1) / (2 * span))
    slope = _scattered(size, positives, pull[:, None] * along)
    slope -= _scattered(size, negatives, (push / span)[:, None] * far)
    curve = push / span  # twice w / (2 s)
    bend = np.bincount(negatives.anchors, curve, size) + np.bincount(negatives.others, curve, size)

    move = moved - rows
    constant = value - (slope * move).sum() - bend @ np.square(move).sum(axis=1) - DOUBT * reach
    linear = float(np.sqrt(np.square(slope + 2 * bend[:, None] * move).sum(axis=1)).sum())
    if constant <= 0:
        return 0.0
    root = linear + np.sqrt(linear**2 + 4 * bend.sum() * constant)
    return float(2 * constant / root * (1 - 1e-12))


def _balanced(size: int, positives: Weighted, negatives: Weighted) -> tuple[Floats, Floats]:
    """Weights of pairs such that an anchor's positives count as its negatives do, 1 in all."""
    pulled = np.bincount(positives.anchors, positives.weights, size)
    pushed = np.bincount(negatives.anchors, negatives.weights, size)
    counted = np.where(pushed > 0, pulled, 0)
    total = max(float(counted.sum()), np.finfo(float).tiny)
    pull = np.where(pushed[positives.anchors] > 0, positives.weights, 0) / total
    share = np.divide(counted, pushed, out=np.zeros(size), where=pushed > 0)
    push = negatives.weights * share[negatives.anchors] / total
    return pull, push


def _scattered(size: int, pairs: Weighted, vectors: Floats) -> Floats:
    """Each vector added to its anchor and taken from the other row, (N, n)."""
    out = np.zeros((size, vectors.shape[1]))
    np.add.at(out, pairs.anchors, vectors)
    np.subtract.at(out, pairs.others, vectors)
    return out

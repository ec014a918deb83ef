"""What batch-hard mining would do next: does its gradient contract the embedding or spread it?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embaudit.space import Floats, Points, Rows

BLOCK = 256  # anchors that are compared with the batch at a time


class BatchFigures(NamedTuple):
    """Of one batch; gap: None where all negatives coincide with their anchors."""

    pressure: float
    gap: float | None
    loss: float


def batch_pressure(
    vectors: Floats, codes: Rows, margin: float, counts: Rows | None = None
) -> BatchFigures:
    """Collapse pressure, batch gap and loss of one batch: vectors (B, n), class codes (B,).

    With the hardest positive p and negative n of each anchor a in the batch,
    H = sum over anchors with margin + F - M > 0 of (a-p)(a-p)^T / F - (a-n)(a-n)^T / M.
    Pressure: tr H+ / (tr H+ + tr H-), 0 if nothing pushes. Gap: mean of F - M over the mean
    negative distance, None where all negatives coincide with their anchors. Loss: mean of
    max(F - M + margin, 0). counts: (B,) how many equal rows of its class each vector stands for, by
    default one.
    """
    counts = np.ones_like(codes) if counts is None else counts
    p, f, n, m, spread = _hardest_of_each(vectors, codes, counts)
    usable = (p >= 0) & (n >= 0)
    anchors = counts[usable]
    gap = None
    if spread > 0 and usable.any():
        gap = float((anchors * (f - m)[usable]).sum() / anchors.sum() / spread)

    active = usable & (margin + np.where(usable, f - m, 0) > 0)
    pull = _directions(vectors, active & (f > 0), p, f, counts)
    push = _directions(vectors, active & (m > 0), n, m, counts)
    contract, expand = _signed_traces(pull, push)
    total = contract + expand
    loss = _loss(f - m, margin, usable, counts)
    return BatchFigures(contract / total if total > 0 else 0.0, gap, loss)


def batch_loss(vectors: Floats, codes: Rows, margin: float, counts: Rows | None = None) -> float:
    """The loss of `batch_pressure` alone."""
    counts = np.ones_like(codes) if counts is None else counts
    p, f, n, m, _ = _hardest_of_each(vectors, codes, counts)
    return _loss(f - m, margin, (p >= 0) & (n >= 0), counts)


def _loss(gaps: Floats, margin: float, usable: NDArray[np.bool_], counts: Rows) -> float:
    """Mean over the usable anchors, 0 without any."""
    anchors = counts[usable]
    if not len(anchors):
        return 0.0
    return float((anchors * np.maximum(gaps[usable] + margin, 0)).sum() / anchors.sum())


def _hardest_of_each(
    vectors: Floats, codes: Rows, counts: Rows
) -> tuple[Rows, Floats, Rows, Floats, float]:
    """Furthest positive and nearest negative of each row, (B,) with distances; -1 for none.

    And the mean distance of pairs of different classes, 0 without any. A row that stands for
    several is at distance 0 from its twins.
    """
    size = len(vectors)
    moved = vectors - vectors[0]  # so that equal rows are exactly 0 apart
    squares = np.square(moved).sum(axis=1)
    doubt = 8 * (vectors.shape[1] + 16) * 2.0**-53 * float(squares.max())
    p, n = np.full(size, -1), np.full(size, -1)
    f, m = np.zeros(size), np.zeros(size)
    total = 0.0
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        squared: Floats = squares[part, None] + squares - 2 * moved[part] @ moved.T
        same = codes[part, None] == codes
        apart = np.sqrt(np.where(same, 0, np.maximum(squared, 0)))
        total += float(counts[part] @ (apart @ counts))
        n[part], m[part] = _extreme(vectors, start, np.where(same, np.inf, squared), doubt)
        same[np.arange(len(same)), np.arange(part.start, part.stop)] = False
        p[part], f[part] = _extreme(
            vectors, start, np.where(same, -squared, np.inf), doubt, furthest=True
        )
    twins = (p < 0) & (counts > 1)
    p[twins] = np.flatnonzero(twins)
    pairs = counts.sum() ** 2 - np.square(np.bincount(codes, counts)).sum()
    return p, f, n, m, total / pairs if pairs else 0.0


def _extreme(
    vectors: Floats, start: int, score: Floats, doubt: float, *, furthest: bool = False
) -> tuple[Rows, Floats]:
    """For each of q rows from `start` on the one of least score (q, B), and its distance.

    inf is no candidate: -1 where there is no other. What the doubt in the score leaves open is
    decided by direct differences, ties to the first.
    """
    limit = score.min(axis=1) + 2 * doubt
    limit[np.isinf(limit)] = -np.inf
    rows, columns = np.divmod(np.flatnonzero(score <= limit[:, None]), score.shape[1])
    exact = Points(vectors, 1.0).squared_distances(start + rows, columns)
    order = np.lexsort((columns, -exact if furthest else exact, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    best, distance = np.full(len(score), -1), np.zeros(len(score))
    best[rows[first]], distance[rows[first]] = columns[first], np.sqrt(exact[first])
    return best, distance


def _directions(
    vectors: Floats, chosen: NDArray[np.bool_], other: Rows, distance: Floats, counts: Rows
) -> Floats:
    """(a - other) / sqrt(distance) for the chosen anchors, (k, n): rows of a square root of H."""
    rows = np.flatnonzero(chosen)
    weights = np.sqrt(counts[rows] / distance[rows])
    towards: Floats = (vectors[rows] - vectors[other[rows]]) * weights[:, None]
    return towards


def _signed_traces(pull: Floats, push: Floats) -> tuple[float, float]:
    """Sums of the positive and of the negative eigenvalues of pull^T pull - push^T push.

    With more dimensions than terms the eigenvalues are found in the terms' own span.
    """
    stacked = np.concatenate((pull, push))
    if len(stacked) == 0:
        return 0.0, 0.0
    signs = np.repeat([1.0, -1.0], [len(pull), len(push)])
    if len(stacked) < stacked.shape[1]:
        stacked = np.linalg.qr(stacked.T)[1].T
    values = np.linalg.eigvalsh((stacked * signs[:, None]).T @ stacked)
    return float(values[values > 0].sum()), float(-values[values < 0].sum())

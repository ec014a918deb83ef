"""What batch-hard mining would do next: does its gradient contract the embedding or spread it?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Floats, Points, Rows

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
    return batch_pressures(*_alone(vectors, codes, margin, counts))[0]


def batch_loss(vectors: Floats, codes: Rows, margin: float, counts: Rows | None = None) -> float:
    """The loss of `batch_pressure` alone."""
    return batch_losses(*_alone(vectors, codes, margin, counts))[0]


def batch_pressures(
    vectors: Floats, codes: Rows, margin: float, counts: Rows
) -> list[BatchFigures]:
    """`batch_pressure` of A batches at once: vectors (A, B, n), codes and counts (A, B)."""
    p, f, n, m, spreads = _hardest_of_each(vectors, codes, counts)
    return [
        _figures(vectors[k], counts[k], p[k], f[k], n[k], m[k], spreads[k], margin)
        for k in range(len(vectors))
    ]


def batch_losses(vectors: Floats, codes: Rows, margin: float, counts: Rows) -> list[float]:
    """The losses of `batch_pressures` alone."""
    p, f, n, m, _ = _hardest_of_each(vectors, codes, counts)
    usable = (p >= 0) & (n >= 0)
    return [_loss(*one, margin) for one in zip(f - m, usable, counts, strict=True)]


def _alone(
    vectors: Floats, codes: Rows, margin: float, counts: Rows | None
) -> tuple[Floats, Rows, float, Rows]:
    counts = np.ones_like(codes) if counts is None else counts
    return vectors[None], codes[None], margin, counts[None]


def _figures(
    vectors: Floats,
    counts: Rows,
    p: Rows,
    f: Floats,
    n: Rows,
    m: Floats,
    spread: float,
    margin: float,
) -> BatchFigures:
    """Of one batch, from the hardest rows of each of its anchors."""
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
    loss = _loss(f - m, usable, counts, margin)
    return BatchFigures(contract / total if total > 0 else 0.0, gap, loss)


def _loss(gaps: Floats, usable: NDArray[np.bool_], counts: Rows, margin: float) -> float:
    """Mean over the usable anchors, 0 without any."""
    anchors = counts[usable]
    if not len(anchors):
        return 0.0
    return float((anchors * np.maximum(gaps[usable] + margin, 0)).sum() / anchors.sum())


def _hardest_of_each(
    vectors: Floats, codes: Rows, counts: Rows
) -> tuple[Rows, Floats, Rows, Floats, list[float]]:
    """Furthest positive and nearest negative of each row, (A, B) with distances; -1 for none.

    And of each batch the mean distance of pairs of different classes, 0 without any. A row that
    stands for several is at distance 0 from its twins.
    """
    batches, size, dim = vectors.shape
    moved = vectors - vectors[:, :1]  # so that equal rows are exactly 0 apart
    squares = np.square(moved).sum(axis=2)
    doubt = 8 * (dim + 16) * 2.0**-53 * squares.max(axis=1)
    p, n = np.full((batches, size), -1), np.full((batches, size), -1)
    f, m = np.zeros((batches, size)), np.zeros((batches, size))
    totals = np.zeros(batches)
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        products = 2 * moved[:, part] @ moved.swapaxes(1, 2)
        squared: Floats = squares[:, part, None] + squares[:, None] - products
        same = codes[:, part, None] == codes[:, None]
        apart = np.sqrt(np.where(same, 0, np.maximum(squared, 0)))
        totals += [float(c[part] @ (one @ c)) for one, c in zip(apart, counts, strict=True)]
        n[:, part], m[:, part] = _extreme(vectors, start, np.where(same, np.inf, squared), doubt)
        same[:, np.arange(same.shape[1]), np.arange(part.start, part.stop)] = False
        p[:, part], f[:, part] = _extreme(
            vectors, start, np.where(same, -squared, np.inf), doubt, furthest=True
        )
    twins = (p < 0) & (counts > 1)
    p[twins] = np.nonzero(twins)[1]
    spreads = [_mean(*one) for one in zip(totals.tolist(), codes, counts, strict=True)]
    return p, f, n, m, spreads


def _mean(total: float, codes: Rows, counts: Rows) -> float:
    """Of what sums up to that, over pairs of rows of different classes."""
    pairs = counts.sum() ** 2 - np.square(np.bincount(codes, counts)).sum()
    return total / pairs if pairs else 0.0


def _extreme(
    vectors: Floats, start: int, score: Floats, doubt: Floats, *, furthest: bool = False
) -> tuple[Rows, Floats]:
    """For each of q rows of a batch, from `start` on, the one of least score, and its distance.

    score: (A, q, B); doubt: (A,); both found are (A, q). inf is no candidate: -1 where there is no
    other. What the doubt in the score leaves open is decided by direct differences, ties to the
    first.
    """
    batches, q, size = score.shape
    limit = score.min(axis=2) + 2 * doubt[:, None]
    limit[np.isinf(limit)] = -np.inf
    rows, columns = np.divmod(np.flatnonzero(score <= limit[:, :, None]), size)
    batch, row = np.divmod(rows, q)
    every = Points(vectors.reshape(batches * size, -1), 1.0)
    exact = every.squared_distances(batch * size + start + row, batch * size + columns)
    order = np.lexsort((columns, -exact if furthest else exact, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    best, distance = np.full(batches * q, -1), np.zeros(batches * q)
    best[rows[first]], distance[rows[first]] = columns[first], np.sqrt(exact[first])
    return best.reshape(batches, q), distance.reshape(batches, q)


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

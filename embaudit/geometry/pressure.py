"""What batch-hard mining would do next: does its gradient contract the embedding or spread it?"""

import numpy as np
from numpy.typing import NDArray

from embaudit.space import Floats, Rows


def batch_pressure(vectors: Floats, codes: Rows, margin: float) -> tuple[float, float | None]:
    """Collapse pressure and batch gap of one batch: vectors (B, n), class codes (B,).

    With the hardest positive p and negative n of each anchor a in the batch,
    H = sum over anchors with margin + F - M > 0 of (a-p)(a-p)^T / F - (a-n)(a-n)^T / M.
    Pressure: tr H+ / (tr H+ + tr H-), 0 if nothing pushes. Gap: mean of F - M over the mean
    negative distance, None where all negatives coincide with their anchors.
    """
    distances = _distances(vectors)
    same = codes[:, None] == codes
    anchors = np.arange(len(codes))
    positive = np.where(same, distances, -np.inf)
    positive[anchors, anchors] = -np.inf
    negative = np.where(same, np.inf, distances)
    p, n = positive.argmax(axis=1), negative.argmin(axis=1)
    f, m = positive[anchors, p], negative[anchors, n]
    usable = np.isfinite(f) & np.isfinite(m)
    spread = distances[~same].mean() if (~same).any() else 0.0
    gap = float((f - m)[usable].mean() / spread) if spread > 0 and usable.any() else None

    active = usable & (margin + np.where(usable, f - m, 0) > 0)
    pull = _directions(vectors, active & (f > 0), p, f)
    push = _directions(vectors, active & (m > 0), n, m)
    contract, expand = _signed_traces(pull, push)
    total = contract + expand
    return (contract / total if total > 0 else 0.0), gap


def _distances(vectors: Floats) -> Floats:
    """Pairwise distances (B, B); about the batch's own mean, so that an offset costs no digits."""
    moved = vectors - vectors.mean(axis=0)
    squares = np.square(moved).sum(axis=1)
    squared = squares[:, None] + squares - 2 * moved @ moved.T
    distances: Floats = np.sqrt(np.maximum(squared, 0))
    return distances


def _directions(
    vectors: Floats, chosen: NDArray[np.bool_], other: NDArray[np.int64], distance: Floats
) -> Floats:
    """(a - other) / sqrt(distance) for the chosen anchors, (k, n): rows of a square root of H."""
    rows = np.flatnonzero(chosen)
    towards: Floats = (vectors[rows] - vectors[other[rows]]) / np.sqrt(distance[rows])[:, None]
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

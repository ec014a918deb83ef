"""What batch-hard mining would do next: does its gradient contract the embedding or spread it?"""

import numpy as np
from numpy.typing import NDArray

from embaudit.space import Floats, Points, Rows


def batch_pressure(vectors: Floats, codes: Rows, margin: float) -> tuple[float, float | None]:
    """Collapse pressure and batch gap of one batch: vectors (B, n), class codes (B,).

    With the hardest positive p and negative n of each anchor a in the batch,
    H = sum over anchors with margin + F - M > 0 of (a-p)(a-p)^T / F - (a-n)(a-n)^T / M.
    Pressure: tr H+ / (tr H+ + tr H-), 0 if nothing pushes. Gap: mean of F - M over the mean
    negative distance, None where all negatives coincide with their anchors.
    """
    squared, doubt = _squared_distances(vectors)
    same = codes[:, None] == codes
    other = ~np.eye(len(codes), dtype=bool)
    p, f = _hardest(vectors, squared, same & other, doubt, furthest=True)
    n, m = _hardest(vectors, squared, ~same, doubt)
    usable = (p >= 0) & (n >= 0)
    spread = np.sqrt(np.maximum(squared[~same], 0)).mean() if (~same).any() else 0.0
    gap = float((f - m)[usable].mean() / spread) if spread > 0 and usable.any() else None

    active = usable & (margin + np.where(usable, f - m, 0) > 0)
    pull = _directions(vectors, active & (f > 0), p, f)
    push = _directions(vectors, active & (m > 0), n, m)
    contract, expand = _signed_traces(pull, push)
    total = contract + expand
    return (contract / total if total > 0 else 0.0), gap


def _squared_distances(vectors: Floats) -> tuple[Floats, float]:
    """Pairwise squared distances (B, B), about a row, and their rounding error."""
    moved = vectors - vectors[0]  # so that equal rows are exactly 0 apart
    squares = np.square(moved).sum(axis=1)
    squared: Floats = squares[:, None] + squares - 2 * moved @ moved.T
    return squared, 8 * (vectors.shape[1] + 16) * 2.0**-53 * float(squares.max())


def _hardest(
    vectors: Floats,
    squared: Floats,
    allowed: NDArray[np.bool_],
    doubt: float,
    *,
    furthest: bool = False,
) -> tuple[Rows, Floats]:
    """For each row the nearest (or furthest) allowed one, (B,), and its distance; -1 for none.

    What the doubt in `squared` leaves open is decided by direct differences, ties to the first.
    """
    score = np.where(allowed, squared if furthest else -squared, -np.inf)
    rows, columns = np.nonzero(allowed & (score >= score.max(axis=1)[:, None] - 2 * doubt))
    exact = Points(vectors, 1.0).squared_distances(rows, columns)
    order = np.lexsort((columns, -exact if furthest else exact, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    best, distance = np.full(len(vectors), -1), np.zeros(len(vectors))
    best[rows[first]], distance[rows[first]] = columns[first], np.sqrt(exact[first])
    return best, distance


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

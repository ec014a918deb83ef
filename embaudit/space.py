"""The metric, decided once: rows are prepared, and from then on every distance is Euclidean.

Cosine is a preparation, not a second metric: rows are normalised in float64 and the chord
|x - y| = sqrt(2 - 2 cos) obeys the triangle inequality that all bounds need.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embaudit.errors import InputRefused

Metric = Literal["l2", "cosine"]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

CHUNK = 512  # pairs at a time: the transposed block stays in the second-level cache
SAFE = (1e-100, 1e100)  # squares of values in between neither overflow nor vanish in float64


@dataclass(frozen=True)
class Points:
    """Prepared rows, (N, n). A distance between them times `unit` is in the user's units.

    l2 keeps the stored dtype; cosine holds float64 unit vectors.
    """

    vectors: NDArray[Any]
    unit: float

    @property
    def size(self) -> int:
        """N, the number of rows."""
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """n, the number of dimensions."""
        return int(self.vectors.shape[1])

    def floats(self, rows: Rows | slice) -> Floats:
        """The chosen rows as float64, exactly as stored."""
        return self.vectors[rows].astype(np.float64)

    def squared_distances(self, left: Rows, right: Rows) -> Floats:
        """Squared distances of m pairs of rows, (m,)."""
        out = np.empty(len(left))
        for start in range(0, len(left), CHUNK):
            part = slice(start, start + CHUNK)
            out[part] = squared_distance(self.floats(left[part]), self.floats(right[part]))
        return out


def squared_distance(x: Floats, y: Floats) -> Floats:
    """*The* squared distance: the float64 sum of (x_i - y_i)^2 in stored order, (m, n) -> (m,).

    Every decision compares values of this function, so that "the float64 answer" has one meaning:
    `cumsum` adds strictly from left to right, whatever the shape, the memory layout or the
    processor, where `sum` and `einsum` regroup.
    """
    difference = x - y
    difference *= difference
    total: Floats = np.cumsum(difference, axis=1)[:, -1]
    return total


def prepare(vectors: NDArray[Any], metric: Metric, rows: Rows) -> Points:
    """Points of a metric from stored vectors (N, n); `rows` are their input rows, for messages.

    Raises InputRefused for zero vectors under cosine, which have no direction.
    """
    largest = max(abs(float(vectors.max())), abs(float(vectors.min())))
    exponent = 0
    if largest and not SAFE[0] < largest < SAFE[1]:
        exponent = math.frexp(largest)[1]  # an exact power of two changes no decision
        vectors = np.ldexp(vectors.astype(np.float64), -exponent)
    if metric == "l2":
        return Points(vectors, math.ldexp(1.0, exponent))
    return Points(_normalised(vectors, rows), 1.0)


def _normalised(vectors: NDArray[Any], rows: Rows) -> Floats:
    unit = np.empty(vectors.shape, dtype=np.float64)
    zero: list[int] = []
    for start in range(0, len(vectors), CHUNK):
        block = vectors[start : start + CHUNK].astype(np.float64)
        # by its own largest value first: squares of tiny rows must not vanish
        largest = np.abs(block).max(axis=1)
        zero += rows[start + np.flatnonzero(largest == 0)].tolist()
        scale = np.ldexp(1.0, np.frexp(largest)[1])
        with np.errstate(invalid="ignore", divide="ignore"):
            block = block / scale[:, None]
            norm = np.sqrt(squared_distance(block, np.zeros_like(block)))
            unit[start : start + CHUNK] = block / norm[:, None]
    if zero:
        shown = ", ".join(map(str, sorted(zero)[:5])) + (", ..." if len(zero) > 5 else "")
        raise InputRefused(
            f"embeddings: {len(zero)} zero vectors have no direction under cosine (rows {shown}).",
            "Remove these rows, or use --metric l2.",
        )
    return unit

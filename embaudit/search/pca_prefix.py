"""A cheaper bound: the leading principal coordinates of each row, and the length of the rest.

|x - y|^2 >= |Px - Py|^2 + (|x_rest| - |y_rest|)^2, itself a squared Euclidean distance in m + 1
dimensions. Trained embeddings often hold 99 % of their variance in a fifth of their dimensions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import CHUNK, Floats, Rows
from embaudit.search.error_bounds import Frame

PROBED = 64  # anchors whose nearest negatives say how precise a bound must be
DRAWN = 2048  # rows from which the axes are found: any orthonormal ones are right
PRECISE = 0.1  # of a nearest negative's squared distance may be left to the rest
STEP = 8  # of widths
WIDEST = 0.25  # participation ratio, in dimensions, beyond which no narrow prefix can do
TILE = 8192  # rows that these look at together
EVERY = slice(None)


@dataclass(frozen=True)
class PcaPrefix(Frame):
    """A frame of the rows' first m principal coordinates, and one for the length of the rest.

    Its computed values bound distances from below only. basis: (n, m), orthonormal up to `lean`.
    """

    basis: Floats
    lean: float

    @property
    def width(self) -> int:
        """m, the coordinates that are kept."""
        return int(self.basis.shape[1])

    def taken(self, part: slice | Rows) -> NDArray[np.float32]:
        """Some of the rows, (p, m + 3)."""
        if self.rows is not None:
            return self.rows[part]
        rest = self.cloud.floats(part)
        block = np.empty((len(rest), self.width + 1))
        leading = np.matmul(rest, self.basis, out=block[:, :-1])
        rest -= leading @ self.basis.T
        np.sqrt(np.einsum("ij,ij->i", rest, rest), out=block[:, -1])
        return self._extended(block)

    def cast(self, radius: Floats) -> Floats:
        """As for any frame, and what the turn to principal axes can have changed."""
        return super().cast(radius) + self.lean * (radius + self.reach)

    def upper(self, computed: NDArray[np.float32], radius: Floats) -> Floats:
        """None exists."""
        raise AssertionError("a prefix bounds from below only")

    def far(self, squared: Floats, radius: Floats) -> NDArray[np.float32]:
        """None exists."""
        raise AssertionError("a prefix bounds from below only")


def prefix_of(
    frame: Frame, codes: Rows, anchors: slice = EVERY, others: slice = EVERY
) -> PcaPrefix | None:
    """A prefix that bounds nearly as sharply as the frame, None where none is much narrower.

    codes: (M,) the class of each row. anchors, others: which rows are compared with which. What
    two rows' rests differ by is missing from the bound: twice their mean square, if they are
    unrelated. It is compared with the distance of nearest negatives of a few anchors, evenly
    spaced.
    """
    size, dim = frame.cloud.size, frame.cloud.points.dim
    if size < DRAWN or dim < 4 * STEP:
        return None
    sample = frame.cloud.floats(_evenly(size, DRAWN))
    wide = dim > DRAWN  # then products of rows are the smaller matrix, with the same variances
    scatter = (sample @ sample.T if wide else sample.T @ sample) / DRAWN
    spread = float(np.trace(scatter))
    if spread**2 > WIDEST * dim * float(np.square(scatter).sum()):
        return None
    nearest = _nearest(frame, codes, np.arange(size)[anchors], np.arange(size)[others])
    values, vectors = np.linalg.eigh(scatter)
    rest = np.maximum(spread - np.cumsum(values[::-1]), 0)
    enough = np.flatnonzero(2 * rest <= PRECISE * nearest)
    width = max(1, -(-int(enough[0] + 1) // STEP) * STEP - 1) if len(enough) else dim
    if width > min(dim, DRAWN) // 2:
        return None
    axes = vectors[:, : -width - 1 : -1]
    basis = np.linalg.qr(sample.T @ axes)[0] if wide else np.ascontiguousarray(axes)
    skew = float(np.abs(basis.T @ basis - np.eye(width)).sum(axis=1).max())
    lean = skew + 16 * dim**1.5 * 2.0**-53
    loose = PcaPrefix(frame.cloud, np.float32, None, basis=basis, lean=lean)
    return loose if frame.rows is None else _held(loose)


def _nearest(frame: Frame, codes: Rows, anchors: Rows, others: Rows) -> float:
    """The median computed squared distance of a few anchors to their nearest negatives."""
    chosen = anchors[_evenly(len(anchors), PROBED)]
    taken, nearest = frame.taken(chosen), np.full(len(chosen), np.inf, dtype=np.float32)
    for start in range(int(others[0]), int(others[-1]) + 1, TILE):
        part = slice(start, min(start + TILE, int(others[-1]) + 1))
        computed = frame.between(taken, part)
        computed[codes[chosen][:, None] == codes[part]] = np.inf
        np.minimum(nearest, computed.min(axis=1), out=nearest)
    return float(np.median(nearest))


def _evenly(size: int, amount: int) -> Rows:
    return np.linspace(0, size - 1, amount).astype(np.int64)


def _held(loose: PcaPrefix) -> PcaPrefix:
    rows = np.empty((loose.cloud.size, loose.width + 3), dtype=np.float32)
    for start in range(0, loose.cloud.size, CHUNK):
        part = slice(start, start + CHUNK)
        rows[part] = loose.taken(part)
    return PcaPrefix(loose.cloud, np.float32, rows, basis=loose.basis, lean=loose.lean)

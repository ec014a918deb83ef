"""Rows as the quantiser sees them: about their median, in units of their median length, float32.

Nothing is decided by them, so few rows of extreme lengths are clipped rather than cared for.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Floats, Points, Rows
from embaudit.search.deduplicated import Deduplicated, row_hashes

SAMPLE = 4096  # rows whose median the centre is
CLIPPED = 1024.0  # median lengths: where values of rows that lie further off are put
SINGLE = (1e-30, 1e30)  # scales and centres that float32 holds, and their products with rows

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Placement:
    """Where rows are seen from: centre (n,), and the reciprocal of a median row's distance."""

    centre: Floats
    scale: float


@dataclass(frozen=True)
class PlacedRows:
    """The M groups of a set, seen from a placement."""

    points: Points
    first: Rows
    placement: Placement

    def taken(self, groups: Rows) -> Matrix:
        """Some of them, (m, n)."""
        rows = np.empty((len(groups), self.points.dim), dtype=np.float32)
        for start in range(0, len(groups), CHUNK):
            part = slice(start, start + CHUNK)
            if self._single:
                block: NDArray[Any] = self.points.singles(self.first[groups[part]])
                block -= self.placement.centre.astype(np.float32)
                block *= np.float32(self.placement.scale)
            else:
                block = self.points.floats(self.first[groups[part]])
                block -= self.placement.centre
                block *= self.placement.scale
            np.clip(block, -CLIPPED, CLIPPED, out=rows[part], casting="same_kind")
        return rows

    @property
    def _single(self) -> bool:
        """Whether float32 takes them there."""
        low, high = SINGLE
        small = np.abs(self.placement.centre).max(initial=0.0) < high
        return bool(small and low < self.placement.scale < high and self.points.castable)


def placement_of(points: Points, rows: Rows) -> Placement:
    """About the median of the first SAMPLE of some rows: no outlier moves it."""
    block = points.floats(rows[:SAMPLE])
    centre = np.median(block, axis=0)
    block -= centre
    length = float(np.median(np.sqrt(np.einsum("ij,ij->i", block, block))))
    return Placement(centre, 1 / length if length > 0 else 1.0)


def orders_of_values(points: Points, distinct: Deduplicated, codes: Rows) -> tuple[Rows, Rows]:
    """Orders of the M groups and of the C classes that values decide, not where these stand.

    Of the first every part is a fair sample: it is that of hashes. codes: (M,) classes.
    """
    hashes = row_hashes(points)[distinct.first]
    total = np.zeros(len(distinct.starts) - 1, dtype=np.uint64)
    np.add.at(total, codes, hashes)  # modulo 2^64: what classes are told apart by
    return np.lexsort((total[codes], hashes)), np.argsort(total, kind="stable")

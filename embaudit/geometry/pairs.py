"""All pairs of rows ordered by class, a tile at a time: distances, and who is too near or too far.

What a search for a better map looks at is rounded; `is_triplet_separated` is not: it proves.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows

Array = NDArray[Any]  # float32 or float64: what the search works in
Flags = NDArray[np.bool_]
Work = Callable[[slice], object]
ParallelMap = Callable[[Work, Sequence[slice]], None]  # does the work for every band of rows

TILE = 512
ROUNDOFF = 2.0**-53
SLACK = 1e-9  # by which a proven map is separated, beyond its rounding


def one_by_one(work: Work, bands: Sequence[slice]) -> None:
    """Work through the bands in this thread."""
    for band in bands:
        work(band)


@dataclass(frozen=True)
class Pairs:
    """Which pairs of N rows are of one class: class c is rows starts[c]:starts[c + 1]."""

    starts: Rows

    @property
    def size(self) -> int:
        """N, the number of rows."""
        return int(self.starts[-1])

    @cached_property
    def codes(self) -> Rows:
        """Class of each row, (N,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def bands(self) -> list[slice]:
        """The rows, TILE at a time."""
        return [slice(a, min(a + TILE, self.size)) for a in range(0, self.size, TILE)]

    def tiles(self, band: slice) -> Iterator[tuple[slice, Flags | None]]:
        """Columns that meet a band, and which pairs are of one class (None: none are)."""
        own = slice(
            int(self.starts[self.codes[band.start]]),
            int(self.starts[self.codes[band.stop - 1] + 1]),
        )
        for columns in _cut(0, own.start):
            yield columns, None
        for columns in _cut(own.start, own.stop):
            yield columns, self.codes[band, None] == self.codes[columns]
        for columns in _cut(own.stop, self.size):
            yield columns, None


def _cut(start: int, stop: int) -> Iterator[slice]:
    for low in range(start, stop, TILE):
        yield slice(low, min(low + TILE, stop))


def distances(rows: Array, band: slice, columns: slice) -> Array:
    """Distances between two runs of rows, (len band, len columns), rounded; 0 to themselves."""
    tile = _squares(rows, band, columns)
    return np.sqrt(tile, out=tile)


def _squares(rows: Array, band: slice, columns: slice) -> Array:
    left, right = rows[band], rows[columns]
    tile: Array = left @ right.T
    tile *= -2
    tile += np.einsum("ij,ij->i", left, left)[:, None]
    tile += np.einsum("ij,ij->i", right, right)
    np.maximum(tile, 0, out=tile)
    shared = np.arange(max(band.start, columns.start), min(band.stop, columns.stop))
    tile[shared - band.start, shared - columns.start] = 0
    return tile


@dataclass(frozen=True)
class Reach:
    """Furthest positive and nearest negative distance of each row, (N,): 0 and inf for none."""

    positive: Array
    negative: Array

    @property
    def gap(self) -> float:
        """L, the largest of the differences."""
        return float((self.positive - self.negative).max())


def reach_of(pairs: Pairs, rows: Array, parallel: ParallelMap = one_by_one) -> Reach:
    """Furthest positive and nearest negative of each row, rounded."""
    reach = Reach(np.zeros(pairs.size, rows.dtype), np.full(pairs.size, np.inf, rows.dtype))

    def work(band: slice) -> None:
        for columns, same in pairs.tiles(band):
            tile = distances(rows, band, columns)
            if same is not None:
                furthest = np.where(same, tile, 0).max(axis=1)
                np.maximum(reach.positive[band], furthest, out=reach.positive[band])
                tile[same] = np.inf
            np.minimum(reach.negative[band], tile.min(axis=1), out=reach.negative[band])

    parallel(work, pairs.bands)
    return reach


def is_triplet_separated(pairs: Pairs, rows: Floats, parallel: ParallelMap = one_by_one) -> bool:
    """Whether every positive is nearer than every negative of its row: proven, not rounded.

    A product of n terms is off by at most (n + 2) roundings of |x| |y|; what that leaves open
    counts as a violation. Each pair has its own doubt, so that rows far off cast none on others.
    After one violation no more is looked at.
    """
    doubts = 8 * (rows.shape[1] + 8) * ROUNDOFF * np.einsum("ij,ij->i", rows, rows)
    single = np.diff(pairs.starts)[pairs.codes] == 1
    violated: list[slice] = []

    def work(band: slice) -> None:
        if violated:
            return
        far, near = np.zeros(band.stop - band.start), np.full(band.stop - band.start, np.inf)
        for columns, same in pairs.tiles(band):
            tile = _squares(rows, band, columns)
            if same is not None:
                furthest = np.where(same, tile + doubts[columns], 0).max(axis=1)
                np.maximum(far, furthest, out=far)
                np.copyto(tile, np.inf, where=same)
            tile -= doubts[columns]
            np.minimum(near, tile.min(axis=1), out=near)
        far, near = far + doubts[band], near - doubts[band]
        if not (single[band] | (far <= near * (1 - SLACK) ** 2)).all():
            violated.append(band)

    parallel(work, pairs.bands)
    return not violated

"""The least and the greatest computed distances of rows to regions of rows, tile by tile."""

from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from embaudit.search.tile_grid import tiles_of

REGIONS = 64  # a row's minima are kept for so many parts of the set, at most
WIDE = 8  # or for as many as are this part of the dimensions: an eighth of float32 rows is held
FEW = 1 << 23  # or for as many as make so many minima of all rows together
NARROW = 128  # rows of a region, at least: so many are compared with a row that looks into it
VALUES = 1 << 16  # or as many as have so many values: to look there costs as much beside a product


def regions_of(tiles: list[slice], dim: int) -> list[slice]:
    """Tiles cut in parts or put together, so that there are not too many; of rows of `dim` values.

    The narrower regions are, the fewer rows are looked at again: what is told of each is cheap
    beside a product of wide rows.
    """
    size, width = tiles[-1].stop, tiles[0].stop
    most = max(REGIONS, dim // WIDE, FEW // size)
    together = -(-len(tiles) // most)
    narrow = max(NARROW, VALUES // dim)
    while together == 1 and width % 2 == 0 and width > narrow and size * 2 <= most * width:
        width //= 2
    return tiles_of(size, width * together)


class BlockExtrema:
    """The least (or greatest) value of each row in each region, gathered tile by tile.

    values: (rows, regions) float32, of these `rows`, from region `left` on. A region is a part of
    a tile, one tile or, of many tiles, several.
    """

    def __init__(
        self,
        regions: list[slice],
        *,
        greatest: bool = False,
        rows: slice | None = None,
        others: slice | None = None,
    ) -> None:
        """Of all rows and regions, or of those in `rows` and those that hold rows of `others`."""
        size = regions[-1].stop
        self.regions = regions
        self.width = self.regions[0].stop
        self.rows, others = rows or slice(0, size), others or slice(0, size)
        self.left = others.start // self.width
        nothing = -np.inf if greatest else np.inf
        shape = (self.rows.stop - self.rows.start, -(-others.stop // self.width) - self.left)
        self.values = np.full(shape, nothing, dtype=np.float32)
        self._of = np.maximum if greatest else np.minimum
        self._lock = Lock()  # two tiles of one region may come from two threads

    def fold(self, tile: NDArray[Any], rows: slice, columns: slice) -> None:
        """What a tile says of its rows, and, as distances are symmetric, of columns among these."""
        begins = self._begins(columns)
        self.merge(rows, columns, self._of.reduceat(tile, begins, axis=1))
        if rows != columns and self.rows.start <= columns.start < self.rows.stop:
            parts = np.split(tile, self._begins(rows)[1:], axis=0)
            self.merge(columns, rows, np.stack([self._of.reduce(part) for part in parts], axis=1))

    def _begins(self, others: slice) -> list[int]:
        """Where the regions begin in some others, of which the first may be a part of one."""
        first = others.start - others.start % self.width
        return [max(at - others.start, 0) for at in range(first, others.stop, self.width)]

    def of(self, rows: slice) -> NDArray[np.float32]:
        """The values of some of the rows."""
        return self.values[rows.start - self.rows.start : rows.stop - self.rows.start]

    def put(self, others: slice, values: NDArray[np.float32]) -> None:
        """What is known of all rows and the regions of some others, (rows, regions)."""
        left = others.start // self.width - self.left
        into = self.values[:, left : left + values.shape[1]]
        self._of(into, values, out=into)

    def merge(self, rows: slice, others: slice, values: NDArray[Any]) -> None:
        """What is known of some rows and the regions of some others, (rows, regions)."""
        left = others.start // self.width - self.left
        into = self.of(rows)[:, left : left + values.shape[1]]
        with self._lock:
            self._of(into, values, out=into)


class Folded(Protocol):
    """What gathers what tiles say of their rows and columns."""

    def fold(self, tile: NDArray[Any], rows: slice, columns: slice) -> None:
        """As in Extremes."""


E = TypeVar("E", bound=Folded)


@dataclass(frozen=True)
class Inside(Generic[E]):
    """What the same tiles say of the rows of one class: the least and the greatest distance.

    classes: (C,) flags of those for which it is gathered.
    """

    classes: NDArray[np.bool_]
    least: E
    most: E

    def fold(self, part: NDArray[Any], rows: slice, columns: slice) -> None:
        """What a part of a tile says that holds one class; no row is its own positive."""
        for extremes, nothing in ((self.most, -np.inf), (self.least, np.inf)):
            if rows == columns:
                np.fill_diagonal(part, nothing)
            extremes.fold(part, rows, columns)

"""Which rows are compared with which, tile by tile: a set with itself, or with a gallery."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Rows

SMALL = 256  # rows of a diagonal tile that is measured as a whole

Pair = tuple[slice, slice]  # rows of a tile, and its columns


@dataclass(frozen=True)
class TileGrid:
    """Groups ordered by class, and the groups that they are compared with, cut into tiles.

    codes: (M,) the class of each group of either side. starts: (C + 1,) the groups asked of class
    c are starts[c]:starts[c + 1]; others: the same of those they are compared with. tiles: of the
    latter, from group 0 on. barred: (M,) a group that each is not compared with, -1 for none.
    """

    codes: Rows
    starts: Rows
    others: Rows
    tiles: list[slice]
    barred: Rows | None = None

    @classmethod
    def of(
        cls, starts: Rows, rows: int, others: Rows | None = None, barred: Rows | None = None
    ) -> "TileGrid":
        """Tiles of at most so many rows; others: where they are not the same, all before these."""
        sides = (starts,) if others is None else (others, starts)
        codes = [np.repeat(np.arange(len(one) - 1), np.diff(one)) for one in sides]
        tiles = tiles_of(int(sides[0][-1]), rows)
        return cls(np.concatenate(codes), starts, sides[0], tiles, barred)

    @property
    def asked(self) -> slice:
        """All groups that are asked."""
        return slice(int(self.starts[0]), int(self.starts[-1]))

    @property
    def symmetric(self) -> bool:
        """Whether groups are compared with each other: then every pair of tiles says two things."""
        return self.starts is self.others

    @property
    def width(self) -> int:
        """Rows of a tile."""
        return int(self.tiles[0].stop)

    def pairs(self, rows: slice, others: slice) -> list[Pair]:
        """The tiles of two blocks, each pair once; blocks begin and end with tiles."""
        left, right = (tiles_of(one.stop, self.width, one.start) for one in (rows, others))
        if not self.symmetric:
            return [(i, j) for i in left for j in right]
        mixed = [(i, j) for i in left for j in right if i.start < j.start]
        return mixed + [pair for i in left if i in right for pair in _triangle(i)]

    def of_one_class(self, rows: slice, columns: slice) -> bool:
        """Whether all of a tile is."""
        ends = self.codes[[rows.start, rows.stop - 1, columns.start, columns.stop - 1]]
        return bool((ends == ends[0]).all())

    def same_class(self, rows: slice, columns: slice) -> Iterator[tuple[int, slice, slice]]:
        """What of a tile holds one class: its rows in both, with the class."""
        first = max(self.codes[rows.start], self.codes[columns.start])
        last = min(self.codes[rows.stop - 1], self.codes[columns.stop - 1])
        for c in range(int(first), int(last) + 1):
            yield c, _within(self.starts, c, rows), _within(self.others, c, columns)

    def touching(self, part: slice) -> slice:
        """All rows of the classes that have a row in the part."""
        low, high = self.codes[part.start], self.codes[part.stop - 1] + 1
        return slice(int(self.starts[low]), int(self.starts[high]))


def _triangle(rows: slice) -> Iterator[Pair]:
    """The tiles of a diagonal one without the half that says the same."""
    size = rows.stop - rows.start
    if size <= SMALL or size % 2:
        yield rows, rows
        return
    middle = rows.start + size // 2
    upper, lower = slice(rows.start, middle), slice(middle, rows.stop)
    yield upper, lower
    yield from _triangle(upper)
    yield from _triangle(lower)


def _within(starts: Rows, c: int, part: slice) -> slice:
    low = max(int(starts[c]), part.start)
    return slice(low, max(low, min(int(starts[c + 1]), part.stop)))


def tiles_of(stop: int, rows: int, start: int = 0) -> list[slice]:
    """start .. stop cut into slices of at most so many rows."""
    return [slice(at, min(at + rows, stop)) for at in range(start, stop, rows)]

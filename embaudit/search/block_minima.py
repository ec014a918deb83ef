"""The least computed distance of each row to the other classes of each region of rows.

Rows are ordered by class, so a tile holds pairs of one class only where its two runs of codes
meet: most tiles need no mask, and a tile inside one class is skipped. Two engines give the same
kind of bound; neither decides anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Rows
from embaudit.search import faiss_minima
from embaudit.search.error_bounds import Frame
from embaudit.search.progress import Progress, Stage
from embaudit.search.workers import for_each

Engine = Literal["faiss", "products"]
FUSED = 32  # dimensions up to which FAISS has a kernel that keeps the minimum in registers
REGIONS = 64  # a row's minima are kept for so many parts of the set, at most

BACKENDS: dict[Engine, str] = {
    "faiss": "FAISS bounds, float64 decides",
    "products": "matrix products bound, float64 decides",
}
WHY: dict[Engine, str] = {
    "faiss": f"FAISS's fused nearest-neighbour kernel bounds fastest up to {FUSED} dimensions",
    "products": f"symmetric matrix products bound faster than FAISS above {FUSED} dimensions",
}


def engine_for(dim: int) -> Engine:
    """The faster engine for rows of this dimension: chosen from the data, never from the load."""
    return "faiss" if dim <= FUSED else "products"


@dataclass(frozen=True)
class TileGrid:
    """M rows ordered by class, cut into tiles. codes: (M,). starts: (C + 1,)."""

    codes: Rows
    starts: Rows
    tiles: list[slice]

    @classmethod
    def of(cls, starts: Rows, rows: int) -> "TileGrid":
        """Tiles of at most so many rows."""
        codes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        return cls(codes, starts, tiles_of(int(starts[-1]), rows))

    def same_class(self, rows: slice, columns: slice) -> Iterator[tuple[int, slice, slice]]:
        """What of a tile (first row at or before first column) holds one class: its rows in both.

        Each with the class.
        """
        for c in range(self.codes[columns.start], self.codes[rows.stop - 1] + 1):
            begin, end = int(self.starts[c]), int(self.starts[c + 1])
            yield (
                c,
                slice(max(begin, rows.start), min(end, rows.stop)),
                slice(max(begin, columns.start), min(end, columns.stop)),
            )

    def pairs(self, rows: slice, others: slice) -> list[tuple[int, int]]:
        """The pairs of tiles of two blocks, each once; blocks begin and end with tiles."""
        width = self.tiles[0].stop
        left, right = (range(one.start // width, -(-one.stop // width)) for one in (rows, others))
        return [(i, j) for i in left for j in right if i <= j]

    def touching(self, part: slice) -> slice:
        """All rows of the classes that have a row in the part."""
        low, high = self.codes[part.start], self.codes[part.stop - 1] + 1
        return slice(int(self.starts[low]), int(self.starts[high]))


def tiles_of(size: int, rows: int) -> list[slice]:
    """0 .. size cut into slices of at most so many rows."""
    return [slice(at, min(at + rows, size)) for at in range(0, size, rows)]


def regions_of(tiles: list[slice]) -> list[slice]:
    """Tiles put together, so that there are at most REGIONS."""
    return tiles_of(tiles[-1].stop, tiles[0].stop * -(-len(tiles) // REGIONS))


class BlockExtrema:
    """The least (or greatest) value of each row in each region, gathered tile by tile.

    values: (rows, regions) float32, from row `first` and region `left` on. A region is one tile
    or, of many tiles, several.
    """

    def __init__(
        self,
        tiles: list[slice],
        *,
        greatest: bool = False,
        rows: int | slice | None = None,
        others: slice | None = None,
    ) -> None:
        """Of all rows and regions, or of those in `rows` and those that hold rows of `others`.

        rows: a number, where they are not those of the regions.
        """
        size = tiles[-1].stop
        self.regions = regions_of(tiles)
        self.width = self.regions[0].stop
        chosen = rows if isinstance(rows, slice) else slice(0, size if rows is None else rows)
        others = others or slice(0, size)
        self.first, self.left = chosen.start, others.start // self.width
        nothing = -np.inf if greatest else np.inf
        shape = (chosen.stop - chosen.start, -(-others.stop // self.width) - self.left)
        self.values = np.full(shape, nothing, dtype=np.float32)
        self._of = np.maximum if greatest else np.minimum
        self._lock = Lock()  # two tiles of one region may come from two threads

    def fold(
        self, tile: NDArray[Any], rows: slice, columns: slice, back: "BlockExtrema | None" = None
    ) -> None:
        """What a tile says of its rows, and, as distances are symmetric, of its columns.

        back: where the latter is gathered, if not here.
        """
        self.merge(rows, columns, self._of.reduce(tile, axis=1))
        if rows != columns:
            (back or self).merge(columns, rows, self._of.reduce(tile, axis=0))

    def of(self, rows: slice) -> NDArray[np.float32]:
        """The values of some of the rows."""
        return self.values[rows.start - self.first : rows.stop - self.first]

    def put(self, others: slice, values: NDArray[np.float32]) -> None:
        """What is known of all rows and the regions of some others, (rows, regions)."""
        left = others.start // self.width - self.left
        into = self.values[:, left : left + values.shape[1]]
        self._of(into, values, out=into)

    def merge(self, rows: slice, others: slice, values: NDArray[Any]) -> None:
        """What is known of some rows and the region of some others."""
        into = self.of(rows)[:, others.start // self.width - self.left]
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


def least_in_regions(
    frame: Frame,
    tiling: TileGrid,
    engine: Engine,
    threads: int,
    progress: Progress,
    inside: Inside[BlockExtrema] | None = None,
) -> BlockExtrema:
    """Least computed squared distance of each row to other classes in each region.

    inside: filled on the way, by products only.
    """
    least, every = BlockExtrema(tiling.tiles), slice(0, len(tiling.codes))
    if engine == "faiss":
        by_faiss(frame, tiling, least, every, every, progress)
    else:
        pairs = tiling.pairs(every, every)
        by_products(frame, tiling, pairs, least, inside, threads, progress)
    return least


def by_products(
    frame: Frame,
    tiling: TileGrid,
    pairs: list[tuple[int, int]],
    least: Folded,
    inside: Inside[Any] | None,
    threads: int,
    progress: Progress,
) -> None:
    """Each of these pairs of tiles once: its row minima and its column minima serve both."""
    tiles = tiling.tiles
    stage = Stage(progress, "negatives", len(pairs))

    def measure(pair: tuple[int, int]) -> None:
        rows, columns = tiles[pair[0]], tiles[pair[1]]
        alone = tiling.codes[rows.start] == tiling.codes[columns.stop - 1]
        if alone and (inside is None or not inside.classes[tiling.codes[rows.start]]):
            return  # one class: no negatives
        tile = frame.products(rows, columns)
        for c, left, right in tiling.same_class(rows, columns):
            part = tile[_within(left, rows), _within(right, columns)]
            if inside is not None and inside.classes[c]:
                inside.fold(part, left, right)
            part[...] = np.inf
        if not alone:
            least.fold(tile, rows, columns)

    for_each(measure, pairs, threads, lambda _: stage.step(1))


def _within(part: slice, whole: slice) -> slice:
    return slice(part.start - whole.start, part.stop - whole.start)


def by_faiss(
    frame: Frame,
    tiling: TileGrid,
    least: BlockExtrema,
    asked: slice,
    others: slice,
    progress: Progress,
) -> None:
    """FAISS asks the rows that share no class with a region; a product answers for the rest.

    asked: the rows that `least` is of. others: those in whose regions they look.
    """
    regions = [
        slice(max(region.start, others.start), min(region.stop, others.stop))
        for region in least.regions[least.left :][: least.values.shape[1]]
    ]
    stage = Stage(progress, "negatives", len(regions))
    plain = _plain(frame, asked)
    for region in regions:
        base = _plain(frame, region)
        near = tiling.touching(region)
        low, high = (min(max(end, asked.start), asked.stop) for end in (near.start, near.stop))
        for rows in (slice(asked.start, low), slice(high, asked.stop)):
            if rows.start < rows.stop:
                here = slice(rows.start - asked.start, rows.stop - asked.start)
                least.merge(rows, region, faiss_minima.least(plain[here], base))
        for rows in tiles_of(high - low, 1024):
            rows = slice(rows.start + low, rows.stop + low)
            product = frame.products(rows, region)
            product[tiling.codes[rows][:, None] == tiling.codes[region]] = np.inf
            least.merge(rows, region, product.min(axis=1))
        stage.step(1)


def _plain(frame: Frame, rows: slice) -> NDArray[Any]:
    """Some of the frame's rows without what makes products distances."""
    return np.ascontiguousarray(frame.taken(rows)[:, :-2])

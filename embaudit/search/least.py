"""The least computed distance of each row to the other classes of each region of rows.

Rows are ordered by class, so a tile holds pairs of one class only where its two runs of codes
meet: most tiles need no mask, and a tile inside one class is skipped. Two engines give the same
kind of bound; neither decides anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embaudit.search import flat
from embaudit.search.frame import Frame
from embaudit.search.progress import Progress, Stage
from embaudit.search.workers import for_each
from embaudit.space import Rows

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
class Tiling:
    """M rows ordered by class, cut into tiles. codes: (M,). starts: (C + 1,)."""

    codes: Rows
    starts: Rows
    tiles: list[slice]

    @classmethod
    def of(cls, starts: Rows, rows: int) -> "Tiling":
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

    def touching(self, part: slice) -> slice:
        """All rows of the classes that have a row in the part."""
        low, high = self.codes[part.start], self.codes[part.stop - 1] + 1
        return slice(int(self.starts[low]), int(self.starts[high]))


def tiles_of(size: int, rows: int) -> list[slice]:
    """0 .. size cut into slices of at most so many rows."""
    return [slice(at, min(at + rows, size)) for at in range(0, size, rows)]


class Extremes:
    """The least (or greatest) value of each row in each region, gathered tile by tile.

    values: (rows, regions) float32. A region is one tile or, of many tiles, several.
    """

    def __init__(
        self, tiles: list[slice], *, greatest: bool = False, rows: int | None = None
    ) -> None:
        """rows: how many look into the regions, where they are not those of the regions."""
        size = tiles[-1].stop
        self.width = tiles[0].stop * -(-len(tiles) // REGIONS)
        self.regions = tiles_of(size, self.width)
        nothing = -np.inf if greatest else np.inf
        shape = (size if rows is None else rows, len(self.regions))
        self.values = np.full(shape, nothing, dtype=np.float32)
        self._of = np.maximum if greatest else np.minimum
        self._lock = Lock()  # two tiles of one region may come from two threads

    def fold(self, tile: NDArray[Any], rows: slice, columns: slice) -> None:
        """What a tile says of its rows, and, as distances are symmetric, of its columns."""
        self.merge(rows, columns, self._of.reduce(tile, axis=1))
        if rows != columns:
            self.merge(columns, rows, self._of.reduce(tile, axis=0))

    def merge(self, rows: slice, others: slice, values: NDArray[Any]) -> None:
        """What is known of some rows and the region of some others."""
        into = self.values[rows, others.start // self.width]
        with self._lock:
            self._of(into, values, out=into)


class Inside:
    """What the same tiles say of the rows of one class: the least and the greatest distance.

    classes: (C,) flags of those for which it is gathered.
    """

    def __init__(self, classes: NDArray[np.bool_], tiles: list[slice]) -> None:
        self.classes = classes
        self.least, self.most = Extremes(tiles), Extremes(tiles, greatest=True)

    def fold(self, part: NDArray[Any], rows: slice, columns: slice) -> None:
        """What a part of a tile says that holds one class; no row is its own positive."""
        for extremes, nothing in ((self.most, -np.inf), (self.least, np.inf)):
            if rows == columns:
                np.fill_diagonal(part, nothing)
            extremes.fold(part, rows, columns)


def least_in_regions(
    frame: Frame,
    tiling: Tiling,
    engine: Engine,
    threads: int,
    progress: Progress,
    inside: Inside | None = None,
) -> Extremes:
    """Least computed squared distance of each row to other classes in each region.

    inside: filled on the way, by products only.
    """
    least = Extremes(tiling.tiles)
    if engine == "faiss":
        _by_faiss(frame, tiling, least, progress)
    else:
        _by_products(frame, tiling, least, inside, threads, progress)
    return least


def _by_products(
    frame: Frame,
    tiling: Tiling,
    least: Extremes,
    inside: Inside | None,
    threads: int,
    progress: Progress,
) -> None:
    """Each pair of tiles once: its row minima and its column minima serve both."""
    tiles = tiling.tiles
    pairs = [(i, j) for i in range(len(tiles)) for j in range(i, len(tiles))]
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


def _by_faiss(frame: Frame, tiling: Tiling, least: Extremes, progress: Progress) -> None:
    """FAISS asks all rows that share no class with the region; a product answers for the rest."""
    regions, values, size = least.regions, least.values, len(tiling.codes)
    stage = Stage(progress, "negatives", len(regions))
    plain = np.ascontiguousarray(frame.taken(slice(0, size))[:, :-2])
    for j, region in enumerate(regions):
        near = tiling.touching(region)
        for rows in (slice(0, near.start), slice(near.stop, size)):
            if rows.start < rows.stop:
                values[rows, j] = flat.least(plain[rows], plain[region])
        for rows in tiles_of(near.stop - near.start, 1024):
            rows = slice(rows.start + near.start, rows.stop + near.start)
            product = frame.products(rows, region)
            product[tiling.codes[rows][:, None] == tiling.codes[region]] = np.inf
            values[rows, j] = product.min(axis=1)
        stage.step(1)

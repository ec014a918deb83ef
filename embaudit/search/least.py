"""The least computed distance of each row to the other classes of each tile of rows.

Rows are ordered by class, so a tile holds pairs of one class only where its two runs of codes
meet: most tiles need no mask, and a tile inside one class is skipped. Two engines give the same
kind of bound; neither decides anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embaudit.search import flat
from embaudit.search.frame import Frame
from embaudit.search.progress import Progress, Stage
from embaudit.search.workers import for_each
from embaudit.space import Rows

Engine = Literal["faiss", "products"]
FUSED = 32  # dimensions up to which FAISS has a kernel that keeps the minimum in registers

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
        size = int(starts[-1])
        codes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        return cls(codes, starts, [slice(at, min(at + rows, size)) for at in range(0, size, rows)])

    def same_class(self, rows: slice, columns: slice) -> Iterator[tuple[slice, slice]]:
        """The rectangles of a tile (first row at or before first column) that hold one class."""
        for c in range(self.codes[columns.start], self.codes[rows.stop - 1] + 1):
            begin, end = self.starts[c], self.starts[c + 1]
            yield (
                slice(max(begin - rows.start, 0), end - rows.start),
                slice(max(begin - columns.start, 0), end - columns.start),
            )

    def touching(self, tile: slice) -> slice:
        """All rows of the classes that have a row in the tile."""
        low, high = self.codes[tile.start], self.codes[tile.stop - 1] + 1
        return slice(int(self.starts[low]), int(self.starts[high]))


def least_in_tiles(
    frame: Frame, tiling: Tiling, engine: Engine, threads: int, progress: Progress
) -> NDArray[np.float32]:
    """Least computed squared distance of each row to other classes in each tile, (M, tiles)."""
    least = np.full((len(tiling.codes), len(tiling.tiles)), np.inf, dtype=np.float32)
    if engine == "faiss":
        _by_faiss(frame, tiling, least, progress)
    else:
        _by_products(frame, tiling, least, threads, progress)
    return least


def _by_products(
    frame: Frame, tiling: Tiling, least: NDArray[np.float32], threads: int, progress: Progress
) -> None:
    """Each pair of tiles once: its row minima and its column minima serve both."""
    tiles = tiling.tiles
    pairs = [(i, j) for i in range(len(tiles)) for j in range(i, len(tiles))]
    stage = Stage(progress, "negatives", len(pairs))

    def measure(pair: tuple[int, int]) -> None:
        rows, columns = tiles[pair[0]], tiles[pair[1]]
        if tiling.codes[rows.start] == tiling.codes[columns.stop - 1]:
            return  # one class: no negatives
        tile = frame.products(rows, columns)
        for part in tiling.same_class(rows, columns):
            tile[part] = np.inf
        least[rows, pair[1]] = tile.min(axis=1)
        least[columns, pair[0]] = tile.min(axis=0)

    for_each(measure, pairs, threads, lambda: stage.step(1))


def _by_faiss(frame: Frame, tiling: Tiling, least: NDArray[np.float32], progress: Progress) -> None:
    """FAISS asks all rows that share no class with the tile; a product answers for the rest."""
    stage = Stage(progress, "negatives", len(tiling.tiles))
    for j, tile in enumerate(tiling.tiles):
        near = tiling.touching(tile)
        base = frame.taken(tile)
        for rows in (slice(0, near.start), slice(near.stop, len(tiling.codes))):
            if rows.start < rows.stop:
                least[rows, j] = flat.least(frame.taken(rows), base)
        for start in range(near.start, near.stop, 4096):
            rows = slice(start, min(start + 4096, near.stop))
            product = frame.products(rows, tile)
            product[tiling.codes[rows][:, None] == tiling.codes[tile]] = np.inf
            least[rows, j] = product.min(axis=1)
        stage.step(1)

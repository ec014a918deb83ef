"""The least computed distance of each row to the other classes of each region of rows.

Rows are ordered by class, so a tile holds pairs of one class only where its two runs of codes
meet: most tiles need no mask, and a tile inside one class is skipped. Two engines give the same
kind of bound; neither decides anything.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embaudit.search import faiss_minima
from embaudit.search.block_extrema import BlockExtrema, Folded, Inside
from embaudit.search.error_bounds import Frame, mirrored
from embaudit.search.nearest_negative import bar
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import Pair, TileGrid, tiles_of

Engine = Literal["faiss", "products"]
MIRRORED = 8  # tiles of the same rows, one after the other
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


def by_products(
    frame: Frame,
    grid: TileGrid,
    pairs: list[Pair],
    least: Folded,
    inside: Inside[Any] | None,
    threads: int,
    done: Callable[[Pair], object] = lambda _: None,
) -> None:
    """Each of these tiles once: its row minima and its column minima serve both sides."""

    def measure(run: list[Pair]) -> None:
        asked = mirrored(frame.taken(run[0][0]))
        for rows, columns in run:
            settle(asked, rows, columns)

    def settle(asked: NDArray[Any], rows: slice, columns: slice) -> None:
        alone = grid.of_one_class(rows, columns)
        if alone and (inside is None or not inside.classes[grid.codes[rows.start]]):
            return  # one class: no negatives
        tile = frame.beside(asked, columns)
        for c, left, right in grid.same_class(rows, columns):
            part = tile[_within(left, rows), _within(right, columns)]
            if inside is not None and inside.classes[c]:
                inside.fold(part, left, right)
            if not alone:
                part[...] = np.inf
        if grid.barred is not None:
            bar(tile, grid.barred[rows], columns)
        if not alone:
            least.fold(tile, rows, columns)

    for_each(measure, list(_runs(pairs)), threads, lambda run: [done(pair) for pair in run])


def _runs(pairs: list[Pair]) -> Iterator[list[Pair]]:
    """A few tiles of the same rows, which are mirrored once for all of them."""
    for _, same in groupby(pairs, key=lambda pair: (pair[0].start, pair[0].stop)):
        run = list(same)
        yield from (run[at : at + MIRRORED] for at in range(0, len(run), MIRRORED))


def _within(part: slice, whole: slice) -> slice:
    return slice(part.start - whole.start, part.stop - whole.start)


def by_faiss(
    frame: Frame,
    grid: TileGrid,
    least: BlockExtrema,
    asked: slice,
    others: slice,
    done: Callable[[slice], object] = lambda _: None,
) -> None:
    """FAISS asks the rows that share no class with a region; a product answers for the rest.

    asked: the rows that `least` is of. others: those in whose regions they look.
    """
    regions = [
        slice(max(region.start, others.start), min(region.stop, others.stop))
        for region in least.regions[least.left :][: least.values.shape[1]]
    ]
    plain = _plain(frame, asked)
    for region in regions:
        base = _plain(frame, region)
        near = grid.touching(region)
        low, high = (min(max(end, asked.start), asked.stop) for end in (near.start, near.stop))
        for rows in (slice(asked.start, low), slice(high, asked.stop)):
            if rows.start < rows.stop:
                here = slice(rows.start - asked.start, rows.stop - asked.start)
                least.merge(rows, region, faiss_minima.least(plain[here], base)[:, None])
        for rows in tiles_of(high, 1024, low):
            product = frame.products(rows, region)
            product[grid.codes[rows][:, None] == grid.codes[region]] = np.inf
            least.merge(rows, region, product.min(axis=1, keepdims=True))
        done(region)


def _plain(frame: Frame, rows: slice) -> NDArray[Any]:
    """Some of the frame's rows without what makes products distances."""
    return np.ascontiguousarray(frame.taken(rows)[:, :-2])

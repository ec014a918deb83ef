"""Who looks for nearest negatives in cells: anchors of one cell after the other, many at a time."""

from typing import Protocol

import numpy as np

from embaudit.core.prepared_points import CHUNK, Rows
from embaudit.search.centre_scale_cast import HELD
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.ivf.cell_search import CellSearch, Searcher
from embaudit.search.ivf.cell_shortlists import TOGETHER
from embaudit.search.ivf.inverted_lists import Cells, Centre, ListGroup, nearest_centre
from embaudit.search.ivf.near_cells import places
from embaudit.search.ivf.product_codes import Codebook, Codes
from embaudit.search.ivf.robust_scaling import Matrix, PlacedRows, Placement
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import tiles_of

PIECE = 8 * CHUNK  # rows that are assigned to cells, or coded, together
TILE = 1024  # groups that an exhaustive search looks at together
SHARES = 4  # parts of an exhaustive search for each thread, at least

Piece = tuple[int, slice]  # the number of a list group, and some of its groups


class ListExecutor(Protocol):
    """Who assigns rows to cells, codes them, and looks for the nearest negatives of anchors."""

    def nearest_centres(
        self, placement: Placement, list_groups: list[ListGroup], centres: list[Matrix]
    ) -> list[Centre]:
        """Of all groups of each list group."""

    def codes(self, placement: Placement, cells: Cells, book: Codebook) -> Codes:
        """Of the cells' rows, in their order."""

    def everywhere(self, found: NearestNegatives) -> None:
        """Among all rows."""

    def in_cells(self, found: NearestNegatives, search: CellSearch, together: int) -> int:
        """In the cells near each; into how many they looked in all.

        together: anchors whose choice of cells memory can hold.
        """


class ListThreads:
    """So many threads of this process. frame: of all groups."""

    def __init__(self, frame: Frame, threads: int = 1, progress: Progress = silent) -> None:
        self.frame, self.threads, self.progress = frame, threads, progress

    def nearest_centres(
        self, placement: Placement, list_groups: list[ListGroup], centres: list[Matrix]
    ) -> list[Centre]:
        """As a ListExecutor."""
        rows = self.scaled(placement)
        found: list[Centre] = [
            np.zeros(list_group.size, dtype=np.int32) for list_group in list_groups
        ]
        pieces = pieces_of(list_groups, centres)
        stage = Stage(self.progress, "cells", sum(distances_of(piece, centres) for piece in pieces))

        def assign(piece: Piece) -> None:
            k, part = piece
            found[k][part] = nearest_centre(rows, list_groups[k].groups[part], centres[k])

        for_each(
            assign, pieces, self.threads, lambda piece: stage.step(distances_of(piece, centres))
        )
        return found

    def codes(self, placement: Placement, cells: Cells, book: Codebook) -> Codes:
        """As a ListExecutor."""
        rows = self.scaled(placement)
        found = np.empty((len(cells.order), book.bytes), dtype=np.uint8)
        stage = Stage(self.progress, "codes", len(found))

        def code(part: slice) -> None:
            found[part] = codes_of_rows(rows, cells, book, part)

        pieces = tiles_of(len(found), PIECE)
        for_each(code, pieces, self.threads, lambda part: stage.step(part.stop - part.start))
        return found

    def everywhere(self, found: NearestNegatives) -> None:
        """As a ListExecutor."""
        tiles = tiles_of(found.distinct.size, TILE)
        amount = -(-len(found.anchors) * (found.points.dim + 2) // HELD)
        parts = np.array_split(np.arange(len(found.anchors)), max(amount, self.threads))
        stage = Stage(self.progress, "sample for the search", len(found.anchors) * len(tiles))

        def search(at: Rows) -> None:
            taken = self.frame.taken(found.anchors[at])
            for tile in tiles:
                found.look(self.frame, at, tile, taken=taken)

        for_each(search, parts, self.threads, lambda at: stage.step(len(at) * len(tiles)))

    def in_cells(self, found: NearestNegatives, search: CellSearch, together: int) -> int:
        """As a ListExecutor; block by block of anchors."""
        cells = search.cells
        stage = Stage(self.progress, "negatives", len(cells.order))
        looks: list[int] = []
        searcher = self.searcher(search, found.distinct)

        def look(homes: range) -> None:
            looks.append(searcher.from_homes(found, np.arange(homes.start, homes.stop)))

        for_each(
            look,
            homes_of(search, together, SHARES * self.threads),
            self.threads,
            lambda homes: stage.step(int(cells.begin[homes.stop] - cells.begin[homes.start])),
        )
        return sum(looks)

    def searcher(self, search: CellSearch, distinct: Deduplicated) -> Searcher:
        """One that does a cell search, from any thread."""
        rows, sizes = self.scaled(search.placement), np.diff(distinct.starts)
        return Searcher(search, self.frame, rows, sizes)

    def scaled(self, placement: Placement) -> PlacedRows:
        """All groups, seen from a placement."""
        return PlacedRows(self.frame.cloud.points, self.frame.cloud.chosen, placement)


def pieces_of(list_groups: list[ListGroup], centres: list[Matrix]) -> list[Piece]:
    """The list groups, where there is a choice of centres, in parts that one task assigns."""
    return [
        (k, part)
        for k, list_group in enumerate(list_groups)
        if len(centres[k]) > 1
        for part in tiles_of(list_group.size, PIECE)
    ]


def distances_of(piece: Piece, centres: list[Matrix]) -> int:
    """Distances that a piece takes."""
    k, part = piece
    return len(range(part.start, part.stop)) * len(centres[k])


def codes_of_rows(rows: PlacedRows, cells: Cells, book: Codebook, part: slice) -> Codes:
    """Codes of some of the cells' rows, as they stand in `cells.order`."""
    at = np.arange(part.start, part.stop)
    cell = np.searchsorted(cells.begin, at, side="right") - 1
    return book.codes(rows.taken(cells.order[part]), cells.centres[cell])


def codes_of(distinct: Deduplicated) -> Rows:
    """(M,) the class of each group."""
    sizes = np.diff(distinct.starts)
    return np.repeat(np.arange(len(sizes)), sizes)


def homes_in(found: NearestNegatives, cells: Cells, homes: range) -> Rows:
    """Where the anchors of some cells are in a search, rising."""
    groups = cells.order[cells.begin[homes.start] : cells.begin[homes.stop]]
    return np.sort(places(found, groups)[0])


def homes_of(search: CellSearch, together: int, shares: int) -> list[range]:
    """Cells whose anchors are looked for together, in so many shares at least where that pays.

    together: anchors at most, but for those of one cell.
    """
    cells = search.cells
    if search.coded is not None:
        return parts_of(cells, min(together, -(-len(cells.order) // shares)))
    each = -(-cells.size // shares)  # the rows that face them are found in blocks of cells
    if each > TOGETHER // 4:
        each = -(-each // TOGETHER) * TOGETHER
    return [range(part.start, part.stop) for part in tiles_of(cells.size, each)]


def parts_of(cells: Cells, rows: int) -> list[range]:
    """Cells in runs of about so many rows, each of one cell at least."""
    parts, start = [], 0
    while start < cells.size:
        stop = int(np.searchsorted(cells.begin, cells.begin[start] + rows, side="right")) - 1
        parts.append(range(start, max(stop, start + 1)))
        start = parts[-1].stop
    return parts

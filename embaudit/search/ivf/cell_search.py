"""A search for nearest negatives in near cells: which rows are candidates, and their decision."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Rows
from embaudit.search.centre_scale_cast import HELD
from embaudit.search.error_bounds import Frame
from embaudit.search.ivf.cell_shortlists import facing_rows
from embaudit.search.ivf.fast_scan import FastScan
from embaudit.search.ivf.inverted_lists import Cells
from embaudit.search.ivf.near_cells import NearCells, near_cells, places
from embaudit.search.ivf.product_codes import Codebook, Codes
from embaudit.search.ivf.rerank_candidates import decide, numbered
from embaudit.search.ivf.robust_scaling import Matrix, PlacedRows, Placement
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.tile_grid import tiles_of

TOGETHER = 4096  # anchors that FAISS looks for together
FOUND = 1 << 22  # rows that face cells, of all cells whose rows are found together
TILE = 2048  # of these, that are compared with the anchors of a cell at once


@dataclass(frozen=True)
class CodedRows:
    """Codes of the cells' rows, in their order, by a codebook."""

    book: Codebook
    codes: Codes


@dataclass(frozen=True)
class CellSearch:
    """What is looked at: rows that face an anchor's own cell, or those that are likely by codes.

    limits: (K,) up to which distance from each cell's centre rows face it, about a share of all.
    coded: or else the nearest `amount` by codes, of all near cells together. radius: how much
    further off than its nearest cell these may be, in squares of scaled rows.
    """

    cells: Cells
    placement: Placement
    limits: Matrix
    share: float
    coded: CodedRows | None = None
    radius: float = 0.0
    amount: int = 0


class Searcher:
    """One that does a cell search; the same for any division of the work."""

    def __init__(self, search: CellSearch, frame: Frame, rows: PlacedRows, sizes: Rows) -> None:
        """frame, rows: of all groups, to decide by and to choose by. sizes: (C,) of classes."""
        self.search, self.frame, self.rows = search, frame, rows
        if search.coded is not None:
            self._fast_scan = FastScan(search.cells, search.coded.book, search.coded.codes)
        shared = ~np.isin(np.arange(len(sizes)), search.cells.owner)
        most = int(sizes[shared].max(initial=1)) - 1
        self._more = np.where(shared, most, 0)  # candidates of its own class that an anchor has

    def from_homes(self, found: NearestNegatives, homes: Rows) -> int:
        """The anchors of some cells, rising; how many rows they look at, or into how many cells."""
        if self.search.coded is None:
            return self._at_facing(found, homes)
        cells = self.search.cells
        groups = np.concatenate([cells.members(k) for k in homes.tolist()])
        at, sought = places(found, groups)
        groups = groups[sought]
        home = np.repeat(homes, np.diff(cells.begin)[homes])[sought]
        near = near_cells(self.rows, groups, home, cells, found.codes, self.search.radius)
        for part in tiles_of(len(at), TOGETHER):
            for few, likely in self.likeliest(groups[part], near, part, found.codes):
                self._decide(found, at[part][few], likely)
        return int(near.begin[-1])

    def likeliest(
        self, groups: Rows, near: NearCells, part: slice, codes: Rows
    ) -> Iterator[tuple[Rows, Rows]]:
        """Some anchors, those at `part` in `near`: which, and their candidates, best first.

        Rows of small classes stand among their own: so many more candidates are taken for them.
        """
        lists, away = near.padded(part)
        taken, more = self.rows.taken(groups), self._more[codes[groups]]
        for extra in np.unique(more).tolist():
            some = np.flatnonzero(more == extra)
            amount = self.search.amount + extra
            yield some, self._fast_scan.candidates(taken[some], lists[some], away[some], amount)

    def _at_facing(self, found: NearestNegatives, homes: Rows) -> int:
        search, looks = self.search, 0
        step = max(1, int(FOUND / (search.share * found.distinct.size + 1)))
        for some in tiles_of(len(homes), step):
            facing = facing_rows(self.rows, search.cells, found.codes, search.limits, homes[some])
            for k, met in zip(homes[some].tolist(), facing, strict=True):
                at, _ = places(found, search.cells.members(k))
                looks += len(at) * len(met)
                for tile in tiles_of(len(met), TILE):
                    found.look(self.frame, at, met[tile])
        return looks

    def _decide(self, found: NearestNegatives, at: Rows, likely: Rows) -> None:
        """In parts whose rows memory can hold."""
        held = HELD // (found.points.dim + 2) // likely.shape[1]
        for part in tiles_of(len(at), max(1, held)):
            met, place = numbered(likely[part], found.distinct.size)
            decide(found, self.frame, at[part], met, place)

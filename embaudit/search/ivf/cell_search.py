"""A search for nearest negatives in near cells: which rows are candidates, and their decision."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embaudit.core.metric import Rows
from embaudit.search.error_bounds import HELD, Frame
from embaudit.search.ivf.decided_candidates import decide, numbered
from embaudit.search.ivf.facing_rows import FacingRows
from embaudit.search.ivf.fast_scan import FastScan
from embaudit.search.ivf.inverted_lists import Cells, runs_of
from embaudit.search.ivf.near_cells import NearCells, near_cells, places
from embaudit.search.ivf.placed_rows import PlacedRows, Placement
from embaudit.search.ivf.product_codes import Codebook, Codes
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.tile_grid import tiles_of

TOGETHER = 4096  # anchors that FAISS looks for together
CELLS = 1 << 21  # candidates that are decided together


@dataclass(frozen=True)
class CodedRows:
    """Codes of the cells' rows, in their order, by a codebook."""

    book: Codebook
    codes: Codes


@dataclass(frozen=True)
class CellSearch:
    """What is looked at.

    radius: how much further off than its nearest cell another may be, in squares of scaled rows.
    share: of a cell's rows, those that face an anchor's own cell. coded: or else the nearest
    `amount` by codes, of all near cells together.
    """

    cells: Cells
    placement: Placement
    radius: float
    share: float = 1.0
    coded: CodedRows | None = None
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

    def from_homes(self, found: NearestNegatives, homes: range) -> int:
        """The anchors of some cells, in the cells near each; how many these are."""
        cells = self.search.cells
        begin = cells.begin[homes.start : homes.stop + 1]
        groups = cells.order[begin[0] : begin[-1]]
        at, sought = places(found, groups)
        groups = groups[sought]
        home = np.repeat(np.arange(homes.start, homes.stop), np.diff(begin))[sought]
        near = near_cells(self.rows, groups, home, cells, found.codes, self.search.radius)
        if self.search.coded is None:
            self._look_at_facing(found, at, home, near)
            return int(near.begin[-1])
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

    def _look_at_facing(
        self, found: NearestNegatives, at: Rows, home: Rows, near: NearCells
    ) -> None:
        facing = FacingRows(self.rows, self.search.cells, self.search.share, home, near)
        for run in runs_of(home):
            amount = np.diff(near.begin[run.start : run.stop + 1])
            step = max(1, CELLS // (facing.most * max(1, int(amount.max()))))
            for part in tiles_of(run.stop, step, run.start):
                met, place = facing.of(int(home[run.start]), near, part)
                decide(found, self.frame, at[part], met, place)

    def _decide(self, found: NearestNegatives, at: Rows, likely: Rows) -> None:
        """In parts whose rows memory can hold."""
        held = HELD // (found.points.dim + 2) // likely.shape[1]
        for part in tiles_of(len(at), max(1, held)):
            met, place = numbered(likely[part], found.distinct.size)
            decide(found, self.frame, at[part], met, place)

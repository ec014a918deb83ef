"""Nearest negatives, approximately: an anchor looks at the likeliest rows alone.

These are the rows that face its own cell, or those of near cells that are nearest by codes,
whichever costs less. How many, and how much further off than the nearest one a cell may be, is
settled on anchors that were searched exhaustively; how often that finds the nearest negative is
measured on others. What is found is a true negative at its true distance, so it bounds the nearest
one from above.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search import cost_constants as cost
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.exact_nearest_negatives import Negatives
from embaudit.search.ivf import calibration
from embaudit.search.ivf.calibration import Calibration, Calibrator
from embaudit.search.ivf.cell_search import CellSearch
from embaudit.search.ivf.inverted_lists import (
    Cells,
    cells_of,
    centres_of,
    list_groups_of,
    rows_of_cell,
)
from embaudit.search.ivf.list_executor import ListExecutor, ListThreads, codes_of
from embaudit.search.ivf.robust_scaling import PlacedRows, orders_of_values, placement_of
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.progress import Progress, silent

CALIBRATION = 1024  # anchors that settle what is looked at
CHECKS = 2048  # other anchors, on which the recall is measured
BLOCK = 1 << 18  # anchors that choose their cells together
LISTED = 1 << 22  # cells chosen together
ALL_PAIRS = "nearest negatives lie in so many cells that comparing all pairs costs less"


@dataclass(frozen=True)
class Check:
    """The truth about k groups drawn at random: what an exhaustive search found of them.

    groups, d2_nearest, closer, tied: (k,), as in Negatives. found: (k,) whether the probes found
    the nearest.
    """

    groups: Rows
    d2_nearest: Floats
    closer: Rows
    tied: Rows
    found: NDArray[np.bool_]


class ProbeSearch:
    """The nearest negative of chosen groups among the cells that each looks into."""

    def __init__(
        self,
        points: Points,
        distinct: Deduplicated,
        input_rows: Rows,
        target: Floats,
        *,
        frame: Frame | None = None,
        executor: ListExecutor | None = None,
        threads: int = 1,
        aim: float | None = None,
        progress: Progress = silent,
    ) -> None:
        """frame: of all groups in float32. executor: who looks, by default so many threads.

        aim: share of the nearest negatives that is to be found, whatever that costs; above 1 all.
        """
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.target, self.aim = target, aim
        self.frame = frame or frame_of(points, distinct.first, np.float32, in_memory=False)
        self.executor = executor or ListThreads(self.frame, threads, progress)
        self.codes = points.beside(codes_of(distinct))
        drawn, self.classes = orders_of_values(points, distinct, self.codes)
        self.drawn = points.beside(drawn)
        placement = placement_of(points, distinct.first[self.drawn])
        self.rows = PlacedRows(points, distinct.first, placement)

    def calibrating(self, sought: NDArray[np.bool_]) -> Rows:
        """The groups, of those sought, that settle what is looked at; rising."""
        return np.sort(self.drawn[sought[self.drawn]][:CALIBRATION])

    def scan(
        self, sought: NDArray[np.bool_], drawn: Rows
    ) -> tuple[Negatives, Check | None, str] | None:
        """Nearest negatives of the sought groups, (M,) flags; what is known of them; and how.

        None where an exact search of all pairs costs less; no check where all was searched.
        drawn: groups in random order that are checks, none of which calibrates.
        """
        found = self.nearest_negatives(np.flatnonzero(sought))
        if self.aim is None and len(found.anchors) <= CALIBRATION + CHECKS:
            self.executor.everywhere(found)
            return Negatives.of(found), None, "each of so few anchors was compared with all rows"
        cells = self.formed(rows_of_cell(self.distinct.size))
        calibration = self.nearest_negatives(self.calibrating(sought))
        self.executor.everywhere(calibration)
        enough = self.enough(cells, calibration, len(found.anchors))
        dear = enough.nanoseconds > cost.all_pairs(self.distinct.size, self.points.dim)
        if self.aim is None and dear:
            if self.points.mapped_rows is None:
                return None
            self.executor.everywhere(found)  # on disk, bounds of all regions would not fit
            return Negatives.of(found), None, ALL_PAIRS
        search = enough.search
        # a few anchors look into many cells; a block of thousands has them in the usual proportion
        together = LISTED // int(np.ceil(min(enough.looks.max(), 2 * enough.looks.mean())))
        looked = self.executor.in_cells(found, search, min(BLOCK, max(1, together)))
        self._search_for_the_rest(found)
        how = self._words(search, looked / len(found.anchors))
        return Negatives.of(found), self._check(found, np.unique(drawn)), how

    def formed(self, wanted: float) -> Cells:
        """All groups in cells of so many."""
        list_groups = list_groups_of(self.drawn, self.codes, self.classes, wanted)
        centres = [centres_of(self.rows, list_group, wanted) for list_group in list_groups]
        nearest = self.executor.nearest_centres(self.rows.placement, list_groups, centres)
        cells = cells_of(list_groups, centres, nearest)
        return replace(cells, order=self.points.beside(cells.order))

    def nearest_negatives(self, anchors: Rows) -> NearestNegatives:
        """A search for the nearest negatives of some groups, which has not begun."""
        return NearestNegatives(
            self.points, self.distinct, self.codes, self.input_rows, self.target, anchors
        )

    def _check(self, found: NearestNegatives, groups: Rows) -> Check:
        """What was found of some groups, held against the truth."""
        truth = self.nearest_negatives(groups)
        self.executor.everywhere(truth)
        place = np.searchsorted(found.anchors, groups)
        return Check(
            groups,
            np.where(truth.nearest < 0, np.nan, truth.d2),
            truth.closer,
            truth.tied,
            (truth.d2 == found.d2[place]) | (truth.nearest < 0),
        )

    @staticmethod
    def _words(search: CellSearch, looked: float) -> str:
        cells = search.cells.size
        if search.coded is None:
            return (
                f"each anchor looked at the rows that face its own of {cells:,} cells, "
                f"{looked:,.0f} on average"
            )
        return (
            "each anchor looked into the cells hardly further off than its nearest one, "
            f"{looked:.1f} of {cells:,} on average, at the {search.amount} rows that are nearest "
            f"by {8 * search.coded.book.bytes} bits"
        )

    def _search_for_the_rest(self, found: NearestNegatives) -> None:
        """Anchors that met no negative: all that they looked into was of their own class."""
        rest = np.flatnonzero(found.nearest < 0)
        if not len(rest):
            return
        again = self.nearest_negatives(found.anchors[rest])
        self.executor.everywhere(again)
        found.nearest[rest], found.d2[rest] = again.nearest, again.d2
        found.closer[rest], found.tied[rest] = again.closer, again.tied

    def enough(
        self, cells: Cells, truth: NearestNegatives, anchors: int, size: int | None = None
    ) -> Calibration:
        """What so many anchors need to look at, as those whose truth is known do.

        size: of the set that this is a sample of.
        """
        size = size or self.distinct.size
        known = self.frame, self.rows, self.distinct, self.codes, self.drawn
        calibrator = Calibrator(*known, self.executor, size)
        aim = calibration.AIM if self.aim is None else self.aim
        return calibrator.enough(cells, truth, anchors, aim)

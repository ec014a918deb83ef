"""Nearest negatives, approximately: an anchor looks into near cells, at the rows that face it.

How much further off than the nearest one a cell may be, and how large a share of its rows faces an
anchor's own cell, is settled on anchors that were searched exhaustively: anchors amid many classes
then look into many cells, others into few. How often that finds the nearest negative is measured on
others. What is found is a true negative at its true distance, so it bounds the nearest one from
above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import CHUNK, Floats, Points, Rows
from embaudit.search import cost_constants as cost
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame, frame_of
from embaudit.search.ivf.inverted_lists import (
    Cells,
    cells_of,
    centres_of,
    list_groups_of,
    rows_of_cell,
)
from embaudit.search.ivf.list_executor import (
    PAYS,
    ListExecutor,
    ListThreads,
    cells_within,
    codes_of,
    nearest_members,
    to_cells,
)
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.negatives import Negatives
from embaudit.search.progress import Progress, silent
from embaudit.search.tile_grid import tiles_of

CALIBRATION = 2048  # anchors that settle how many cells are looked into
CHECKS = 4096  # other anchors, on which the recall is measured
AIM = 0.993  # of the nearest negatives of those anchors lie in the cells looked into
MEMBER_AIM = 0.997  # of them, among the rows of their cell that are looked at
MANY = 8 * PAYS  # rows of a set from which most that look into a cell together are so many
ORDERING = 0.02  # of comparing all rows of a cell: what it costs to find those that face another
BLOCK = 1 << 15  # anchors that choose their cells together
LISTED = 1 << 21  # cells chosen together
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
        probe_radius: float | None = None,
        progress: Progress = silent,
    ) -> None:
        """frame: of all groups in float32. executor: who looks, by default so many threads."""
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.target, self.probe_radius = target, probe_radius
        self.frame = frame or frame_of(points, distinct.first, np.float32)
        self.executor = executor or ListThreads(self.frame, threads, progress)
        self.codes = codes_of(distinct)

    def scan(
        self, sought: NDArray[np.bool_], drawn: Rows
    ) -> tuple[Negatives, Check | None, str] | None:
        """Nearest negatives of the sought groups, (M,) flags; what is known of them; and how.

        None where an exact search of all pairs costs less; no check where all was searched.
        drawn: groups in random order, from which those that calibrate and checks are taken.
        """
        found = self.nearest_negatives(np.flatnonzero(sought))
        if self.probe_radius is None and len(found.anchors) <= CALIBRATION + CHECKS:
            self.executor.everywhere(found)
            return Negatives.of(found), None, "each of so few anchors was compared with all rows"
        cells = self.formed(rows_of_cell(self.distinct.size))
        calibration, checks = (
            np.unique(drawn[:CALIBRATION]),
            np.unique(drawn[CALIBRATION:][:CHECKS]),
        )
        truth = self.nearest_negatives(np.concatenate((calibration, checks)))
        self.executor.everywhere(truth)
        probe_radius, share, counts = self.enough(cells, truth, len(calibration))
        part = share + ORDERING if self.distinct.size >= MANY else 1.0
        everywhere = self.probe_radius is None and self._dear(cells, float(counts.mean()), part)
        if everywhere and self.points.mapped_rows is None:
            return None
        if everywhere:  # on disk, their bounds would not fit
            probe_radius, share, counts = np.inf, 1.0, np.full(1, cells.size)
        # a few anchors look into many cells; a block of thousands has them in the usual proportion
        together = LISTED // int(np.ceil(min(counts.max(), 2 * counts.mean())))
        together = min(BLOCK, together)
        looked = self.executor.in_cells(found, cells, (probe_radius, share), together) / len(
            found.anchors
        )
        self._search_for_the_rest(found)

        if everywhere:
            return Negatives.of(found), None, ALL_PAIRS
        kept = slice(len(calibration), None)
        place = np.searchsorted(found.anchors, checks)
        check = Check(
            checks,
            np.where(truth.nearest[kept] < 0, np.nan, truth.d2[kept]),
            truth.closer[kept],
            truth.tied[kept],
            (truth.d2[kept] == found.d2[place]) | (truth.nearest[kept] < 0),
        )
        how = (
            f"each anchor looked into the cells at most {probe_radius:.1%} further off than its "
            f"nearest one, {looked:.1f} of {cells.size:,} on average, at the {share:.1%} of their "
            "rows that are nearest to the anchor's own cell"
        )
        return Negatives.of(found), check, how

    def formed(self, wanted: float) -> Cells:
        """All groups in cells of so many."""
        list_groups = list_groups_of(self.distinct.starts, wanted)
        centres = [centres_of(self.frame, list_group, wanted) for list_group in list_groups]
        return cells_of(list_groups, centres, self.executor.nearest_centres(list_groups, centres))

    def nearest_negatives(self, anchors: Rows) -> NearestNegatives:
        """A search for the nearest negatives of some groups, which has not begun."""
        return NearestNegatives(
            self.points, self.distinct, self.codes, self.input_rows, self.target, anchors
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

    def _dear(self, cells: Cells, looks: float, part: float) -> bool:
        """Whether looking at a part of the rows of so many cells costs more than all pairs."""
        size, dim = self.distinct.size, self.points.dim
        near = cost.in_cells(size, dim, looks, part * size / cells.size, cells.size)
        return near > cost.all_pairs(size, dim)

    def enough(
        self, cells: Cells, truth: NearestNegatives, calibration: int
    ) -> tuple[float, float, Rows]:
        """How far to look so that AIM and MEMBER_AIM of anchors find their nearest negative.

        How much further off than its nearest cell; at what share of a cell's rows; and into how
        many cells the former leads each.
        """
        at = np.flatnonzero(truth.nearest[:calibration] >= 0)
        if not len(at):
            return 0.0, 1.0, np.ones(1, dtype=np.int64)
        anchors, nearest = truth.anchors[at], truth.nearest[at]
        frame, cell = self.frame, cells.of_each()
        home, there = cell[anchors], cell[nearest]
        away = np.concatenate(
            [
                to_cells(frame.taken(some), some, cells, self.codes)
                for some in (anchors[part] for part in tiles_of(len(at), CHUNK))
            ]
        )
        least, own = away.min(axis=1), away[np.arange(len(at)), there]
        further = np.divide(own, least, out=np.full(len(at), np.inf), where=least > 0) - 1
        further[own == least] = 0
        probe_radius = _quantile(further, AIM) if self.probe_radius is None else self.probe_radius
        counts = np.count_nonzero(cells_within(away, probe_radius), axis=1)
        if np.isinf(probe_radius):
            return probe_radius, 1.0, counts
        shares = np.empty(len(at))
        for number, (k, h, row) in enumerate(zip(there, home, nearest, strict=True)):
            members = cells.members(int(k))
            order = nearest_members(frame.taken(members), cells.centres[h], len(members))
            shares[number] = (np.flatnonzero(members[order] == row)[0] + 1) / len(members)
        return probe_radius, _quantile(shares, MEMBER_AIM), counts


def _quantile(values: Floats, share: float) -> float:
    return float(np.sort(values)[min(len(values) - 1, int(share * len(values)))])

"""Nearest negatives, approximately: each anchor looks into the cells whose centres are nearest.

How much further off than the nearest one a cell may be is settled on anchors that were searched
exhaustively: anchors amid many classes then look into many cells, others into few. How often that
finds the nearest negative is measured on others. What is found is a true negative at its true
distance, so it bounds the nearest one from above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.search.cells import Cells, cells_of, to_centres
from embaudit.search.distinct import Distinct
from embaudit.search.finder import Finder, Target
from embaudit.search.frame import HELD, Frame, frame_of
from embaudit.search.least import tiles_of
from embaudit.search.negatives import Negatives
from embaudit.search.progress import Progress, Stage
from embaudit.search.workers import for_each
from embaudit.space import CHUNK, Floats, Points, Rows

PILOTS = 2048  # anchors that settle how many cells are looked into
CHECKS = 4096  # other anchors, on which the recall is measured
AIM = 0.99  # of the pilots' nearest negatives lie in the cells looked into
BLOCK = 1 << 15  # anchors that choose their cells together
LISTED = 1 << 21  # cells chosen together
ALL_PAIRS = "nearest negatives lie in so many cells that comparing all pairs costs less"
TILE = 8192  # groups that an exhaustive search looks at together


@dataclass(frozen=True)
class Check:
    """The truth about k groups drawn at random: what an exhaustive search found of them.

    groups, d2_nearest, closer: (k,), as in Negatives. found: (k,) whether the probes found it.
    """

    groups: Rows
    d2_nearest: Floats
    closer: Rows
    found: NDArray[np.bool_]


class ProbeSearch:
    """The nearest negative of chosen groups among the cells that each looks into."""

    def __init__(
        self,
        points: Points,
        distinct: Distinct,
        input_rows: Rows,
        target: Target,
        *,
        threads: int = 1,
        reach: float | None = None,
    ) -> None:
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.target, self.threads, self.reach = target, threads, reach
        sizes = np.diff(distinct.starts)
        self.codes = np.repeat(np.arange(len(sizes)), sizes)

    def scan(
        self, sought: NDArray[np.bool_], drawn: Rows, progress: Progress
    ) -> tuple[Negatives, Check | None, str] | None:
        """Nearest negatives of the sought groups, (M,) flags; what is known of them; and how.

        None where an exact search of all pairs costs less; no check where all was searched.
        drawn: groups in random order, from which pilots and checks are taken.
        """
        frame = frame_of(self.points, self.distinct.first, np.float32)
        found = self._finder(np.flatnonzero(sought))
        if self.reach is None and len(found.anchors) <= PILOTS + CHECKS:
            self._search_exhaustively(frame, found, progress)
            return Negatives.of(found), None, "each of so few anchors was compared with all rows"
        cells = cells_of(frame, self.distinct.starts)
        pilots, checks = np.unique(drawn[:PILOTS]), np.unique(drawn[PILOTS:][:CHECKS])
        truth = self._finder(np.concatenate((pilots, checks)))
        self._search_exhaustively(frame, truth, progress)
        reach, counts = self._enough(frame, cells, truth, len(pilots))
        # symmetric products need half of all pairs: from here on they cost less
        everywhere = self.reach is None and 2 * float(counts.mean()) > cells.size
        if everywhere and self.points.spill is None:
            return None
        reach = np.inf if everywhere else reach  # on disk, their bounds would not fit
        together = LISTED // (cells.size if np.isinf(reach) else int(counts.max()))
        looked = self._search(frame, cells, reach, together, found, progress)
        self._search_for_the_rest(frame, found, progress)

        if everywhere:
            return Negatives.of(found), None, ALL_PAIRS
        kept = slice(len(pilots), None)
        place = np.searchsorted(found.anchors, checks)
        check = Check(
            checks,
            np.where(truth.nearest[kept] < 0, np.nan, truth.d2[kept]),
            truth.closer[kept],
            (truth.d2[kept] == found.d2[place]) | (truth.nearest[kept] < 0),
        )
        how = (
            f"each anchor looked into the cells at most {reach:.1%} further off than its nearest "
            f"one, {looked:.1f} of {cells.size:,} on average"
        )
        return Negatives.of(found), check, how

    def _finder(self, anchors: Rows) -> Finder:
        return Finder(self.points, self.distinct, self.codes, self.input_rows, self.target, anchors)

    def _search_for_the_rest(self, frame: Frame, found: Finder, progress: Progress) -> None:
        """Anchors that met no negative: all that they looked into was of their own class."""
        rest = np.flatnonzero(found.nearest < 0)
        if not len(rest):
            return
        again = self._finder(found.anchors[rest])
        self._search_exhaustively(frame, again, progress)
        found.nearest[rest], found.d2[rest] = again.nearest, again.d2
        found.closer[rest] = again.closer

    def _search_exhaustively(self, frame: Frame, found: Finder, progress: Progress) -> None:
        tiles = tiles_of(self.distinct.size, TILE)
        parts = np.array_split(np.arange(len(found.anchors)), self.threads)
        stage = Stage(progress, "sample for the search", len(found.anchors) * len(tiles))

        def search(at: Rows) -> None:
            taken = frame.taken(found.anchors[at])
            for tile in tiles:
                found.look(frame, at, tile, taken=taken)

        for_each(search, parts, self.threads, lambda at: stage.step(len(at) * len(tiles)))

    def _enough(self, frame: Frame, cells: Cells, truth: Finder, pilots: int) -> tuple[float, Rows]:
        """How much further off than its nearest cell a pilot looks so that AIM of them find theirs.

        And into how many cells that leads each.
        """
        at = np.flatnonzero(truth.nearest[:pilots] >= 0)
        if not len(at):
            return 0.0, np.ones(1, dtype=np.int64)
        home = cells.of_each()[truth.nearest[at]]
        away = np.concatenate(
            [
                self._to_cells(frame.taken(anchors), anchors, cells)
                for anchors in (truth.anchors[at[part]] for part in tiles_of(len(at), CHUNK))
            ]
        )
        nearest, own = away.min(axis=1), away[np.arange(len(at)), home]
        further = np.divide(own, nearest, out=np.full(len(at), np.inf), where=nearest > 0) - 1
        further[own == nearest] = 0
        reach = float(np.sort(further)[min(len(at) - 1, int(AIM * len(at)))])
        reach = reach if self.reach is None else self.reach
        return reach, np.count_nonzero(_within(away, reach), axis=1)

    def _to_cells(
        self, taken: NDArray[np.float32], groups: Rows, cells: Cells
    ) -> NDArray[np.float32]:
        """Distances of some anchors to the cells, infinite to those of their own class, (q, K)."""
        away = to_centres(taken[:, :-2], cells.centres)
        away += taken[:, -2, None]
        np.sqrt(np.maximum(away, 0, out=away), out=away)
        codes = self.codes[groups]
        for code in np.unique(codes):
            own = cells.own(int(code))
            if own.start < own.stop:
                away[np.flatnonzero(codes == code), own] = np.inf
        return away

    def _search(
        self,
        frame: Frame,
        cells: Cells,
        reach: float,
        together: int,
        found: Finder,
        progress: Progress,
    ) -> float:
        """Block by block of anchors: those that chose a cell look into it together.

        Returns into how many cells an anchor looked on average.
        """
        held = HELD // (self.points.dim + 2) // self.threads
        step = CHUNK * max(1, min(BLOCK, together, held) // CHUNK)  # so chunks are the same
        stage = Stage(progress, "negatives", len(found.anchors))
        looks: list[int] = []

        def search(part: slice) -> None:
            at = np.arange(part.start, part.stop)
            taken = frame.taken(found.anchors[at])
            asking, cell = self._chosen(taken, found.anchors[at], cells, reach)
            looks.append(len(cell))
            order = np.argsort(cell, kind="stable")
            cuts = np.flatnonzero(np.diff(cell[order])) + 1
            for some in np.split(order, cuts):
                if len(some):
                    queries = asking[some]
                    members = cells.members(int(cell[some[0]]))
                    found.look(frame, at[queries], members, taken=taken[queries])

        parts = tiles_of(len(found.anchors), step)
        for_each(search, parts, self.threads, lambda part: stage.step(part.stop - part.start))
        return sum(looks) / len(found.anchors)

    def _chosen(
        self, taken: NDArray[np.float32], groups: Rows, cells: Cells, reach: float
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The cells within reach of each anchor, as pairs (number of the anchor, cell)."""
        asking, chosen = [], []
        for part in tiles_of(len(groups), CHUNK):
            near = _within(self._to_cells(taken[part], groups[part], cells), reach)
            rows, columns = np.divmod(np.flatnonzero(near), cells.size)
            asking.append((part.start + rows).astype(np.int32))
            chosen.append(columns.astype(np.int32))
        return np.concatenate(asking), np.concatenate(chosen)


def _within(away: NDArray[np.float32], reach: float) -> NDArray[np.bool_]:
    """Which cells are at most so much further off than the nearest one, (q, K)."""
    if np.isinf(reach):
        return np.isfinite(away)
    limit = (away.min(axis=1) * np.float32(1 + reach))[:, None]
    within: NDArray[np.bool_] = (away <= limit) & np.isfinite(away)
    return within

"""Nearest negatives, approximately: an anchor looks into near cells, at the rows that face it.

How much further off than the nearest one a cell may be, and how large a share of its rows faces an
anchor's own cell, is settled on anchors that were searched exhaustively: anchors amid many classes
then look into many cells, others into few. How often that finds the nearest negative is measured on
others. What is found is a true negative at its true distance, so it bounds the nearest one from
above.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embaudit.search import pace
from embaudit.search.cells import (
    Cells,
    Centre,
    Centres,
    Pool,
    cells_of,
    centres_of,
    nearest_centre,
    pools_of,
    rows_of_cell,
    to_centres,
)
from embaudit.search.distinct import Distinct
from embaudit.search.finder import Finder, Target
from embaudit.search.frame import HELD, Frame, frame_of
from embaudit.search.least import tiles_of
from embaudit.search.negatives import Negatives
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.workers import for_each
from embaudit.space import CHUNK, Floats, Points, Rows

PILOTS = 2048  # anchors that settle how many cells are looked into
CHECKS = 4096  # other anchors, on which the recall is measured
AIM = 0.993  # of the pilots' nearest negatives lie in the cells looked into
FACING = 0.997  # of them, among the rows of their cell that are looked at
PAYS = 1 << 18  # pairs of anchors and rows from which it pays to look at those only that face
MANY = 8 * PAYS  # rows of a set from which most that look into a cell together are so many
ORDERING = 0.02  # of comparing all rows of a cell: what it costs to find those that face another
BLOCK = 1 << 15  # anchors that choose their cells together
LISTED = 1 << 21  # cells chosen together
ALL_PAIRS = "nearest negatives lie in so many cells that comparing all pairs costs less"
PIECE = 8 * CHUNK  # rows that are assigned to cells together
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


Piece = tuple[int, slice]  # the number of a pool, and some of its groups
Limits = tuple[float, float]  # how much further off a cell may be; what share of its rows counts


class Crew(Protocol):
    """Who assigns rows to cells, and looks for the nearest negatives of a finder's anchors."""

    def nearest_centres(self, pools: list[Pool], centres: list[Centres]) -> list[Centre]:
        """Of all groups of each pool."""

    def everywhere(self, found: Finder) -> None:
        """Among all rows."""

    def in_cells(self, found: Finder, cells: Cells, limits: Limits, together: int) -> int:
        """In the cells near each; into how many they looked in all.

        together: anchors whose choice of cells memory can hold.
        """


class Threads:
    """So many threads of this process. frame: of all groups."""

    def __init__(self, frame: Frame, threads: int = 1, progress: Progress = silent) -> None:
        self.frame, self.threads, self.progress = frame, threads, progress

    def nearest_centres(self, pools: list[Pool], centres: list[Centres]) -> list[Centre]:
        """As a Crew."""
        found: list[Centre] = [np.zeros(pool.size, dtype=np.int32) for pool in pools]
        pieces = pieces_of(pools, centres)
        stage = Stage(self.progress, "cells", sum(distances_of(piece, centres) for piece in pieces))

        def assign(piece: Piece) -> None:
            k, part = piece
            found[k][part] = nearest_centre(self.frame, pools[k], centres[k], part)

        for_each(
            assign, pieces, self.threads, lambda piece: stage.step(distances_of(piece, centres))
        )
        return found

    def everywhere(self, found: Finder) -> None:
        """As a Crew."""
        tiles = tiles_of(found.distinct.size, TILE)
        parts = np.array_split(np.arange(len(found.anchors)), self.threads)
        stage = Stage(self.progress, "sample for the search", len(found.anchors) * len(tiles))

        def search(at: Rows) -> None:
            taken = self.frame.taken(found.anchors[at])
            for tile in tiles:
                found.look(self.frame, at, tile, taken=taken)

        for_each(search, parts, self.threads, lambda at: stage.step(len(at) * len(tiles)))

    def in_cells(self, found: Finder, cells: Cells, limits: Limits, together: int) -> int:
        """As a Crew; block by block of anchors."""
        stage = Stage(self.progress, "negatives", len(cells.order))
        looks: list[int] = []

        def search(homes: range) -> None:
            looks.append(self.from_homes(found, cells, limits, homes))

        held = HELD // (found.points.dim + 2) // self.threads
        parts = parts_of(cells, min(together, held))
        for_each(search, parts, self.threads, lambda homes: stage.step(_rows_of(cells, homes)))
        return sum(looks)

    def from_homes(self, found: Finder, cells: Cells, limits: Limits, homes: range) -> int:
        """The anchors of some cells; those of one cell look into another together."""
        frame, (reach, share) = self.frame, limits
        begin = cells.begin[homes.start : homes.stop + 1]
        groups = cells.order[begin[0] : begin[-1]]
        at, sought = _places(found, groups)
        groups, home = groups[sought], _numbers(homes, begin)[sought]
        taken = frame.taken(groups)
        asking, cell = _chosen(taken, groups, home, cells, found.codes, reach)
        order = np.argsort(cell, kind="stable")  # of a cell, those of one home stay together
        for some in _runs(order, cell[order]):
            members = cells.members(int(cell[some[0]]))
            theirs = frame.taken(members)
            amount = int(np.ceil(share * len(members)))
            rest = [asking[:0]]
            for few in _runs(asking[some], home[asking[some]]):
                if amount == len(members) or len(few) * len(members) < PAYS:
                    rest.append(few)
                    continue
                near = _facing(theirs, cells.centres[home[few[0]]], amount)
                found.look(frame, at[few], members[near], taken=taken[few], theirs=theirs[near])
            few = np.concatenate(rest)
            if len(few):
                found.look(frame, at[few], members, taken=taken[few], theirs=theirs)
        return len(cell)


class ProbeSearch:
    """The nearest negative of chosen groups among the cells that each looks into."""

    def __init__(
        self,
        points: Points,
        distinct: Distinct,
        input_rows: Rows,
        target: Target,
        *,
        frame: Frame | None = None,
        crew: Crew | None = None,
        threads: int = 1,
        reach: float | None = None,
        progress: Progress = silent,
    ) -> None:
        """frame: of all groups in float32. crew: who looks, by default so many threads."""
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.target, self.reach = target, reach
        self.frame = frame or frame_of(points, distinct.first, np.float32)
        self.crew = crew or Threads(self.frame, threads, progress)
        self.codes = codes_of(distinct)

    def scan(
        self, sought: NDArray[np.bool_], drawn: Rows
    ) -> tuple[Negatives, Check | None, str] | None:
        """Nearest negatives of the sought groups, (M,) flags; what is known of them; and how.

        None where an exact search of all pairs costs less; no check where all was searched.
        drawn: groups in random order, from which pilots and checks are taken.
        """
        found = self.finder(np.flatnonzero(sought))
        if self.reach is None and len(found.anchors) <= PILOTS + CHECKS:
            self.crew.everywhere(found)
            return Negatives.of(found), None, "each of so few anchors was compared with all rows"
        cells = self.formed(rows_of_cell(self.distinct.size))
        pilots, checks = np.unique(drawn[:PILOTS]), np.unique(drawn[PILOTS:][:CHECKS])
        truth = self.finder(np.concatenate((pilots, checks)))
        self.crew.everywhere(truth)
        reach, share, counts = self.enough(cells, truth, len(pilots))
        part = share + ORDERING if self.distinct.size >= MANY else 1.0
        everywhere = self.reach is None and self._dear(cells, float(counts.mean()), part)
        if everywhere and self.points.spill is None:
            return None
        if everywhere:  # on disk, their bounds would not fit
            reach, share, counts = np.inf, 1.0, np.full(1, cells.size)
        # a few anchors look into many cells; a block of thousands has them in the usual proportion
        together = LISTED // int(np.ceil(min(counts.max(), 2 * counts.mean())))
        together = min(BLOCK, together)
        looked = self.crew.in_cells(found, cells, (reach, share), together) / len(found.anchors)
        self._search_for_the_rest(found)

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
            f"one, {looked:.1f} of {cells.size:,} on average, at the {share:.1%} of their rows "
            "that are nearest to the anchor's own cell"
        )
        return Negatives.of(found), check, how

    def formed(self, wanted: float) -> Cells:
        """All groups in cells of so many."""
        pools = pools_of(self.distinct.starts, wanted)
        centres = [centres_of(self.frame, pool, wanted) for pool in pools]
        return cells_of(pools, centres, self.crew.nearest_centres(pools, centres))

    def finder(self, anchors: Rows) -> Finder:
        """A search for the nearest negatives of some groups, which has not begun."""
        return Finder(self.points, self.distinct, self.codes, self.input_rows, self.target, anchors)

    def _search_for_the_rest(self, found: Finder) -> None:
        """Anchors that met no negative: all that they looked into was of their own class."""
        rest = np.flatnonzero(found.nearest < 0)
        if not len(rest):
            return
        again = self.finder(found.anchors[rest])
        self.crew.everywhere(again)
        found.nearest[rest], found.d2[rest] = again.nearest, again.d2
        found.closer[rest] = again.closer

    def _dear(self, cells: Cells, looks: float, part: float) -> bool:
        """Whether looking at a part of the rows of so many cells costs more than all pairs."""
        size, dim = self.distinct.size, self.points.dim
        near = pace.in_cells(size, dim, looks, part * size / cells.size, cells.size)
        return near > pace.all_pairs(size, dim)

    def enough(self, cells: Cells, truth: Finder, pilots: int) -> tuple[float, float, Rows]:
        """How far a pilot has to look so that AIM and FACING of them find their nearest negative.

        How much further off than its nearest cell; at what share of a cell's rows; and into how
        many cells the former leads each.
        """
        at = np.flatnonzero(truth.nearest[:pilots] >= 0)
        if not len(at):
            return 0.0, 1.0, np.ones(1, dtype=np.int64)
        anchors, nearest = truth.anchors[at], truth.nearest[at]
        frame, cell = self.frame, cells.of_each()
        home, there = cell[anchors], cell[nearest]
        away = np.concatenate(
            [
                _to_cells(frame.taken(some), some, cells, self.codes)
                for some in (anchors[part] for part in tiles_of(len(at), CHUNK))
            ]
        )
        least, own = away.min(axis=1), away[np.arange(len(at)), there]
        further = np.divide(own, least, out=np.full(len(at), np.inf), where=least > 0) - 1
        further[own == least] = 0
        reach = _quantile(further, AIM) if self.reach is None else self.reach
        within = np.count_nonzero(_within(away, reach), axis=1)
        if np.isinf(reach):
            return reach, 1.0, within
        shares = np.empty(len(at))
        for number, (k, h, row) in enumerate(zip(there, home, nearest, strict=True)):
            members = cells.members(int(k))
            order = _facing(frame.taken(members), cells.centres[h], len(members))
            shares[number] = (np.flatnonzero(members[order] == row)[0] + 1) / len(members)
        return reach, _quantile(shares, FACING), within


def pieces_of(pools: list[Pool], centres: list[Centres]) -> list[Piece]:
    """The pools, where there is a choice of centres, in parts that one task assigns."""
    return [
        (k, part)
        for k, pool in enumerate(pools)
        if len(centres[k]) > 1
        for part in tiles_of(pool.size, PIECE)
    ]


def distances_of(piece: Piece, centres: list[Centres]) -> int:
    """Distances that a piece takes."""
    k, part = piece
    return len(range(part.start, part.stop)) * len(centres[k])


def codes_of(distinct: Distinct) -> Rows:
    """(M,) the class of each group."""
    sizes = np.diff(distinct.starts)
    return np.repeat(np.arange(len(sizes)), sizes)


def _to_cells(
    taken: NDArray[np.float32], groups: Rows, cells: Cells, classes: Rows
) -> NDArray[np.float32]:
    """Distances of some anchors to the cells, infinite to those of their own class, (q, K)."""
    away = to_centres(taken[:, :-2], cells.centres)
    away += taken[:, -2, None]
    np.sqrt(np.maximum(away, 0, out=away), out=away)
    codes = classes[groups]
    for code in np.unique(codes):
        own = cells.own(int(code))
        if own.start < own.stop:
            away[np.flatnonzero(codes == code), own] = np.inf
    return away


def _chosen(
    taken: NDArray[np.float32],
    groups: Rows,
    home: Rows,
    cells: Cells,
    classes: Rows,
    reach: float,
) -> tuple[Rows, Rows]:
    """The cells within reach of each anchor, as pairs (number of the anchor, cell).

    Home by home, so that the products are the same however homes are put together.
    """
    asking, chosen = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for run in _runs(np.arange(len(groups)), home):
        for part in (run[at] for at in tiles_of(len(run), CHUNK)):
            near = _within(_to_cells(taken[part], groups[part], cells, classes), reach)
            rows, columns = np.divmod(np.flatnonzero(near), cells.size)
            asking.append(part[rows])
            chosen.append(columns)
    return np.concatenate(asking), np.concatenate(chosen)


def homes_in(found: Finder, cells: Cells, homes: range) -> Rows:
    """Where the anchors of some cells are in a finder, rising."""
    groups = cells.order[cells.begin[homes.start] : cells.begin[homes.stop]]
    return np.sort(_places(found, groups)[0])


def _places(found: Finder, groups: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Where those of some groups are in a finder that are its anchors; and which these are."""
    at = np.minimum(np.searchsorted(found.anchors, groups), len(found.anchors) - 1)
    sought = found.anchors[at] == groups
    return at[sought], sought


def parts_of(cells: Cells, rows: int) -> list[range]:
    """Cells in runs of about so many rows, each of one cell at least."""
    parts, start = [], 0
    while start < cells.size:
        stop = int(np.searchsorted(cells.begin, cells.begin[start] + rows, side="right")) - 1
        parts.append(range(start, max(stop, start + 1)))
        start = parts[-1].stop
    return parts


def _rows_of(cells: Cells, homes: range) -> int:
    return int(cells.begin[homes.stop] - cells.begin[homes.start])


def _numbers(homes: range, begin: Rows) -> Rows:
    """The cell of each row of some cells that follow each other."""
    return np.repeat(np.arange(homes.start, homes.stop), np.diff(begin))


def _within(away: NDArray[np.float32], reach: float) -> NDArray[np.bool_]:
    """Which cells are at most so much further off than the nearest one, (q, K)."""
    if np.isinf(reach):
        return np.isfinite(away)
    limit = (away.min(axis=1) * np.float32(1 + reach))[:, None]
    within: NDArray[np.bool_] = (away <= limit) & np.isfinite(away)
    return within


def _facing(rows: NDArray[np.float32], centre: NDArray[np.float32], amount: int) -> Rows:
    """Which of the frame's rows (m, n + 2) are nearest to a centre; in order, if all are wanted."""
    away = rows[:, -2] - 2 * (rows[:, :-2] @ centre)
    return away.argsort() if amount == len(rows) else away.argpartition(amount)[:amount]


def _runs(values: Rows, keys: Rows) -> list[Rows]:
    """Values whose keys are equal and stand together."""
    return np.split(values, np.flatnonzero(np.diff(keys)) + 1) if len(values) else []


def _quantile(values: Floats, share: float) -> float:
    return float(np.sort(values)[min(len(values) - 1, int(share * len(values)))])

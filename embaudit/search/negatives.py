"""Nearest negatives: a bound for each tile says where they can be, float64 which they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.search.distinct import Distinct
from embaudit.search.frame import Frame, frame_of
from embaudit.search.least import Engine, Tiling, engine_for, least_in_tiles
from embaudit.search.progress import Progress, Stage
from embaudit.search.refine import first_of_each
from embaudit.search.workers import for_each
from embaudit.space import Floats, Points, Rows

COUNTED = 10  # negatives before the nearest positive are counted up to here (recall at 10)
CROWD = 64  # candidates of one anchor in one tile beyond which a sharper bound is cheaper
ANCHORS = 16384  # anchors that look into the tiles together


@dataclass(frozen=True)
class Negatives:
    """For each of M groups its nearest group of another class, -1 and NaN where not sought.

    closer: the rows of other classes that come before the group's nearest positive (by squared
    distance, then input row), up to COUNTED. settled: how many groups each tier decided.
    """

    nearest: Rows
    d2_nearest: Floats
    closer: Rows
    settled: dict[str, int]


@dataclass(frozen=True)
class Target:
    """What the nearest positive of each of M groups is: its squared distance and input row."""

    d2: Floats
    row: Rows


class NegativeSearch:
    """The nearest negative of chosen groups, decided in float64 on the stored numbers."""

    def __init__(
        self,
        points: Points,
        distinct: Distinct,
        input_rows: Rows,
        target: Target,
        *,
        engine: Engine | None = None,
        threads: int = 1,
    ) -> None:
        m = distinct.size
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.target, self.threads = target, threads
        self.engine = engine or engine_for(points.dim)
        self.codes = np.repeat(np.arange(len(distinct.starts) - 1), np.diff(distinct.starts))
        self.member_key = input_rows[distinct.members] + len(input_rows) * np.repeat(
            np.arange(m), distinct.count
        )
        self.nearest, self.d2_nearest = np.full(m, -1), np.full(m, np.inf)
        self.closer = np.zeros(m, dtype=np.int64)

    def scan(self, sought: NDArray[np.bool_], block_rows: int, progress: Progress) -> Negatives:
        """Nearest negatives of the sought groups, (M,) flags."""
        frame = frame_of(self.points, self.distinct.first, np.float32)
        tiling = Tiling.of(self.distinct.starts, block_rows)
        least = least_in_tiles(frame, tiling, self.engine, self.threads, progress)
        anchors = np.flatnonzero(sought)
        rest = [
            self._visit(frame, tiling.tiles, least, anchors[start : start + ANCHORS])
            for start in range(0, len(anchors), ANCHORS)
        ]
        crowded = np.concatenate(rest) if rest else anchors
        self._search_in_float64(crowded, block_rows, progress)
        settled = {"float32": len(anchors) - len(crowded), "float64": len(crowded)}
        d2 = np.where(self.nearest < 0, np.nan, self.d2_nearest)
        return Negatives(self.nearest, d2, np.minimum(self.closer, COUNTED), settled)

    def _visit(
        self, frame: Frame, tiles: list[slice], least: NDArray[np.float32], anchors: Rows
    ) -> Rows:
        """Look into every tile that may decide an anchor, the most promising first.

        Returns the anchors with a crowd of candidates, for which float32 is too blunt.
        """
        radius, least = frame.radius[anchors], least[anchors]
        near = frame.near(frame.upper(least.min(axis=1), radius), radius)
        goal = frame.near(self.target.d2[anchors], radius)
        order = np.argsort(least, axis=1, kind="stable")
        crowded = np.zeros(len(anchors), dtype=bool)
        for turn in order.T:
            value = np.take_along_axis(least, turn[:, None], axis=1)[:, 0]
            # nothing beyond `near` can be the nearest, beyond `goal` come before the positive
            open_ = (value <= near) | ((value <= goal) & (self.closer[anchors] < COUNTED))
            asked = np.flatnonzero(open_ & ~crowded & np.isfinite(value))
            if not len(asked):
                break
            jobs = [asked[turn[asked] == j] for j in np.unique(turn[asked])]

            def look(some: Rows, turn: Rows = turn) -> None:
                tile = tiles[turn[some[0]]]
                crowded[some] = self._look(frame, anchors[some], near[some], tile, CROWD)

            for_each(look, jobs, self.threads)
        return anchors[crowded]

    def _search_in_float64(self, anchors: Rows, block_rows: int, progress: Progress) -> None:
        """Every other class against the anchors that float32 could not settle."""
        if not len(anchors):
            return
        self.nearest[anchors], self.d2_nearest[anchors], self.closer[anchors] = -1, np.inf, 0
        frame = frame_of(self.points, self.distinct.first, np.float64, held=False)
        step = max(1, block_rows**2 // self.distinct.size)
        stage = Stage(progress, "negatives in float64", len(anchors))
        for start in range(0, len(anchors), step):
            some = anchors[start : start + step]
            self._look(frame, some, None, slice(0, self.distinct.size), self.distinct.size)
            stage.step(len(some))

    def _look(
        self,
        frame: Frame,
        anchors: Rows,
        near: NDArray[Any] | None,
        tile: slice,
        crowd: int,
    ) -> NDArray[np.bool_]:
        """Merge what one tile says of some anchors into what was found; flags the crowded ones.

        near: computed values up to which a group may be the nearest; None if the tile tells.
        """
        computed = frame.products(anchors, tile)
        computed[self.codes[anchors][:, None] == self.codes[tile]] = np.inf
        radius, goal = frame.radius[anchors], self.target.d2[anchors]
        if near is None:
            near = frame.near(frame.upper(computed.min(axis=1), radius), radius)
        before = computed < frame.far(goal, radius)[:, None]
        doubtful = (computed <= frame.near(goal, radius)[:, None]) & ~before
        open_ = doubtful | (computed <= near[:, None])
        crowded: NDArray[np.bool_] = np.count_nonzero(open_, axis=1) > crowd
        open_[crowded] = False

        rows, columns = np.nonzero(open_)
        groups = columns + tile.start
        first = self.distinct.first
        squared = self.points.squared_distances(first[anchors[rows]], first[groups])
        self._keep_nearest(anchors, rows, groups, squared)
        tied = doubtful[rows, columns]
        self.closer[anchors] += self._count(before, tile) + self._members_before(
            anchors, rows[tied], groups[tied], squared[tied]
        )
        return crowded

    def _keep_nearest(self, anchors: Rows, rows: Rows, groups: Rows, squared: Floats) -> None:
        """Let pairs (anchors[rows], groups) compete with the nearest found so far."""
        first, input_rows = self.distinct.first, self.input_rows
        at, winner, d2 = first_of_each(rows, first[groups], squared, input_rows)
        at, winner = anchors[at], self.distinct.group[winner]
        earlier = input_rows[first[winner]] < input_rows[first[self.nearest[at]]]
        better = (d2 < self.d2_nearest[at]) | ((d2 == self.d2_nearest[at]) & earlier)
        self.nearest[at[better]], self.d2_nearest[at[better]] = winner[better], d2[better]

    def _count(self, before: NDArray[np.bool_], tile: slice) -> Rows:
        """Rows of the flagged groups of a tile, (q,)."""
        counts = self.distinct.count[tile]
        if counts.max() == 1:
            return np.asarray(np.count_nonzero(before, axis=1))
        return np.asarray(before @ counts)

    def _members_before(self, anchors: Rows, rows: Rows, groups: Rows, squared: Floats) -> Rows:
        """Rows of the groups that come before each anchor's target, (q,)."""
        goal, goal_row = self.target.d2[anchors], self.target.row[anchors]
        tied = np.searchsorted(self.member_key, groups * len(self.input_rows) + goal_row[rows])
        tied -= self.distinct.begin[groups]
        amount = np.where(
            squared < goal[rows],
            self.distinct.count[groups],
            np.where(squared == goal[rows], tied, 0),
        )
        return np.bincount(rows, weights=amount, minlength=len(anchors)).astype(np.int64)

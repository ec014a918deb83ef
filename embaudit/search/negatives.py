"""Nearest negatives, exactly: a bound for each region says where they can be, `Finder` looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.search.distinct import Distinct
from embaudit.search.finder import COUNTED, Finder, Target
from embaudit.search.frame import Frame, frame_of
from embaudit.search.least import Engine, Tiling, engine_for, least_in_regions
from embaudit.search.progress import Progress
from embaudit.search.workers import for_each
from embaudit.space import Floats, Points, Rows

ANCHORS = 16384  # anchors that look into the regions together


@dataclass(frozen=True)
class Negatives:
    """For each of M groups its nearest group of another class, -1 and NaN where not sought.

    closer: the rows of other classes that come before the group's nearest positive (by squared
    distance, then input row), up to COUNTED. settled: how many groups each precision decided.
    """

    nearest: Rows
    d2_nearest: Floats
    closer: Rows
    settled: dict[str, int]

    @classmethod
    def of(cls, found: Finder) -> "Negatives":
        """What was found of the anchors, told for all groups."""
        m = found.distinct.size
        nearest, d2, closer = np.full(m, -1), np.full(m, np.nan), np.zeros(m, dtype=np.int64)
        nearest[found.anchors] = found.nearest
        d2[found.anchors] = np.where(found.nearest < 0, np.nan, found.d2)
        closer[found.anchors] = np.minimum(found.closer, COUNTED)
        sharpened = int(found.sharpened.sum())
        settled = {"float32": len(found.anchors) - sharpened, "float64": sharpened}
        return cls(nearest, d2, closer, settled)


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
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.target, self.threads = target, threads
        self.engine = engine or engine_for(points.dim)

    def scan(self, sought: NDArray[np.bool_], block_rows: int, progress: Progress) -> Negatives:
        """Nearest negatives of the sought groups, (M,) flags."""
        frame = frame_of(self.points, self.distinct.first, np.float32)
        tiling = Tiling.of(self.distinct.starts, block_rows)
        least = least_in_regions(frame, tiling, self.engine, self.threads, progress)
        found = Finder(
            self.points,
            self.distinct,
            tiling.codes,
            self.input_rows,
            self.target,
            np.flatnonzero(sought),
        )
        for start in range(0, len(found.anchors), ANCHORS):
            at = np.arange(start, min(start + ANCHORS, len(found.anchors)))
            self._visit(frame, tiling.regions, least[found.anchors[at]], found, at)
        return Negatives.of(found)

    def _visit(
        self,
        frame: Frame,
        regions: list[slice],
        least: NDArray[np.float32],
        found: Finder,
        at: Rows,
    ) -> None:
        """Look into every region that may decide an anchor, the most promising first."""
        anchors = found.anchors[at]
        radius = frame.radius[anchors]
        near = frame.near(frame.upper(least.min(axis=1), radius), radius)
        goal = frame.near(self.target.d2[anchors], radius)
        order = np.argsort(least, axis=1, kind="stable")
        for turn in order.T:
            value = np.take_along_axis(least, turn[:, None], axis=1)[:, 0]
            # nothing beyond `near` can be the nearest, beyond `goal` come before the positive
            open_ = (value <= near) | ((value <= goal) & (found.closer[at] < COUNTED))
            asked = np.flatnonzero(open_ & np.isfinite(value))
            if not len(asked):
                break
            jobs = [asked[turn[asked] == j] for j in np.unique(turn[asked])]

            def look(some: Rows, turn: Rows = turn) -> None:
                found.look(frame, at[some], regions[turn[some[0]]], near[some])

            for_each(look, jobs, self.threads)

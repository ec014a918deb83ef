"""Nearest and furthest positives: dense tiles inside the classes, no mask but the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.search.distinct import Distinct
from embaudit.search.frame import Frame, frame_of
from embaudit.search.progress import Progress, Stage
from embaudit.search.refine import decide
from embaudit.search.workers import for_each
from embaudit.space import Floats, Points, Rows

CROWD = 32  # candidates of one anchor beyond which a sharper bound is cheaper than deciding all


@dataclass(frozen=True)
class Positives:
    """For each of M groups: the nearest and the furthest *other* group of its class.

    Groups are -1 and squared distances NaN in a class of one group.
    """

    nearest: Rows
    furthest: Rows
    d2_nearest: Floats
    d2_furthest: Floats


class PositiveSearch:
    """The nearest and furthest positive of every group, decided in float64."""

    def __init__(
        self, points: Points, distinct: Distinct, input_rows: Rows, threads: int = 1
    ) -> None:
        m = distinct.size
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.threads = threads
        self.found = Positives(
            np.full(m, -1), np.full(m, -1), np.full(m, np.nan), np.full(m, np.nan)
        )

    def scan(self, block_rows: int, progress: Progress) -> Positives:
        """Every group against the others of its class."""
        stage = Stage(progress, "positives", self.distinct.size)
        for groups in self._batches(block_rows):
            if groups.shape[1] > 1:
                self._scan_classes(groups, block_rows)
            stage.step(groups.size)
        return self.found

    def _batches(self, block_rows: int) -> Iterator[Rows]:
        """Classes of equal size together, (classes, size): many small ones cost one product."""
        sizes = np.diff(self.distinct.starts)
        for size in np.unique(sizes):
            firsts = self.distinct.starts[:-1][sizes == size]
            together = max(1, min(block_rows**2 // int(size) ** 2, 8 * block_rows // int(size)))
            for start in range(0, len(firsts), together):
                yield firsts[start : start + together, None] + np.arange(size)

    def _scan_classes(self, groups: Rows, block_rows: int) -> None:
        size = groups.shape[1]
        step = max(1, min(size, block_rows**2 // size))
        frame = frame_of(self.points, self.distinct.first[groups], np.float32)

        def scan(start: int) -> None:
            queries = np.arange(start, min(start + step, size))
            crowded = self._look(frame, groups, queries, CROWD)
            for c in np.flatnonzero(crowded.any(axis=1)):
                sharp = Frame(frame.cloud.only(int(c)), np.float64, None)
                self._look(sharp, groups[c : c + 1], queries[crowded[c]], size)

        for_each(scan, range(0, size, step), self.threads)

    def _look(self, frame: Frame, groups: Rows, queries: Rows, crowd: int) -> NDArray[np.bool_]:
        """Decide the queries of some classes; flags those with a crowd of candidates, (c, q)."""
        tile, radius = frame.products(queries), frame.radius[..., queries]
        itself = (..., np.arange(len(queries)), queries)
        tile[itself] = np.inf
        sure = frame.upper(tile.min(axis=-1), radius)
        near = tile <= frame.near(sure, radius)[..., None]
        tile[itself] = -np.inf
        sure = frame.lower(tile.max(axis=-1), radius)
        far = tile >= frame.far(sure, radius)[..., None]
        crowded: NDArray[np.bool_] = np.count_nonzero(near, axis=-1) > crowd
        crowded |= np.count_nonzero(far, axis=-1) > crowd
        near[crowded] = far[crowded] = False
        found = self.found
        self._decide(groups, queries, near, False, found.nearest, found.d2_nearest)
        self._decide(groups, queries, far, True, found.furthest, found.d2_furthest)
        return crowded

    def _decide(
        self,
        groups: Rows,
        queries: Rows,
        where: NDArray[np.bool_],
        furthest: bool,
        winner: Rows,
        distance: Floats,
    ) -> None:
        """Decide the flagged candidates, (classes, queries, size), and write the winners down."""
        first = self.distinct.first
        classes, rows, columns = np.nonzero(where)
        anchors, others = first[groups[classes, queries[rows]]], first[groups[classes, columns]]
        anchors, others, squared = decide(
            self.points, anchors, others, self.input_rows, furthest=furthest
        )
        at = self.distinct.group[anchors]
        winner[at], distance[at] = self.distinct.group[others], squared

"""What lies near the set: how little its rows can move, and where separated maps are."""

from functools import cached_property

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.core.random_streams import SUBSET_ROWS, random_stream
from embaudit.data import EmbeddingSet
from embaudit.data.sampling import drawn
from embaudit.geometry.anchor_displacement_bound import least_moves
from embaudit.geometry.separated_map import MapSearch, search_near
from embaudit.geometry.separated_map_effort import pays
from embaudit.search import AnchorScan, Progress, for_each

HARDEST = 8  # anchors whose rows are looked at for how little they can move
SUBSETS, SUBSET = 3, 512  # draws of rows that stand for a set too large to search, and their size


class SeparatedMaps:
    """Bounds and searches that the distances to a separated map share, computed when asked for."""

    def __init__(
        self,
        data: EmbeddingSet,
        points: Points,
        scan: AnchorScan,
        anchors: Rows,
        gaps: Floats,
        *,
        seed: int,
        effort: int,
        threads: int,
        progress: Progress,
    ) -> None:
        self.data, self.points, self.scan, self.anchors = data, points, scan, anchors
        self.gaps, self.seed, self.effort = gaps, seed, effort
        self.threads, self.progress = threads, progress

    @cached_property
    def surely_violated(self) -> float:
        """L rounded down, 0 at least: squares of n terms are off by n + 2 roundings."""
        at = int(self.gaps.argmax())
        furthest = float(np.sqrt(self.scan.d2_furthest_positive[self.anchors[at]]))
        return max(0.0, float(self.gaps[at]) - (self.data.dim + 8) * 2.0**-52 * furthest)

    @cached_property
    def least_move(self) -> tuple[float, int]:
        """A lower bound on d_haus, and the (ordered) anchor that gives it."""
        hardest = self.anchors[np.argsort(-self.gaps, kind="stable")[:HARDEST]]
        quarter = self.surely_violated / 4
        return least_moves(self.points, self.data.starts, hardest, quarter)

    @cached_property
    def search(self) -> MapSearch | None:
        """The search for separated maps near the set; None where it is not worth its cost."""
        if not pays(self.data.size, self.data.dim, self.effort):
            return None
        return search_near(
            self.points,
            self.data.starts,
            self.least_move[0],
            effort=self.effort,
            parallel=lambda work, bands: for_each(work, bands, min(self.threads, len(bands))),
            progress=self.progress,
        )

    @cached_property
    def subsets(self) -> tuple[MapSearch, ...]:
        """Searches near SUBSETS stratified draws of rows that hold the hardest triplets too."""
        order = np.argsort(-self.gaps, kind="stable")[:HARDEST]
        hardest = self.anchors[order]
        positive, negative = self.scan.furthest_positive, self.scan.nearest_negative
        kept = np.concatenate((hardest, positive[hardest], negative[hardest]))
        return tuple(self._subset(hardest, kept, number) for number in range(SUBSETS))

    def _subset(self, hardest: Rows, kept: Rows, number: int) -> MapSearch:
        """Rows of some classes, SUBSET in all, and those to be kept."""
        rng = random_stream(self.seed, SUBSET_ROWS, number)
        classes = rng.permutation(len(self.data.classes))[: SUBSET // 4]
        chosen = np.flatnonzero(np.isin(self.data.codes, classes))
        codes = np.unique(self.data.codes[chosen], return_inverse=True)[1]
        size = min(SUBSET, len(chosen))
        within = drawn(codes, size, self.seed + number)
        rows = np.union1d(chosen[within], kept)
        points = Points(self.points.floats(rows))
        counts = np.unique(self.data.codes[rows], return_counts=True)[1]
        starts = np.concatenate(([0], np.cumsum(counts)))
        quarter = max(0.0, float(self.gaps.max())) / 4
        least, _ = least_moves(points, starts, np.searchsorted(rows, hardest), quarter)
        return search_near(
            points, starts, least, effort=max(1, self.effort), progress=self.progress
        )

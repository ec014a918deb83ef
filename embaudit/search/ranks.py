"""How the negatives rank among an anchor's positives: triplet counts and retrieval in one pass."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.data import EmbeddingSet
from embaudit.search.distinct import Distinct
from embaudit.search.frame import Frame, frame_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.workers import for_each
from embaudit.space import Floats, Points, Rows

TILE = 4_000_000  # computed distances held at a time


@dataclass(frozen=True)
class AnchorRanks:
    """Exact counts for k anchors, each against all of its positives and negatives.

    anchors: (k,) ordered rows. violated, tied: (k,) pairs (p, n) with d(a,p) > d(a,n), with
    equality. triplets: (k,) P_x N_x. r_precision, average_precision: (k,) over the first
    R = P_x ranks (average precision divides by R), ties in the ranking to the lowest input row.
    """

    anchors: Rows
    violated: Rows
    tied: Rows
    triplets: Rows
    r_precision: Floats
    average_precision: Floats


def rank_anchors(
    data: EmbeddingSet,
    points: Points,
    distinct: Distinct,
    anchors: Rows,
    *,
    threads: int = 1,
    progress: Progress = silent,
) -> AnchorRanks:
    """Rank all rows from each given anchor (ordered rows, each with at least one positive)."""
    ranker = _Ranker(data, points, distinct)
    stage = Stage(progress, "ranks", len(anchors))
    step = max(1, TILE // data.size)
    parts = [slice(start, start + step) for start in range(0, len(anchors), step)]
    rows: list[tuple[int, int, int, float, float]] = [(0, 0, 0, 0.0, 0.0)] * len(anchors)

    def rank(part: slice) -> None:
        chosen = anchors[part]
        tile = ranker.frame.products(chosen)
        rows[part] = [ranker.rank(int(a), d) for a, d in zip(chosen, tile, strict=True)]

    for_each(rank, parts, threads, lambda _: stage.step(step))
    violated, tied, triplets, r_precision, average_precision = map(
        np.array, zip(*rows, strict=True)
    )
    return AnchorRanks(anchors, violated, tied, triplets, r_precision, average_precision)


class _Ranker:
    """Counts by bounds on one float64 product; only what they leave open is computed directly."""

    def __init__(self, data: EmbeddingSet, points: Points, distinct: Distinct) -> None:
        self.data, self.points, self.distinct = data, points, distinct
        self.frame: Frame = frame_of(points, np.arange(points.size), np.float64, held=False)
        self.codes = data.codes

    def rank(self, anchor: int, computed: Floats) -> tuple[int, int, int, float, float]:
        """Violated, tied and all triplets, R-precision and average precision of one anchor."""
        begin, end = self.data.starts[self.codes[anchor] :][:2]
        positives = np.delete(np.arange(begin, end), anchor - begin)
        negatives = np.concatenate((np.arange(begin), np.arange(end, self.data.size)))
        radius = self.frame.radius[anchor]
        positives = positives[np.argsort(computed[positives])]  # sorted queries search faster
        reached = computed[positives]
        low = self.frame.far(self.frame.lower(reached, radius), radius)
        high = self.frame.near(self.frame.upper(reached, radius), radius)

        ordered = np.sort(computed[negatives])
        less = np.searchsorted(ordered, low, side="left")
        open_ = np.searchsorted(ordered, high, side="right") > less
        before = less.copy()
        tied = 0
        if open_.any():
            where = _within(computed[negatives], low[open_], high[open_])
            less[open_], before[open_], tied = self._decide(
                anchor,
                positives[open_],
                negatives[where],
                less[open_],
                np.searchsorted(np.sort(computed[negatives[where]]), low[open_], side="left"),
            )
        size = len(positives)
        place, before = np.arange(1, size + 1), np.sort(before)
        first = place + before <= size
        precision = (place / (place + before))[first].sum() / size
        return int(less.sum()), tied, size * len(negatives), first.sum() / size, precision

    def _decide(
        self, anchor: int, positives: Rows, negatives: Rows, less: Rows, counted: Rows
    ) -> tuple[Rows, Rows, int]:
        """Decide some positives against the negatives that bounds could not tell from them.

        less: negatives surely closer, of which `counted` are among the given ones. Returns, for
        each positive, the negatives strictly closer and those before it in the ranking, and the
        number of ties in all.
        """
        rows = np.concatenate((positives, negatives))
        squared = self._squared_distances(anchor, rows)
        to_positives, to_negatives = squared[: len(positives)], np.sort(squared[len(positives) :])
        closer = np.searchsorted(to_negatives, to_positives, side="left")
        not_further = np.searchsorted(to_negatives, to_positives, side="right")

        order = np.lexsort((self.data.rows[rows], squared))
        passed = np.cumsum(order >= len(positives))
        ahead = np.empty(len(rows), dtype=np.int64)
        ahead[order] = passed
        before = ahead[: len(positives)]
        return less - counted + closer, less - counted + before, int((not_further - closer).sum())

    def _squared_distances(self, anchor: int, rows: Rows) -> Floats:
        """The deciding distances; equal vectors are computed once."""
        groups, inverse = np.unique(self.distinct.group[rows], return_inverse=True)
        firsts = self.distinct.first[groups]
        return self.points.squared_distances(np.full(len(firsts), anchor), firsts)[inverse]


def _within(values: Floats, low: NDArray[Any], high: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values lie in the union of intervals whose two ends rise together."""
    low, high = np.sort(low), np.sort(high)
    last = np.searchsorted(low, values, side="right") - 1
    return (last >= 0) & (values <= high[last])

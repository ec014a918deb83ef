"""Counting how negatives rank among an anchor's positives: triplets and retrieval in one pass."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.search.anchor_ranks import AnchorRanks
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.nearest_negative import bar
from embaudit.search.negative_rank_bounds import NegativeRanks
from embaudit.search.positive_rank_bounds import PositiveRanks, ends_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.ranking_dtype import cheaper, ranking_frame
from embaudit.search.thread_pool import for_each
from embaudit.search.tied_retrieval import Order, orders_of
from embaudit.search.tile_grid import tiles_of

TOGETHER, FEWEST = 1024, 64  # anchors that share the cast of a block of rows, which is dear
TOGETHER_VALUES = 1 << 22  # of these anchors: 32 MiB in float64
TOGETHER_POSITIVES = 1 << 20  # positives whose standing is held at a time, of all these anchors
ENDS = 1 << 18  # computed distances to positives that are bounded at a time
CELLS = 1 << 22  # computed distances that are held at a time, to positives or to others
CASTING_CELLS = 1 << 23  # to others, of rows that are cast anew for these
MAJORITY = 2 / 3  # of the rows from which a class's negatives are sorted, not its positives
FEW = 8  # a class of less than this part of the rows is not left out of a product
BLOCK = 4096  # rows that are ranked at a time

Ranks = PositiveRanks | NegativeRanks
Counted = tuple[int, int, int, Order, Order, int]  # of one anchor, in the order of AnchorRanks
NOTHING: Counted = (0, 0, 0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0)


def rank_anchors(
    data: EmbeddingSet,
    points: Points,
    distinct: Deduplicated,
    anchors: Rows,
    codes: Rows | None = None,
    itself: Rows | None = None,
    *,
    frame: Frame | None = None,
    threads: int = 1,
    progress: Progress = silent,
) -> AnchorRanks:
    """Rank all rows of the set from each given anchor, each with at least one positive.

    anchors: rows of the points, of which those beyond the set are queries; codes: their classes,
    by default those of the set's own rows. itself: the row of the set that each is, which is left
    out, -1 for none; by default the anchor. frame: of `ranking_frame`, if it is there already.
    """
    codes = data.codes[anchors] if codes is None else codes
    itself = anchors if itself is None else itself
    frame = cheaper(frame or ranking_frame(points), data, anchors, codes, threads)
    ranker = _Ranker(data, points, distinct, frame)
    stage = Stage(progress, "ranks", len(anchors))
    fair = max(FEWEST, len(anchors) // threads)
    most = min(
        TOGETHER,
        TOGETHER_POSITIVES // int(data.sizes.max()),
        max(FEWEST, TOGETHER_VALUES // points.dim),
    )
    most = min(most, max(FEWEST, ranker.cells // points.size))
    together = max(4, min(most, fair))
    parts = tiles_of(len(anchors), together)
    rows = [NOTHING] * len(anchors)

    def rank(part: slice) -> None:
        rows[part] = ranker.rank(anchors[part], codes[part], itself[part])

    for_each(rank, parts, threads, lambda part: stage.step(part.stop - part.start))
    violated, tied, triplets, r_precision, average_precision, leading = map(
        np.array, zip(*rows, strict=True)
    )
    return AnchorRanks(
        anchors,
        violated,
        tied,
        triplets,
        r_precision,
        average_precision,
        leading,
        ranker.as_positive,
    )


class _Ranker:
    """Counts by bounds on one product; only what they leave open is computed directly."""

    def __init__(
        self, data: EmbeddingSet, points: Points, distinct: Deduplicated, frame: Frame
    ) -> None:
        self.data, self.points, self.distinct, self.frame = data, points, distinct, frame
        self.cells = CELLS if frame.rows is not None else CASTING_CELLS
        self.as_positive = data.beside(np.zeros(data.size, dtype=np.int64))
        self.adding = Lock()

    def rank(self, anchors: Rows, codes: Rows, itself: Rows) -> list[Counted]:
        """What is counted for each anchor."""
        runs = np.split(np.arange(len(anchors)), np.flatnonzero(np.diff(codes)) + 1)
        classes = [slice(*self.data.starts[codes[run[0]] :][:2].tolist()) for run in runs]
        most = max(own.stop - own.start for own in classes)
        ranks: Sequence[Ranks]
        if most < MAJORITY * self.data.size:
            ranks = self._among_positives(anchors, itself, runs, classes)
        elif len(runs) > 1:
            return [one for run in runs for one in self.rank(anchors[run], codes[run], itself[run])]
        else:
            ranks = self._among_negatives(anchors, itself, classes[0])
        self._decide([one for one in ranks if one.open.any()])
        return [self._counted(one) for one in ranks]

    def _among_positives(
        self, anchors: Rows, itself: Rows, runs: list[Rows], classes: list[slice]
    ) -> list[PositiveRanks]:
        """Negatives counted among the positives of their anchor; runs: of anchors of one class."""
        others = self.data.size - (itself >= 0)
        found: list[PositiveRanks] = []
        for run, own in zip(runs, classes, strict=True):
            amount = max(1, CELLS // (own.stop - own.start))
            for some in (run[part] for part in tiles_of(len(run), amount)):
                reached = self.frame.beside(self.frame.asking(anchors[some]), own)
                order = np.argsort(reached, axis=1)
                low, high = self._ends(anchors[some], reached)
                for at, nearest, *ends in zip(some.tolist(), order, low, high, strict=True):
                    nearest = nearest[nearest != itself[at] - own.start]  # not its own positive
                    found.append(
                        PositiveRanks(
                            int(anchors[at]),
                            int(others[at]),
                            own.start + nearest,
                            *(each[nearest] for each in ends),
                        )
                    )
        asked = self.frame.asking(anchors)
        alone = classes[0] if len(runs) == 1 else slice(0, 0)  # what is negative to none of them
        for block in self._blocks(alone, len(anchors)):
            computed = self.frame.beside(asked, block)
            bar(computed, itself, block)
            for run, own in zip(runs, classes, strict=True):
                low_, high_ = max(own.start, block.start), min(own.stop, block.stop)
                if low_ < high_:
                    part = slice(low_ - block.start, high_ - block.start)
                    computed[run[0] : run[-1] + 1, part] = np.inf
            for one, row in zip(found, computed, strict=True):
                one.meet(block.start, row)
        return found

    def _among_negatives(self, anchors: Rows, itself: Rows, own: slice) -> list[NegativeRanks]:
        """Positives counted among the negatives of their anchor, of anchors of one large class."""
        asked = self.frame.asking(anchors)
        sides = slice(0, own.start), slice(own.stop, self.data.size)
        computed = [self.frame.beside(asked, side) for side in sides]
        for tile, side in zip(computed, sides, strict=True):
            bar(tile, itself, side)
        tile = np.concatenate(computed, axis=1)
        rows = np.concatenate([np.arange(side.start, side.stop) for side in sides])
        order = np.argsort(tile, axis=1)
        low, high = self._ends(anchors, np.take_along_axis(tile, order, axis=1))
        reached, positives = self.frame.beside(asked, own), np.arange(own.start, own.stop)
        others, found = self.data.size - (itself >= 0), []
        for at, (row, nearest, *ends) in enumerate(zip(reached, order, low, high, strict=True)):
            inside = own.start <= itself[at] < own.stop
            amount = len(rows) - int(itself[at] >= 0 and not inside)  # what is barred is last
            left = positives != itself[at] if inside else slice(None)
            found.append(
                NegativeRanks(
                    int(anchors[at]),
                    int(others[at]),
                    positives[left],
                    row[left],
                    rows[nearest[:amount]],
                    *(each[:amount] for each in ends),
                )
            )
        return found

    def _ends(self, anchors: Rows, computed: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """`ends_of`, of a few at a time."""
        parts = tiles_of(len(anchors), max(1, ENDS // max(1, computed.shape[1])))
        ends = [ends_of(self.frame, anchors[part], computed[part]) for part in parts]
        low, high = (np.concatenate(side) for side in zip(*ends, strict=True))
        return low, high

    def _blocks(self, without: slice, anchors: int) -> list[slice]:
        """All rows but some, for so many anchors at a time; a few rows too many are no matter."""
        size, rows = self.data.size, max(BLOCK, self.cells // anchors)
        if (without.stop - without.start) * FEW < size:
            return tiles_of(size, rows)
        return tiles_of(without.start, rows) + tiles_of(size, rows, without.stop)

    def _decide(self, undecided: Sequence[Ranks]) -> None:
        """Compute what bounds left open, of all anchors at once; of equal vectors once."""
        if not undecided:
            return
        rows = [one.doubted() for one in undecided]
        ends = np.cumsum([len(one) for one in rows])
        anchor = np.repeat(np.arange(len(rows)), np.diff(ends, prepend=0))
        pairs = anchor * self.distinct.size + self.distinct.group[np.concatenate(rows)]
        pairs, inverse = np.unique(pairs, return_inverse=True)
        at, group = np.divmod(pairs, self.distinct.size)
        left = np.array([one.anchor for one in undecided])[at]
        squared = self.points.squared_distances(left, self.distinct.first[group])[inverse]
        for one, part in zip(undecided, np.split(squared, ends[:-1]), strict=True):
            one.decide(part)

    def _counted(self, ranks: Ranks) -> Counted:
        less, upto = ranks.less, ranks.upto
        with self.adding:  # whole numbers: their order does not matter
            self.as_positive[ranks.positives] += less
        size, tied = len(less), int((upto - less).sum())
        r_precision, average = orders_of(*ranks.rising())
        triplets = size * (ranks.others - size)
        return int(less.sum()), tied, triplets, r_precision, average, int((upto == 0).sum())

"""What bounds tell of an anchor's positives where its negatives are the fewer.

Intervals are those of negatives then, and it is these that are sorted.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.search.interval_buckets import IntervalBuckets


class NegativeRanks:
    """What is counted for one anchor, its negatives ordered by computed distance.

    others: rows that it is compared with. positives: rows, with their computed `values`.
    negatives: rows; low, high: computed values below which a positive is surely closer than each,
    and beyond which it surely is not. less, upto: negatives surely closer than each positive, and
    those that are not surely further; these are true once `decide` has told what is open.
    """

    def __init__(
        self,
        anchor: int,
        others: int,
        positives: Rows,
        values: NDArray[Any],
        negatives: Rows,
        low: NDArray[Any],
        high: NDArray[Any],
    ) -> None:
        self.anchor, self.others = anchor, others
        self.positives, self.negatives = positives, negatives
        self.less, self.upto = standing_among(values, low, high)
        self.open = self.upto > self.less
        between = np.zeros(len(negatives) + 1, dtype=np.int64)
        np.add.at(between, self.less[self.open], 1)
        np.subtract.at(between, self.upto[self.open], 1)
        self.doubtful = np.flatnonzero(between.cumsum())

    def doubted(self) -> Rows:
        """The rows whose distances are to be computed: open positives, then doubtful negatives."""
        return np.concatenate((self.positives[self.open], self.negatives[self.doubtful]))

    def decide(self, squared: Floats) -> None:
        """Tell the open positives from the doubtful negatives; squared: distances of `doubted`."""
        open_ = np.flatnonzero(self.open)
        to_positives, to_negatives = squared[: len(open_)], np.sort(squared[len(open_) :])
        surely = self.less[open_] - np.searchsorted(self.doubtful, self.less[open_])
        self.less[open_] = surely + np.searchsorted(to_negatives, to_positives, side="left")
        self.upto[open_] = surely + np.searchsorted(to_negatives, to_positives, side="right")

    def rising(self) -> tuple[Rows, Rows]:
        """Both counts, each in order."""
        less = _in_order(self.less)
        return less, _in_order(self.upto) if self.open.any() else less


def _in_order(counts: Rows) -> Rows:
    """Numbers far fewer than there are of them."""
    amounts = np.bincount(counts)
    return np.repeat(np.arange(len(amounts)), amounts)


def standing_among(
    values: NDArray[Any], low: NDArray[Any], high: NDArray[Any]
) -> tuple[Rows, Rows]:
    """How many intervals end below each value, and how many begin at it or below; both ends rise.

    Values may be in any order: the buckets of most of them tell.
    """
    table = IntervalBuckets.of(low, high) if len(low) else None
    if table is None:
        return high.searchsorted(values), low.searchsorted(values, side="right")
    less = table.below(values).astype(np.int64)
    alike = np.flatnonzero(less > len(low))
    some = values[alike]
    less[alike] = high.searchsorted(some)
    upto = less.copy()
    upto[alike] = low.searchsorted(some, side="right")
    return less, upto

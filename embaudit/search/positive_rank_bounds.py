"""What bounds tell of where an anchor's positives stand among its negatives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.search.error_bounds import Frame
from embaudit.search.interval_buckets import IntervalBuckets

MANY = 1024  # values that are told from most positives by buckets


class PositiveRanks:
    """What is counted for one anchor, its positives ordered by computed distance.

    others: rows that it is compared with. low, high: computed values below which a negative is
    surely closer than each positive, and beyond which it surely is not. less: negatives surely
    closer so far; upto: those no further, of which the bounds tell as many. open: positives that
    some negatives could not be told from; these are `doubtful`, by row, with their values. Once
    all rows were met and these are decided, both counts are true.
    """

    def __init__(
        self,
        anchor: int,
        others: int,
        positives: Rows,
        low: NDArray[Any],
        high: NDArray[Any],
    ) -> None:
        self.anchor, self.others, self.positives = anchor, others, positives
        self.low, self.high = low, high
        self.furthest = self.high.max(initial=-np.inf)
        self.less = self.upto = np.zeros(len(positives), dtype=np.int64)
        self.open = np.zeros(len(positives), dtype=bool)
        self.doubtful: list[Rows] = []
        self.values: list[Floats] = []

    def meet(self, start: int, computed: Floats) -> None:
        """Count the computed distances of a block, the first of them row `start`."""
        near = computed <= self.furthest  # no others count
        values = computed[near]
        less, alike = apart(values, self.low, self.high)
        values = values[alike]
        closer, open_ = standing(values, self.low, self.high)
        self.less += less + closer  # and `upto`, the same numbers
        if open_.any():
            self.open |= open_
            some = within(values, self.low[open_], self.high[open_])
            self.doubtful.append(start + np.flatnonzero(near)[alike][some])
            self.values.append(values[some])

    def doubted(self) -> Rows:
        """The rows whose distances are to be computed: open positives, then doubtful negatives."""
        return np.concatenate((self.positives[self.open], *self.doubtful))

    def decide(self, squared: Floats) -> None:
        """Tell the open positives from the doubtful negatives; squared: distances of `doubted`."""
        open_ = np.flatnonzero(self.open)
        to_positives, to_negatives = squared[: len(open_)], np.sort(squared[len(open_) :])
        values = np.sort(np.concatenate(self.values))
        surely = self.less[open_] - np.searchsorted(values, self.low[open_], side="left")
        self.upto = self.less.copy()
        self.less[open_] = surely + np.searchsorted(to_negatives, to_positives, side="left")
        self.upto[open_] = surely + np.searchsorted(to_negatives, to_positives, side="right")

    def rising(self) -> tuple[Rows, Rows]:
        """Both counts, each in order: but for what was open they are."""
        return np.sort(self.less, kind="stable"), np.sort(self.upto, kind="stable")


def ends_of(
    frame: Frame, anchors: Rows, reached: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Computed values below which rows are surely closer, and beyond which they surely are not.

    reached: (anchors, m) computed values of what they are compared with.
    """
    radius = frame.radius[anchors][:, None]
    low = frame.far(frame.lower(reached, radius), radius)
    return low, frame.near(frame.upper(reached, radius), radius)


def apart(
    values: NDArray[Any], low: NDArray[Any], high: NDArray[Any]
) -> tuple[Rows | int, Rows | slice]:
    """How many values lie below each interval by their buckets alone, and which share one with any.

    No value is beyond all intervals.
    """
    table = IntervalBuckets.of(low, high) if len(values) >= MANY else None
    if table is None:
        return 0, slice(None)
    below = table.below(values)
    less = np.bincount(below, minlength=len(low))[: len(low)].cumsum()
    return less, np.flatnonzero(below > len(low))


def standing(
    values: NDArray[Any], low: NDArray[Any], high: NDArray[Any]
) -> tuple[Rows, NDArray[np.bool_]]:
    """How many values lie below each interval, and whether one lies in it; both ends rise."""
    ordered = np.empty(len(values) + 1, dtype=values.dtype)
    ordered[:-1], ordered[-1] = values, np.inf
    ordered.sort()
    less = ordered.searchsorted(low) if len(low) <= len(ordered) else _below(ordered[:-1], low)
    return less, ordered[less] <= high


def _below(ordered: NDArray[Any], limits: NDArray[Any]) -> Rows:
    """How many values lie below each limit, both rising, of fewer values than limits."""
    first = limits.searchsorted(ordered, side="right")
    return np.cumsum(np.bincount(first, minlength=len(limits))[: len(limits)])


def within(values: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values lie in the union of intervals whose two ends rise together."""
    low, high = np.sort(low), np.sort(high)
    last = np.searchsorted(low, values, side="right") - 1
    return (last >= 0) & (values <= high[last])

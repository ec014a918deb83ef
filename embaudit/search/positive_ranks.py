"""What bounds tell of where an anchor's positives stand among its negatives."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Floats, Rows
from embaudit.search.error_bounds import TINY, Frame

MANY = 1024  # values that are told from most positives by buckets
BUCKETS = 65_000  # of 16 bits, with room for rounding
WIDE = 4  # of these the widest interval has, at most


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

    Buckets keep the order of values, and a table tells of each how many intervals lie below it: no
    value is sorted but the few that share one with an interval. No value is beyond all intervals.
    """
    with np.errstate(over="ignore"):
        span = max(high[-1] - low[0], (high - low).max() * (BUCKETS / WIDE))
    if len(values) < MANY or not TINY < span < np.inf:
        return 0, slice(None)
    first, last, buckets = (_buckets(each, low[0], span) for each in (low, high, values))
    below = _intervals_below(first.astype(np.int64), last.astype(np.int64)).take(buckets)
    less = np.bincount(below, minlength=len(low))[: len(low)].cumsum()
    return less, np.flatnonzero(below == len(low) + 1)


def _intervals_below(first: Rows, last: Rows) -> NDArray[Any]:
    """(2^16,) how many of p intervals of buckets end below each bucket; p + 1 in one of them."""
    begin, amount = np.concatenate(([0], last + 1)), len(first)
    counts = np.zeros((amount + 1, 2), dtype=np.int64)
    counts[:-1, 0] = np.maximum(first - begin[:-1], 0)
    counts[:-1, 1] = begin[1:] - np.maximum(first, begin[:-1])
    counts[-1, 0] = (1 << 16) - begin[-1]
    of = np.full(counts.shape, amount + 1, dtype=np.min_scalar_type(amount + 1))
    of[:, 0] = np.arange(amount + 1)
    return np.repeat(of.ravel(), counts.ravel())


def _buckets(values: NDArray[Any], low: float, span: float) -> NDArray[np.uint16]:
    """Whole numbers that never fall as values rise up to low + span."""
    scaled = values - low
    scaled *= BUCKETS / span
    return np.maximum(scaled, 0, out=scaled).astype(np.uint16)


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

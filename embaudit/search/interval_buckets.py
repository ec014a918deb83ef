"""Which intervals numbers lie beyond, by buckets of 16 bits: nothing is sorted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.search.error_bounds import TINY

BUCKETS = 65_000  # of 16 bits, with room for rounding
LAST = (1 << 16) - 1
WIDE = 4  # buckets that the widest interval has, at most


@dataclass(frozen=True)
class IntervalBuckets:
    """A table for p intervals whose two ends rise together.

    table: (2^16,) how many of them end below each bucket, p + 1 in one of them. Buckets keep the
    order of numbers, from `low` on, and few numbers share one with an interval.
    """

    low: float
    span: float
    table: NDArray[Any]

    @classmethod
    def of(cls, low: NDArray[Any], high: NDArray[Any]) -> "IntervalBuckets | None":
        """None where buckets tell nothing: of ends that are equal, or no numbers."""
        with np.errstate(over="ignore"):
            span = max(high[-1] - low[0], (high - low).max() * (BUCKETS / WIDE))
        if not TINY < span < np.inf:
            return None
        ends = (_buckets(each, low[0], span).astype(np.int64) for each in (low, high))
        return cls(low[0], span, _table(*ends))

    def below(self, values: NDArray[Any]) -> NDArray[Any]:
        """How many intervals each value is surely beyond, p + 1 where its bucket does not tell."""
        return self.table.take(_buckets(values, self.low, self.span))


def _table(first: Rows, last: Rows) -> NDArray[Any]:
    begin, amount = np.concatenate(([0], last + 1)), len(first)
    counts = np.zeros((amount + 1, 2), dtype=np.int64)
    counts[:-1, 0] = np.maximum(first - begin[:-1], 0)
    counts[:-1, 1] = begin[1:] - np.maximum(first, begin[:-1])
    counts[-1, 0] = LAST + 1 - begin[-1]
    of = np.full(counts.shape, amount + 1, dtype=np.min_scalar_type(amount + 1))
    of[:, 0] = np.arange(amount + 1)
    return np.repeat(of.ravel(), counts.ravel())


def _buckets(values: NDArray[Any], low: float, span: float) -> NDArray[np.uint16]:
    scaled = values - low
    scaled *= BUCKETS / span
    return np.clip(scaled, 0, LAST, out=scaled).astype(np.uint16)

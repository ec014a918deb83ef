"""The distinct vectors that rows may be found at: of a collapsed set they are few."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows

MIXED = -1  # the code of a place with rows of several codes, and of rows that are barred nowhere


@dataclass(frozen=True)
class Candidates:
    """V distinct vectors, ordered by `sole`, each with the first of its rows.

    sole: (V,) the code of all rows at a place, or MIXED. barred: (V,) a code that finds none of
    them, MIXED for none; rows that are barred from different codes have places of their own.
    begin: (V + 1,); rows begin[v]:begin[v + 1] of `members` are at place v, in no order: enough
    of each to find the k nearest rows of any code.
    """

    sole: Rows
    barred: Rows
    begin: Rows
    members: Rows
    _by_bar: Rows

    @classmethod
    def of(
        cls,
        rows: Rows,
        vectors: Rows,
        codes: Rows,
        input_rows: Rows,
        barred: Rows | None,
        k: int,
    ) -> "Candidates":
        """Places of some ordered rows; the arguments are those of `k_nearest`."""
        if barred is None and np.bincount(vectors[rows]).max(initial=0) <= 1:
            return cls._of_distinct(rows, codes)
        bars = np.full(len(vectors), MIXED) if barred is None else barred
        rows = rows[np.lexsort((input_rows[rows], codes[rows], bars[rows], vectors[rows]))]
        new = (np.diff(vectors[rows], prepend=-1) != 0) | (np.diff(bars[rows], prepend=-2) != 0)
        begin = np.flatnonzero(new)
        low, high = codes[rows[begin]], codes[rows[np.append(begin[1:], len(rows)) - 1]]
        sole = np.where(low == high, low, MIXED)
        order = np.argsort(sole, kind="stable")
        number = np.empty(len(order), dtype=np.int64)
        number[order] = np.arange(len(order))
        place = number[np.cumsum(new) - 1]

        # k of each code, then 2 k in all: without any one code there are still k
        rank = _ranks(new | (np.diff(codes[rows], prepend=-1) != 0))
        rows, place = rows[rank < k], place[rank < k]
        again = np.lexsort((input_rows[rows], place))
        rows, place = rows[again], place[again]
        few = _ranks(np.diff(place, prepend=-1) != 0) < 2 * k
        rows, place = rows[few], place[few]
        begin = np.searchsorted(place, np.arange(len(order) + 1))
        bar = bars[rows[begin[:-1]]]
        return cls(sole[order], bar, begin, rows, np.argsort(bar, kind="stable"))

    @classmethod
    def _of_distinct(cls, rows: Rows, codes: Rows) -> "Candidates":
        """Places of rows that are all distinct, one each: of large sets most are."""
        rows = rows[np.argsort(codes[rows], kind="stable")]
        nowhere = np.broadcast_to(np.int64(MIXED), len(rows))
        begin = np.arange(len(rows) + 1)
        return cls(codes[rows], nowhere, begin, rows, begin[:-1])

    @property
    def size(self) -> int:
        """V, the number of places."""
        return len(self.sole)

    def positions(self, vectors: Rows, asked: Rows) -> tuple[Rows, Rows]:
        """Where asked rows are among a row of each place and, after these, of other vectors.

        Returns (q,) positions, and the rows that stand for the V places and those others.
        """
        stand = self.members[self.begin[:-1]]
        at = np.full(len(vectors), -1)
        at[vectors[stand]] = np.arange(self.size)
        others, firsts = np.unique(vectors[asked], return_index=True)
        elsewhere = at[others] < 0
        at[others[elsewhere]] = self.size + np.arange(np.count_nonzero(elsewhere))
        return at[vectors[asked]], np.concatenate((stand, asked[firsts[elsewhere]]))

    def mask(self, computed: NDArray[Any], own: Rows, tile: slice) -> None:
        """Make infinite, in (q, tile), the places where rows of these rising codes find none."""
        runs = np.flatnonzero(np.diff(own, prepend=-2) != 0)
        ends = np.append(runs[1:], len(own))
        low = np.maximum(np.searchsorted(self.sole, own[runs]), tile.start) - tile.start
        high = np.minimum(np.searchsorted(self.sole, own[runs], "right"), tile.stop) - tile.start
        for run in np.flatnonzero(low < high).tolist():
            computed[runs[run] : ends[run], low[run] : high[run]] = np.inf
        bars = self.barred[self._by_bar]
        low, high = np.searchsorted(bars, own[runs]), np.searchsorted(bars, own[runs], "right")
        for run in np.flatnonzero(low < high).tolist():
            places = self._by_bar[low[run] : high[run]]
            places = places[(places >= tile.start) & (places < tile.stop)]
            computed[runs[run] : ends[run], places - tile.start] = np.inf

    def rows_of(self, places: Rows) -> tuple[Rows, Rows]:
        """The members of some places, one place after the other, and for each which it was."""
        begin, count = self.begin[places], self.begin[places + 1] - self.begin[places]
        which = np.repeat(np.arange(len(places)), count)
        step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        return self.members[begin[which] + step], which


def _ranks(new: NDArray[np.bool_]) -> Rows:
    """The place of each element in its run; runs begin where `new` is set."""
    starts = np.flatnonzero(new)
    ranks: Rows = np.arange(len(new)) - starts[np.cumsum(new) - 1]
    return ranks

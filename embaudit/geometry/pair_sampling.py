"""Pairs of rows of one class, or of two: numbered, so that all are listed or any is drawn."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows


@dataclass(frozen=True)
class PairPool:
    """Ordered pairs of N rows, of one class or of two; class c is rows starts[c]:starts[c + 1].

    Every unordered pair is there twice, which changes no share, mean or quantile.
    """

    starts: Rows
    positive: bool

    @classmethod
    def of_all(cls, rows: int) -> "PairPool":
        """Pairs of any two distinct rows."""
        return cls(np.array([0, rows]), positive=True)

    @cached_property
    def _partners(self) -> Rows:
        """(C,): with how many others a row of the class makes a pair."""
        sizes = np.diff(self.starts)
        return sizes - 1 if self.positive else int(self.starts[-1]) - sizes

    @cached_property
    def _ends(self) -> Rows:
        """(C,): pairs whose first row is of the class or of one before it."""
        return np.cumsum(np.diff(self.starts) * self._partners)

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return int(self._ends[-1])

    def pairs(self, numbers: Rows) -> tuple[Rows, Rows]:
        """The two rows of each numbered pair, 0 to size - 1."""
        classes = np.searchsorted(self._ends, numbers, side="right")
        begin, partners = self.starts[classes], self._partners[classes]
        row, other = np.divmod(numbers - (self._ends[classes] - self._sized(classes)), partners)
        if self.positive:
            return begin + row, begin + other + (other >= row)  # all but the row itself
        own = self.starts[classes + 1] - begin
        return begin + row, other + own * (other >= begin)  # all but the row's class

    def _sized(self, classes: Rows) -> Rows:
        return (self.starts[classes + 1] - self.starts[classes]) * self._partners[classes]

    def draw(self, count: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """So many pairs, independent of each other and each as likely."""
        return self.pairs(rng.integers(self.size, size=count))


@dataclass(frozen=True)
class PairDistances:
    """Squared distances of positive and of negative pairs: of all, or of as many draws of each."""

    positive: Floats
    negative: Floats
    every: bool


def pair_distances(
    points: Points, starts: Rows, draws: int, rng: np.random.Generator
) -> PairDistances | None:
    """Of all pairs, where they are no more than two samples of `draws`; None without positives."""
    pools = PairPool(starts, positive=True), PairPool(starts, positive=False)
    if not all(pool.size for pool in pools):
        return None
    every = sum(pool.size for pool in pools) <= 2 * draws
    squared = [
        points.squared_distances(
            *(pool.pairs(np.arange(pool.size)) if every else pool.draw(draws, rng))
        )
        for pool in pools
    ]
    return PairDistances(squared[0], squared[1], every)

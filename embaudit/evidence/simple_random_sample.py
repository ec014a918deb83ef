"""Rows that a mean or a share is taken over: all of a population, or some drawn at random."""

from dataclasses import dataclass

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact, sampled_share
from embaudit.core.prepared_points import Floats, Rows

LEAST_ROWS = 1000  # that a mean or a share is taken over, whatever their cost


@dataclass(frozen=True)
class SimpleRandomSample:
    """Rows drawn without replacement, each subset as likely as any other.

    rows: (q,) ordered rows, in the order drawn, or all, ascending. population: of how many.
    """

    rows: Rows
    population: int

    @classmethod
    def of(cls, rows: Rows, most: int, rng: np.random.Generator) -> "SimpleRandomSample":
        """Of (N,) rows all, or `most` of them."""
        if len(rows) <= most:
            return cls(rows, len(rows))
        return cls(rng.choice(rows, most, replace=False), len(rows))

    @property
    def every(self) -> bool:
        """Whether no row is left out."""
        return len(self.rows) == self.population

    def mean(self, values: Floats, low: float, high: float) -> Estimate:
        """The population's mean of a figure in [low, high]; values: (q,) in the order of `rows`."""
        if self.every:
            return exact(float(values.mean()))
        found = sampled_mean(values, low, high, population=self.population)
        return found.because(self._drawn)

    def share(self, hits: int) -> Estimate:
        """The share of the population that has a property; hits: how many of the rows have it."""
        if self.every:
            return exact(hits / self.population)
        return sampled_share(hits, len(self.rows)).because(self._drawn)

    @property
    def _drawn(self) -> str:
        return f"{len(self.rows):,} of {self.population:,} rows drawn"

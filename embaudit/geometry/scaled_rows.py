"""The rows that a separated map is searched near, scaled so that float32 holds them."""

from functools import cached_property

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.pairs import Array, Pairs, ParallelMap, is_triplet_separated, reach_of
from embaudit.geometry.separated_map_effort import SMALL

FINE = 1e-2  # L over the largest norm below which float32 is too coarse


class ScaledRows:
    """(N, n) rows about their mean, ordered by class: `values` times 2^exponent."""

    def __init__(self, pairs: Pairs, rows: Floats, parallel: ParallelMap) -> None:
        self.pairs, self.rows, self.parallel = pairs, rows, parallel
        self.exponent = int(np.frexp(np.abs(rows).max())[1])

    @cached_property
    def values(self) -> Array:
        """The rows as they are searched: about 1, in float32 where that is fine enough."""
        scaled = np.ldexp(self.rows, -self.exponent)
        gap = reach_of(self.pairs, scaled, self.parallel).gap
        longest = np.sqrt(np.einsum("ij,ij->i", scaled, scaled).max())
        fine = len(scaled) <= SMALL or gap < FINE * longest
        return scaled if fine else scaled.astype(np.float32)

    def scaled(self, length: float) -> float:
        """A length of the rows, of the values."""
        return float(np.ldexp(length, -self.exponent))

    def unscaled(self, length: float) -> float:
        """A length of the values, of the rows."""
        return float(np.ldexp(length, self.exponent))

    def proven(self, values: Array) -> Floats | None:
        """The map (N, n) in units of the rows, if it is triplet-separated beyond doubt."""
        exact = values.astype(np.float64)
        separated = is_triplet_separated(self.pairs, exact, self.parallel)
        return np.ldexp(exact, self.exponent) if separated else None

"""The search for a triplet-separated map of small isometric error: trials in a bracket.

Distances are asked for in times L / 2, the least error that any separated map has.
"""

from collections.abc import Callable

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.bisection import Bracket
from embaudit.geometry.map_distortion import changed
from embaudit.geometry.pair_distance_descent import (
    MARGIN,
    ConstraintDescent,
    Demands,
    demands_of,
    pushed_apart,
)
from embaudit.geometry.pairs import Array
from embaudit.geometry.scaled_rows import ScaledRows
from embaudit.geometry.separated_map_effort import pulls_of

POOR = 2.0  # times the lower end: above it a map is looked for from other starts, too
STARTS, GLANCE = 8, 80  # such starts, of which one is followed; iterations that tell which
PATIENCE = 500  # iterations without a map after which other starts are drawn
BEATEN = 0.95  # of the best: what the next map is to meet
HOPED, HUMBLER = 4.0, 1.25  # times the lower end: the first such best; times it after a failure


def isometric_search(
    near: ScaledRows, most: float, effort: int, progress: Callable[[str, int, int], object]
) -> Floats | None:
    """The map (N, n) of least isometric error that is found, None if none is below `most`."""
    demands = demands_of(near.pairs, near.values, near.parallel)
    if demands.gap <= 0:  # too small for the rounded distances of a search
        return None
    return _Trials(near, demands, progress).best_of(most, effort)


class _Trials:
    """Descents near the rows, each for a map within its trial."""

    def __init__(
        self, near: ScaledRows, demands: Demands, progress: Callable[[str, int, int], object]
    ) -> None:
        self.near, self.demands, self.progress = near, demands, progress
        self.half = near.unscaled(demands.gap / 2)

    def best_of(self, most: float, effort: int) -> Floats | None:
        """The best map of all levels of effort."""
        bracket = Bracket(1.0, most / self.half)
        amount = pulls_of(len(self.near.rows))
        total = amount * (2**effort - 1)
        best, start = None, self.near.values
        for level in range(effort):
            done = amount * (2**level - 1)
            left = amount << level
            while left > 0 and bracket.open:
                patience = min(left, (amount << level) // 2)
                # a failure too is nearer to the next trial
                found, start, taken = self._descended(self.demands, start, bracket.trial, patience)
                left -= taken
                self.progress("d_iso", done + (amount << level) - left, total)
                if found is None:
                    bracket.failed()
                else:
                    value = self._error(found)
                    best = found if value < bracket.best else best
                    bracket.met(value)
            if level > 0 and bracket.best > POOR:
                other = self._from_elsewhere(bracket.best, amount << level)
                if other is not None:
                    best, bracket.best = other, self._error(other)
            bracket.again()
        self.progress("d_iso", total, total)
        return best

    def _from_elsewhere(self, record: float, left: int) -> Floats | None:
        """A map that beats the record, in times L / 2, found from classes pushed apart."""
        best, mark, draws = None, min(record, HOPED), np.random.default_rng(left)
        while left > 0:
            start = self._promising(BEATEN * mark, draws)
            left, better = left - STARTS * GLANCE, True
            while better and left > 0:
                trial, patience = BEATEN * mark, min(left, PATIENCE)
                lowered = self.demands.lowered(trial)
                found, start, taken = self._descended(lowered, start, trial, patience)
                left -= taken
                value = np.inf if found is None else self._error(found)
                better = value < mark
                if better:
                    best, mark = found, value
            if best is None:
                mark = min(record, HUMBLER * mark)
        return best

    def _promising(self, trial: float, draws: np.random.Generator) -> Array:
        """Of some starts with classes pushed apart, where the best is after a few iterations."""
        near, ends = self.near, []
        for _ in range(STARTS):
            start = pushed_apart(near.pairs, near.values, draws)
            demands = self.demands.lowered(trial)
            descent = ConstraintDescent(demands, start, trial * self.demands.gap / 2)
            *_, end = descent.iterations(GLANCE, near.parallel)
            ends.append(end)
        return min(ends, key=lambda end: end[0])[1]

    def _descended(
        self, demands: Demands, start: Array, trial: float, most: int
    ) -> tuple[Floats | None, Array, int]:
        """A map within trial times L / 2 if one is found, where the search ended, iterations."""
        ahead, taken = start, 0
        descent = ConstraintDescent(demands, start, trial * demands.gap / 2)
        for worst, ahead in descent.iterations(most, self.near.parallel):
            taken += 1
            if worst <= MARGIN * demands.gap / 2:
                return self.near.proven(ahead), ahead, taken
        return None, ahead, taken

    def _error(self, found: Floats) -> float:
        """Isometric error of a map, in times L / 2."""
        return changed(self.near.rows, found) / self.half

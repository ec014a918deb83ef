"""The search for triplet-separated maps near a set that is small enough to compare all its pairs.

What is returned is proven to be triplet-separated; how near it is, is for the caller to measure.
More effort goes on from where less would have stopped: it can only find nearer maps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from embaudit.core.metric import Floats, Points, Rows
from embaudit.geometry.balls import enclosing_balls
from embaudit.geometry.bracket import Bracket
from embaudit.geometry.hausdorff import DisplacementDescent
from embaudit.geometry.isometric_map import (
    MARGIN,
    ConstraintDescent,
    Demands,
    demands_of,
    is_realisable,
    pushed_apart,
)
from embaudit.geometry.map_change import changed, moved
from embaudit.geometry.moments import moments_of
from embaudit.geometry.pairs import (
    Array,
    Pairs,
    ParallelMap,
    is_triplet_separated,
    one_by_one,
    reach_of,
)
from embaudit.geometry.witnesses import soft_shrink

BATCH = 2048  # rows up to which a set counts as a batch
VALUES = 1 << 22  # values of a set that simple maps are tried on without effort
SMALL = 512  # rows that are searched in float64
FINE = 1e-2  # L over the largest norm below which float32 is too coarse
WORK = 6e12  # multiply-adds that the first level may take on a set beyond a batch
OVERHEAD = 400  # multiply-adds that the rest of the work on a pair is worth
FEWEST_PULLS, MOST_PULLS, PULLS = 48, 4000, 1_000_000  # of the first level; the last times 1/rows
SHORTEST, LONGEST, DESCENT = 60, 250, 110_000  # iterations of a descent; the last times 1/rows
ROUNDS, FEWER_ROUNDS = 8, 5  # descents of a level; of a set that is not small
POOR = 2.0  # times the lower end: above it a map is looked for from other starts, too
STARTS, GLANCE = 8, 80  # such starts, of which one is followed; iterations that tell which
PATIENCE = 500  # iterations without a map after which other starts are drawn
BEATEN = 0.95  # of the best: what the next map is to meet
HOPED, HUMBLER = 4.0, 1.25  # times the lower end: the first such best; times it after a failure
CHECKS, MORE_CHECKS = 2, 6  # of simple maps; as many more with each level of effort
SEPARATED = 1e-4  # of L: by which a descent is to separate the classes


def pays(size: int, dim: int, effort: int) -> bool:
    """Whether an effort affords to compare all pairs of (size, dim) rows again and again."""
    if effort == 0:
        return size <= BATCH and size * dim <= VALUES
    return size <= BATCH or FEWEST_PULLS * _work(size, dim) <= WORK * 4 ** (effort - 1)


def _work(size: int, dim: int) -> float:
    """Multiply-adds that an iteration is worth: distances of all pairs, and forces."""
    return 2.0 * size**2 * (dim + OVERHEAD)


@dataclass
class MapSearch:
    """Maps near the rows f, (N, n) about their mean, ordered by class: see `starts`.

    centres: (C, n), of the classes, about the same mean. least: a lower bound on what any separated
    map moves a row by; most: what collapse to a point does, as (d_iso, d_haus). Maps are (N, n), in
    the units of the rows. Without effort only simple ones are tried. proven: the best lower bound
    that searches which failed have proven so far.
    """

    starts: Rows
    rows: Floats
    centres: Floats
    least: float
    most: tuple[float, float]
    effort: int = 0
    spread: ParallelMap = one_by_one
    progress: Callable[[str, int, int], object] = lambda *_: None
    proven: float = field(default=0.0, init=False)

    @cached_property
    def pairs(self) -> Pairs:
        """Which pairs are of one class."""
        return Pairs(self.starts)

    @cached_property
    def exponent(self) -> int:
        """Of the power of two that brings the rows to about 1, so that float32 holds them."""
        return int(np.frexp(np.abs(self.rows).max())[1])

    @cached_property
    def work(self) -> Array:
        """The rows as they are searched."""
        scaled = np.ldexp(self.rows, -self.exponent)
        gap = reach_of(self.pairs, scaled, self.spread).gap
        longest = np.sqrt(np.einsum("ij,ij->i", scaled, scaled).max())
        fine = len(scaled) <= SMALL or gap < FINE * longest
        return scaled if fine else scaled.astype(np.float32)

    @cached_property
    def realisable(self) -> bool:
        """Whether d_iso is L / 2, proven."""
        affordable = len(self.rows) <= SMALL or self.effort > 0
        return affordable and is_realisable(self.pairs, np.ldexp(self.rows, -self.exponent))

    @cached_property
    def shrunk(self) -> Floats | None:
        """The map of the smallest move towards class centres that bisection finds separated."""
        centres = self.centres[self.pairs.codes]
        longest = np.sqrt(np.square(self.rows - centres).sum(axis=1).max())
        low, high, best = self.least, min(float(longest), self.most[1]), None
        for _ in range(CHECKS + MORE_CHECKS * self.effort):
            delta = float(np.sqrt(low * high))
            g = soft_shrink(self.rows, centres, delta)
            if is_triplet_separated(self.pairs, g, self.spread):
                best, high = g, delta
            else:
                low = delta
        return best

    @cached_property
    def isometric(self) -> Floats | None:
        """The map of least isometric error that is found, None if none beats collapse."""
        demands = demands_of(self.pairs, self.work, self.spread)
        if demands.gap <= 0:  # too small for the rounded distances of a search
            return None
        bracket = Bracket(1.0, self.most[0] / np.ldexp(demands.gap / 2, self.exponent))
        amount = min(MOST_PULLS, max(FEWEST_PULLS, PULLS // len(self.rows)))
        total = amount * (2**self.effort - 1)
        best, start = None, self.work
        for level in range(self.effort):
            done = amount * (2**level - 1)
            left = amount << level
            while left > 0 and bracket.open:
                patience = min(left, (amount << level) // 2)
                # a failure too is nearer to the next trial
                found, start, taken = self._pulled(demands, start, bracket.trial, patience)
                left -= taken
                self.progress("d_iso", done + (amount << level) - left, total)
                if found is None:
                    bracket.failed()
                else:
                    value = self._error(demands, found)
                    best = found if value < bracket.best else best
                    bracket.met(value)
            if level > 0 and bracket.best > POOR:
                other = self._from_elsewhere(demands, bracket.best, amount << level)
                if other is not None:
                    best, bracket.best = other, self._error(demands, other)
            bracket.again()
        self.progress("d_iso", total, total)
        return best

    def _from_elsewhere(self, demands: Demands, record: float, left: int) -> Floats | None:
        """A map that beats the record, in times L / 2, found from classes pushed apart."""
        best, mark, draws = None, min(record, HOPED), np.random.default_rng(left)
        while left > 0:
            start = self._promising(demands, BEATEN * mark, draws)
            left, better = left - STARTS * GLANCE, True
            while better and left > 0:
                trial, patience = BEATEN * mark, min(left, PATIENCE)
                found, start, taken = self._pulled(demands.lowered(trial), start, trial, patience)
                left -= taken
                value = np.inf if found is None else self._error(demands, found)
                better = value < mark
                if better:
                    best, mark = found, value
            if best is None:
                mark = min(record, HUMBLER * mark)
        return best

    def _promising(self, demands: Demands, trial: float, draws: np.random.Generator) -> Array:
        """Of some starts with classes pushed apart, where the best is after a few iterations."""
        ends = []
        for _ in range(STARTS):
            start = pushed_apart(self.pairs, self.work, draws)
            pull = ConstraintDescent(demands.lowered(trial), start, trial * demands.gap / 2)
            *_, end = pull.iterations(GLANCE, self.spread)
            ends.append(end)
        return min(ends, key=lambda end: end[0])[1]

    def _pulled(
        self, demands: Demands, start: Array, trial: float, most: int
    ) -> tuple[Floats | None, Array, int]:
        """A map within trial times L / 2 if one is found, where the search ended, iterations."""
        ahead, taken = start, 0
        pull = ConstraintDescent(demands, start, trial * demands.gap / 2)
        for worst, ahead in pull.iterations(most, self.spread):
            taken += 1
            if worst <= MARGIN * demands.gap / 2:
                return self._proven(ahead), ahead, taken
        return None, ahead, taken

    def _error(self, demands: Demands, found: Floats) -> float:
        """Isometric error of a map, in times L / 2."""
        return changed(self.rows, found) / float(np.ldexp(demands.gap / 2, self.exponent))

    @cached_property
    def hausdorff(self) -> Floats | None:
        """The map that moves its rows least of those found, None if none beats collapse.

        Where a descent costs too much for the effort, the isometric map stands in.
        """
        if not self._descents(self.effort - 1):
            return self.isometric
        gap = reach_of(self.pairs, self.work, self.spread).gap
        if gap <= 0:
            return None
        bracket = Bracket(self._scaled(self.least), self._scaled(self.most[1]))
        best = None
        for level in range(self.effort):
            amount = self._descents(level)
            for turn in range(amount):
                if not bracket.open:
                    break
                self.progress("d_haus", level * amount + turn, self.effort * amount)
                found = self._descended(gap, bracket.trial, level)
                if found is None:
                    bracket.failed()
                else:
                    value = self._scaled(moved(self.rows, found))
                    best = found if value < bracket.best else best
                    bracket.met(value)
            bracket.again()
        self.progress("d_haus", 1, 1)
        return best

    def _length(self, level: int) -> int:
        """Iterations of a descent."""
        return min(LONGEST, max(SHORTEST, DESCENT // len(self.rows))) << level

    def _descents(self, level: int) -> int:
        """How many descents a level affords."""
        if len(self.rows) <= BATCH:
            return ROUNDS if len(self.rows) <= SMALL else FEWER_ROUNDS
        work = 3 * _work(*self.rows.shape) * self._length(level)
        return min(FEWER_ROUNDS, int(WORK * 4**level // work))

    def _descended(self, gap: float, t: float, level: int) -> Floats | None:
        length = self._length(level)
        descent, stuck = DisplacementDescent(self.pairs, self.work, gap, t), self.work
        for largest, rows in descent.iterations(length, self.spread):
            if largest <= -SEPARATED * gap and (found := self._proven(rows)) is not None:
                return found
            stuck = rows
        bound = float(np.ldexp(descent.proven(stuck, self.spread), self.exponent))
        self.proven = max(self.proven, bound)
        return None

    def _scaled(self, length: float) -> float:
        return float(np.ldexp(length, -self.exponent))

    def _proven(self, rows: Array) -> Floats | None:
        """The map in the caller's units if it is separated beyond doubt."""
        exact = rows.astype(np.float64)
        separated = is_triplet_separated(self.pairs, exact, self.spread)
        return np.ldexp(exact, self.exponent) if separated else None


def search_near(
    points: Points,
    starts: Rows,
    least: float,
    *,
    effort: int,
    spread: ParallelMap = one_by_one,
    progress: Callable[[str, int, int], object] = lambda *_: None,
) -> MapSearch:
    """The search near points ordered by class, in their units."""
    moments = moments_of(points, starts)
    classes = enclosing_balls(points, starts, moments.class_means)
    whole = enclosing_balls(points, np.array([0, points.size]), moments.mean[None])
    radius = float(whole.radii[0])
    return MapSearch(
        starts,
        moments.centred(points.floats(slice(None))),
        moments.centred(classes.centres),
        least,
        (2 * radius, radius),
        effort,
        spread,
        progress,
    )

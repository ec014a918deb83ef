"""The search for triplet-separated maps near a set that is small enough to compare all its pairs.

What is returned is proven to be triplet-separated; how near it is, is for the caller to measure.
More effort goes on from where less would have stopped: it can only find nearer maps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.geometry.balls import enclosing_balls
from embaudit.geometry.bisection import Bracket
from embaudit.geometry.displacement_descent import DisplacementDescent
from embaudit.geometry.isometric_search import isometric_search
from embaudit.geometry.map_distortion import moved
from embaudit.geometry.mean_and_covariance import moments_of
from embaudit.geometry.pair_distance_descent import is_realisable
from embaudit.geometry.pairs import Pairs, ParallelMap, is_triplet_separated, one_by_one, reach_of
from embaudit.geometry.scaled_rows import ScaledRows
from embaudit.geometry.separated_map_effort import SMALL, descents_of, length_of_descent
from embaudit.geometry.witness_maps import soft_shrink

CHECKS, MORE_CHECKS = 2, 6  # of simple maps; as many more with each level of effort
SURELY = 1 - 1e-9  # of a distance of two rows about their mean: the rest may be rounding
SEPARATED = 1e-4  # of L: by which a descent is to separate the classes


@dataclass
class MapSearch:
    """Maps near the rows f, (N, n) about their mean, ordered by class: see `starts`.

    centres: (C, n), of the classes, about the same mean. least: a lower bound on what any separated
    map moves a row by; enclosing: computes what collapse to a point does, the radius of a ball that
    holds all rows. Maps are (N, n), in the units of the rows. Without effort only simple ones are
    tried. proven: the best lower bound that searches which failed have proven so far.
    """

    starts: Rows
    rows: Floats
    centres: Floats
    least: float
    enclosing: Callable[[], float]
    effort: int = 0
    parallel: ParallelMap = one_by_one
    progress: Callable[[str, int, int], object] = lambda *_: None
    proven: float = field(default=0.0, init=False)

    @cached_property
    def pairs(self) -> Pairs:
        """Which pairs are of one class."""
        return Pairs(self.starts)

    @cached_property
    def scaled(self) -> ScaledRows:
        """The rows as they are searched."""
        return ScaledRows(self.pairs, self.rows, self.parallel)

    @cached_property
    def realisable(self) -> bool:
        """Whether d_iso is L / 2, proven."""
        affordable = len(self.rows) <= SMALL or self.effort > 0
        return affordable and is_realisable(self.pairs, np.ldexp(self.rows, -self.scaled.exponent))

    @cached_property
    def radius(self) -> float:
        """By so much collapse to a point moves a row, and changes a distance by twice that."""
        return self.enclosing()

    @cached_property
    def shrunk(self) -> Floats | None:
        """The map of the smallest move towards class centres that bisection finds separated."""
        centres = self.centres[self.pairs.codes]
        longest = float(np.sqrt(np.square(self.rows - centres).sum(axis=1).max()))
        most = longest if longest < _least_radius(self.rows) else min(longest, self.radius)
        low, high, best = self.least, most, None
        for _ in range(CHECKS + MORE_CHECKS * self.effort):
            delta = float(np.sqrt(low * high))
            g = soft_shrink(self.rows, centres, delta)
            if is_triplet_separated(self.pairs, g, self.parallel):
                best, high = g, delta
            else:
                low = delta
        return best

    @cached_property
    def isometric(self) -> Floats | None:
        """The map of least isometric error that is found, None if none beats collapse."""
        if not self.effort:
            return None
        return isometric_search(self.scaled, 2 * self.radius, self.effort, self.progress)

    @cached_property
    def hausdorff(self) -> Floats | None:
        """The map that moves its rows least of those found, None if none beats collapse.

        Where a descent costs too much for the effort, the isometric map stands in.
        """
        if not self.effort:
            return None
        near, (size, dim) = self.scaled, self.rows.shape
        if not descents_of(size, dim, self.effort - 1):
            return self.isometric
        gap = reach_of(self.pairs, near.values, self.parallel).gap
        if gap <= 0:
            return None
        bracket = Bracket(near.scaled(self.least), near.scaled(self.radius))
        best = None
        for level in range(self.effort):
            amount = descents_of(size, dim, level)
            for turn in range(amount):
                if not bracket.open:
                    break
                self.progress("d_haus", level * amount + turn, self.effort * amount)
                found = self._descended(gap, bracket.trial, level)
                if found is None:
                    bracket.failed()
                else:
                    value = near.scaled(moved(self.rows, found))
                    best = found if value < bracket.best else best
                    bracket.met(value)
            bracket.again()
        self.progress("d_haus", 1, 1)
        return best

    def _descended(self, gap: float, t: float, level: int) -> Floats | None:
        near, length = self.scaled, length_of_descent(len(self.rows), level)
        descent, stuck = DisplacementDescent(self.pairs, near.values, gap, t), near.values
        for largest, rows in descent.iterations(length, self.parallel):
            if largest <= -SEPARATED * gap and (found := near.proven(rows)) is not None:
                return found
            stuck = rows
        self.proven = max(self.proven, near.unscaled(descent.proven(stuck, self.parallel)))
        return None


def _least_radius(rows: Floats) -> float:
    """No ball with a smaller radius holds rows (N, n): half the distance of two of them."""
    furthest = rows[np.einsum("ij,ij->i", rows, rows).argmax()]
    return SURELY / 2 * float(np.sqrt(np.square(rows - furthest).sum(axis=1).max()))


def search_near(
    points: Points,
    starts: Rows,
    least: float,
    *,
    effort: int,
    parallel: ParallelMap = one_by_one,
    progress: Callable[[str, int, int], object] = lambda *_: None,
) -> MapSearch:
    """The search near points ordered by class, in their units."""
    moments = moments_of(points, starts)
    classes = enclosing_balls(points, starts, moments.class_means)
    ends = np.array([0, points.size])
    return MapSearch(
        starts,
        moments.centred(points.floats(slice(None))),
        moments.centred(classes.centres),
        least,
        lambda: float(enclosing_balls(points, ends, moments.mean[None]).radii[0]),
        effort,
        parallel,
        progress,
    )

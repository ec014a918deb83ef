"""How far the rows of a set reach: balls round them, least widths, the furthest pair."""

from functools import cached_property

import numpy as np

from embaudit.core.intervals import Estimate
from embaudit.core.prepared_points import Floats, Points
from embaudit.evidence.shape_evidence import ShapeEvidence
from embaudit.geometry.balls import Balls, enclosing_balls
from embaudit.geometry.enclosing_ball import SmallestBall, distances_from, smallest_ball
from embaudit.geometry.width import minimum_width
from embaudit.search import Extent, furthest_pair, identical_vectors, k_nearest


class ExtentEvidence(ShapeEvidence):
    """A set and its extents, in units of the prepared points."""

    @cached_property
    def _widths(self) -> dict[int, Estimate]:
        return {}

    @cached_property
    def class_balls(self) -> Balls:
        """A small enclosing ball of each class."""
        means = self.moments.class_means
        return enclosing_balls(self.points, self.data.starts, means, self.parallel)

    @cached_property
    def centre_gaps(self) -> Floats:
        """Distance from each class's ball centre to the nearest other one."""
        centres = Points(self.class_balls.centres)
        every, vectors = np.arange(centres.size), identical_vectors(centres)
        gaps: Floats = np.sqrt(k_nearest(centres, vectors, every, every, every, 1).d2[:, 0])
        return gaps

    @cached_property
    def ball(self) -> Balls:
        """An enclosing ball of the whole set, hardly larger than the smallest."""
        found = self.smallest_ball
        return Balls(found.centre[None], np.array([found.upper]))

    @cached_property
    def smallest_ball(self) -> SmallestBall:
        """The minimum enclosing ball of the whole set, its radius between two ends."""
        return smallest_ball(self.points, self.moments.mean, self.effort, self.parallel)

    def width(self, dimension: int) -> Estimate:
        """The minimum width in the span of so many leading directions, in units of the points."""
        if dimension not in self._widths:
            found = minimum_width(self.points, self.moments, dimension, self.effort)
            self._widths[dimension] = found
        return self._widths[dimension]

    @cached_property
    def extent(self) -> Extent:
        """The furthest pair of rows, or what is known of it within the budget."""
        chosen = None
        if self.distinct_vectors < self.data.size:
            _, groups = np.unique(self.deduplicated.vector, return_index=True)
            chosen = self.deduplicated.first[groups]
        return furthest_pair(
            self.points,
            distances_from(self.points, self.smallest_ball.centre, self.parallel),
            self.budget.diameter,
            chosen=chosen,
            progress=self.progress,
        )

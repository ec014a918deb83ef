"""Both ends of the minimum width of a set that is too high for calipers, stage by stage."""

import numpy as np

from embaudit.core.intervals import Estimate, certified
from embaudit.core.prepared_points import Floats, Rows
from embaudit.geometry.affine_hull import ROUNDOFF, Hull
from embaudit.geometry.e_optimal_design import LIGHT, Weights
from embaudit.geometry.width_descent import WidthDescent, extents

STEEP = 1 << 19  # values of the rows that a descent starts with
FEW, MANY = 1 << 19, 1 << 22  # values of the rows that are iterated on, at stage 0 and above
FIRST_STEPS, FIRST_DESCENTS = 8, 24  # iterations of stage 0
ROUNDS, STEPS = 2, 80  # and of stage 1
DESCENTS = (160, 480)  # in each of its rounds; more where there are few values
CHEAP, SHARE = 1e9, 0.02  # multiply-adds that stage 0 may cost: at least, and of those of a scan
SIDES = 4  # directions to start from: thinnest axes of a covariance
RANDOM = (4, 12)  # and random ones: more where there are few values
PASSES = 8  # over all rows of a large set in a round
SNAPPED = 256  # dimensions up to which corners are sought


class WidthSearch:
    """Weights from below and directions from above; stages of effort follow one another.

    Iterates on rows that matter to the weights and on rows that are extreme along a direction:
    all of a small set, at most so many of a large one. Ends are of all rows, whatever was seen.
    """

    def __init__(self, hull: Hull) -> None:
        self.hull = hull
        values, moments = hull.moments.axes.values, hull.moments
        least = float(values[hull.dimension - 1])
        uniform = 2 * np.sqrt(max(0.0, least - moments.error)) * (1 - 8 * ROUNDOFF)
        self.lower = float(np.ldexp(uniform, -hull.exponent))
        self.upper, self.low_by, self.high_by = np.inf, "all rows alike", ""
        self.flat = least <= 2 * moments.error  # to rounding: nothing to search for
        self.steps = self.descents = 0
        self.weights: Weights | None = None
        self.held = np.empty(0, dtype=np.int64)
        self.narrow = hull.thinnest[:, -1:]

    def run(self, stage: int) -> None:
        """Spend a stage: a small share of a scan at 0, above that twice the one before."""
        if stage == 0:
            self._try(self.hull.thinnest, "a principal direction")
        rounds, steps, descents = self._spends(stage)
        if self.flat or not steps:
            return
        for number in range(rounds):
            self._hold(FEW if stage == 0 else MANY)
            self._weigh(steps)
            self._descend(descents, 64 * stage + number, snap=stage > 0)

    def bound(self) -> Estimate:
        """The interval, and what gave its ends."""
        unit = float(np.ldexp(1.0, self.hull.exponent))
        reason = f"lower end: {self.low_by}; upper end: the width along {self.high_by}"
        return certified(min(self.lower, self.upper) * unit, self.upper * unit, reason)

    def _spends(self, stage: int) -> tuple[int, int, int]:
        """Rounds, steps of the weights and of the descent in each."""
        size, dim = self.hull.points.size, self.hull.dimension
        if stage:
            return 2 ** (stage - 1) * ROUNDS, STEPS, DESCENTS[size * dim <= LIGHT]
        step = dim**2 * (4.0 * min(size, _rows(FEW, dim)) + 32.0 * dim)
        allowed = CHEAP + SHARE * float(size) ** 2 * dim
        return 1, min(FIRST_STEPS, int(allowed / step)), FIRST_DESCENTS

    def _hold(self, values: int) -> None:
        """Choose the rows to iterate on: those of the highest scores, and those with weights."""
        size, most = self.hull.points.size, _rows(values, self.hull.dimension)
        if self.weights is not None and len(self.weights.rows) == size:
            return
        if size <= most:
            chosen = np.arange(size)
        else:
            chosen = np.sort(np.argsort(-self._scores(), kind="stable")[:most])
        rows = self.hull.gather(chosen)
        if self.weights is None:
            self.weights = Weights(self.hull, rows)
        else:
            kept = np.zeros(size)
            kept[self.held] = self.weights.weights
            self.weights.replace(rows, kept[chosen])
        self.held = chosen

    def _scores(self) -> Floats:
        weights = self.weights or Weights(self.hull, np.zeros((1, self.hull.dimension)))
        return np.concatenate([weights.score(block) for _, block in self.hull.chunks()])

    def _weigh(self, steps: int) -> None:
        assert self.weights is not None
        for _ in range(steps):
            self.weights.step()
        self.steps += steps
        if self.weights.width > self.lower:
            self.lower = self.weights.width
            self.low_by = f"row weights after {self.steps} iterations"

    def _descend(self, steps: int, number: int, *, snap: bool) -> None:
        """From the thinnest axes of both covariances and from random directions."""
        assert self.weights is not None
        dim = self.hull.dimension
        few = min(SIDES, dim)
        loose = RANDOM[self.weights.rows.size <= LIGHT]
        drawn = np.random.default_rng(number).normal(size=(dim, loose))
        drawn = self.hull.axes / np.sqrt(self.hull.values) @ drawn
        starts = [self.narrow, self.hull.axes[:, -few:], self.weights.axes[:, :few], drawn]
        directions = np.concatenate(starts, axis=1)
        heavy = np.argsort(-self.weights.weights, kind="stable")[: _rows(STEEP, dim)]
        heavy.sort()
        count, rows, met = directions.shape[1], self.weights.rows[heavy], self.held[heavy]
        whole = len(rows) == self.hull.points.size
        passes = PASSES if snap and not whole else 1
        self.descents += steps
        for number in range(passes):
            descent = WidthDescent(self.hull, rows)
            part = (number / passes, (number + 1) / passes)
            directions = descent.run(directions[:, :count], steps // passes, *part)
            if snap and dim <= SNAPPED:
                corners = [descent.snapped(one) for one in directions.T]
                directions = np.concatenate((directions, np.array(corners).T), axis=1)
            seen = self._try(directions, f"the best of {self.descents} steps of descent")
            if number + 1 < passes:  # without the rows that matter, a subset seems narrow
                fresh = np.setdiff1d(seen, met)
                met = np.concatenate((met, fresh))
                rows = np.concatenate((rows, self.hull.gather(fresh)))

    def _try(self, directions: Floats, name: str) -> Rows:
        """Widths of all rows along directions (d, k): the least may be a new upper end."""
        found = extents(self.hull, directions)
        best = int(found.widths.argmin())
        if found.widths[best] < self.upper:
            self.upper, self.high_by = float(found.widths[best]), name
            self.narrow = directions[:, best : best + 1]
        return found.rows


def _rows(values: int, dim: int) -> int:
    """Rows that so many values hold, enough to fill the dimensions."""
    return max(values // dim, 4 * dim)

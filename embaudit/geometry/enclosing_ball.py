"""The smallest ball round all rows: one that truly encloses them, and a proof how small it can be.

From a core-set (Badoiu & Clarkson): the smallest ball of few rows is found by its dual, its centre
is tried on all rows, and the rows furthest out join the few.
"""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import CHUNK, Floats, Points, Rows
from embaudit.geometry.balls import OUTWARD
from embaudit.geometry.pairs import ParallelMap, one_by_one

ROUNDOFF = 2.0**-53
ROUNDS = 6  # passes over all rows at effort 0, doubled with every level
STEPS = 600  # of the dual in the first round, and as many more in each
CORE = 1024  # rows that the core-set keeps at most, between rounds
BLOCK = 1 << 20  # rows that are looked through at a time
TIGHT = 1 + 1e-6  # upper over lower end at which to stop


@dataclass(frozen=True)
class SmallestBall:
    """centre (n,), the radius about it, `upper`, and a `lower` end of the least radius of all."""

    centre: Floats
    lower: float
    upper: float


def smallest_ball(
    points: Points, centre: Floats, effort: int = 0, parallel: ParallelMap = one_by_one
) -> SmallestBall:
    """The minimum enclosing ball of the rows, from a centre (n,) to begin with.

    Upper end: the largest distance from the best centre met. Lower: for any weights on rows, R^2 is
    at least their weighted variance. Effort appends rounds, and the best ends are kept.
    """
    core = np.empty(0, dtype=np.int64)
    best, least, lower = centre, np.inf, 0.0
    for number in range(ROUNDS << effort):
        furthest, upper = _furthest(points, centre, parallel)
        if upper < least:
            best, least = centre, upper
        if least <= lower * TIGHT:
            break
        core = np.union1d(core, furthest)
        weights, rows = _dual(points, core, best, STEPS * (number + 1))
        centre = weights @ rows / weights.sum()
        lower = max(lower, _weighted_radius(rows, weights))
        core = core[np.argsort(-weights, kind="stable")[:CORE]]
    return SmallestBall(best, lower, least)


def _furthest(points: Points, centre: Floats, parallel: ParallelMap) -> tuple[Rows, float]:
    """The rows furthest out, of all and of every chunk, and the largest distance rounded up."""
    distances = distances_from(points, centre, parallel)
    tops = [
        start + np.flatnonzero(some == some.max())
        for start in range(0, points.size, CHUNK)
        for some in (distances[start : start + CHUNK],)
    ]
    rows = np.concatenate(tops)
    out = np.argsort(-distances[rows], kind="stable")[: CORE // 8]
    parts = range(0, points.size, BLOCK)
    most = np.concatenate([at + _largest(distances[at : at + BLOCK]) for at in parts])
    most = most[_largest(distances[most])]
    return np.union1d(rows[out], most), float(distances[rows[out[0]]])


def _largest(values: Floats) -> Rows:
    """Where the CORE // 8 largest of some values are."""
    return np.argpartition(-values, min(CORE // 8, len(values) - 1))[: CORE // 8]


def distances_from(points: Points, centre: Floats, parallel: ParallelMap = one_by_one) -> Floats:
    """(N,) of each row from a centre (n,), rounded up."""
    out = np.empty(points.size)

    def look(part: slice) -> None:
        block = points.floats(part)
        block -= centre
        out[part] = np.sqrt(np.einsum("ij,ij->i", block, block))

    parallel(look, points.parts())
    out *= OUTWARD
    return out


def _dual(points: Points, core: Rows, about: Floats, steps: int) -> tuple[Floats, Floats]:
    """Weights (m,) on core rows (m, n) that nearly maximise their variance.

    Frank & Wolfe's pairwise steps: weight goes from the innermost row that has some to the
    outermost, as much as the line between them wants.
    """
    rows = points.floats(core)
    near = rows - about
    gram = near @ near.T  # symmetric to the last digit
    squares = gram.diagonal().copy()
    weights = np.full(len(core), 1 / len(core))
    products = gram @ weights
    for _ in range(steps):
        out = squares - 2 * products  # squared distance to the centre, but for a constant
        to, at = int(out.argmax()), int(np.where(weights > 0, out, np.inf).argmin())
        apart = gram[to, to] + gram[at, at] - 2 * gram[to, at]
        if apart <= 0 or out[to] <= out[at]:
            break
        step = min(weights[at], (out[to] - out[at]) / (2 * apart))
        weights[to] += step
        weights[at] = 0.0 if step == weights[at] else weights[at] - step
        products += step * (gram[to] - gram[at])  # rows of it: its columns are far apart
    return weights, rows


def _weighted_radius(rows: Floats, weights: Floats) -> float:
    """Root of the weighted variance of rows (m, n), rounded down: no enclosing ball is smaller."""
    total = weights.sum()
    away = rows - weights @ rows / total
    squares = float(weights @ np.einsum("ij,ij->i", away, away)) / total
    mean = weights @ away / total
    rounding = 4 * (sum(rows.shape) + 16) * ROUNDOFF * squares
    return float(np.sqrt(max(0.0, squares - float(mean @ mean) * 1.01 - rounding)))

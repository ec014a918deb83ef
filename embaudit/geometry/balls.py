"""Enclosing balls: small ones, not the smallest; their radii are what is certified."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embaudit.core.metric import Floats, Points, Rows

STEPS = 32
FEWEST = 4
WALKED = 4e9  # values that may be read for one class, over all its steps
HELD = 8192  # rows of classes that are read once for all steps
OUTWARD = 1 + 1e-12  # more than rounding can take away from a radius


@dataclass(frozen=True)
class Balls:
    """A ball around each class: centres (C, n), and radii (C,) that truly enclose."""

    centres: Floats
    radii: Floats


def enclosing_balls(points: Points, starts: Rows, centres: Floats) -> Balls:
    """Walk each centre (C, n) towards its furthest row in steps of 1/(k + 1), and measure.

    Badoiu & Clarkson: after k steps the ball is within 1 + O(1/sqrt k) of the smallest. The best
    centre met is kept, so that no set is worse off than with the centre it came with. Classes
    that fit are read once for all steps; a larger one is walked fewer steps.
    """
    balls = Balls(centres.copy(), np.empty(len(centres)))
    for low, high in _runs(starts):
        rows = slice(int(starts[low]), int(starts[high]))
        near, steps = points.part(rows), STEPS
        if near.size <= HELD:
            near = Points(near.floats(slice(None)))
        else:
            steps = max(FEWEST, min(STEPS, int(WALKED / near.size / near.dim)))
        walked = _walked(near, starts[low : high + 1] - starts[low], centres[low:high], steps)
        balls.centres[low:high], balls.radii[low:high] = walked.centres, walked.radii
    return balls


def _runs(starts: Rows) -> Iterator[tuple[int, int]]:
    """Classes that are walked together: as many as have HELD rows, at least one."""
    low = 0
    while low < len(starts) - 1:
        high = max(low + 1, int(np.searchsorted(starts, starts[low] + HELD, side="right")) - 1)
        yield low, high
        low = high


def _walked(points: Points, starts: Rows, centres: Floats, steps: int) -> Balls:
    best, radii = centres.copy(), np.full(len(centres), np.inf)
    moving = centres.copy()
    for k in range(1, steps + 1):
        distances = distances_to(points, starts, moving)
        reached = np.maximum.reduceat(distances, starts[:-1])
        better = reached < radii
        best[better], radii[better] = moving[better], reached[better]
        furthest = _first_where(distances >= np.repeat(reached, np.diff(starts)), starts)
        moving += (points.floats(furthest) - moving) / (k + 1)
    distances = distances_to(points, starts, best) * OUTWARD
    return Balls(best, np.maximum.reduceat(distances, starts[:-1]))


def distances_to(points: Points, starts: Rows, centres: Floats) -> Floats:
    """Distance of each row to the centre (C, n) of its class, (N,)."""
    codes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    out = np.empty(points.size)
    for part, block in points.chunks():
        block -= centres[codes[part]]
        out[part] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return out


def _first_where(flags: np.ndarray[tuple[int], np.dtype[np.bool_]], starts: Rows) -> Rows:
    """The first flagged row of each class; each class has one."""
    rows = np.flatnonzero(flags)
    return rows[np.searchsorted(rows, starts[:-1])]

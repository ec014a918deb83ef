"""Enclosing balls: small ones, not the smallest; their radii are what is certified."""

from dataclasses import dataclass

import numpy as np

from embaudit.space import Floats, Points, Rows

STEPS = 32
OUTWARD = 1 + 1e-12  # more than rounding can take away from a radius


@dataclass(frozen=True)
class Balls:
    """A ball around each class: centres (C, n), radii (C,) that truly enclose, distances (N,)."""

    centres: Floats
    radii: Floats
    distances: Floats


def enclosing_balls(points: Points, starts: Rows, centres: Floats) -> Balls:
    """Walk each centre (C, n) towards its furthest row in steps of 1/(k + 1), and measure.

    Badoiu & Clarkson: after k steps the ball is within 1 + O(1/sqrt k) of the smallest. The best
    centre met is kept, so that no set is worse off than with the centre it came with.
    """
    best, radii = centres.copy(), np.full(len(centres), np.inf)
    moving = centres.copy()
    for k in range(1, STEPS + 1):
        distances = distances_to(points, starts, moving)
        reached = np.maximum.reduceat(distances, starts[:-1])
        better = reached < radii
        best[better], radii[better] = moving[better], reached[better]
        furthest = _first_where(distances >= np.repeat(reached, np.diff(starts)), starts)
        moving += (points.floats(furthest) - moving) / (k + 1)
    distances = distances_to(points, starts, best) * OUTWARD
    return Balls(best, np.maximum.reduceat(distances, starts[:-1]), distances)


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

"""How far rows have to move before an anchor violates nothing: bounds from below."""

import sys
from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows

AROUND = 64  # positives and negatives of an anchor that are looked at
HALVINGS, STEPS = 12, 128
WARM, COLD = 0.3, 1e-3  # temperature, of delta
LONG, SHORT = 0.3, 3e-3  # step, of delta
DOUBT = 1e-12  # of the distances at hand: more than their rounding
FLOOR = 1e-3  # of delta: a shorter root is not divided by
TINY = sys.float_info.min


def least_moves(points: Points, starts: Rows, anchors: Rows, floor: float) -> tuple[float, int]:
    """The best bound that some anchors give, ordered from the hardest, and which one gives it.

    Each is looked at with its furthest positives and nearest negatives only: fewer rows to satisfy
    can only lower a bound.
    """
    best, at = floor, int(anchors[0])
    for anchor, positives, negatives in _surroundings(points, starts, anchors):
        rows = np.concatenate((positives, negatives))
        away = _in_their_span(points.floats(slice(anchor, anchor + 1)) - points.floats(rows))
        bound = least_move(away[: len(positives)], away[len(positives) :], best)
        if bound > best:
            best, at = bound, anchor
    return best, at


def _in_their_span(rows: Floats) -> Floats:
    """Rows (m, n) turned into as few dimensions as hold them: a move beyond these helps none."""
    if rows.shape[0] >= rows.shape[1]:
        return rows
    factor: Any = np.linalg.qr(rows.T, mode="r")
    turned: Floats = factor.T
    return turned


def _surroundings(points: Points, starts: Rows, anchors: Rows) -> Iterator[tuple[int, Rows, Rows]]:
    """Each anchor with its AROUND furthest positives and nearest negatives, in one pass."""
    classes = np.searchsorted(starts, anchors, side="right") - 1
    about = points.floats(anchors)
    middle = about.mean(axis=0)
    about -= middle
    kept = [(np.empty(0, dtype=np.int64), np.empty(0)) for _ in range(2 * len(anchors))]
    for part, block in points.chunks():
        rows = np.arange(part.start, part.stop)
        block -= middle
        products = block @ about.T
        lengths = np.einsum("ij,ij->i", block, block)
        for k, anchor in enumerate(anchors):
            squared = lengths - 2 * products[:, k]  # less that of the anchor: they order alike
            own = (rows >= starts[classes[k]]) & (rows < starts[classes[k] + 1])
            others = own & (rows != anchor)
            kept[2 * k] = _least(kept[2 * k], rows[others], -squared[others])
            kept[2 * k + 1] = _least(kept[2 * k + 1], rows[~own], squared[~own])
    for k, anchor in enumerate(anchors):
        yield int(anchor), kept[2 * k][0], kept[2 * k + 1][0]


def _least(kept: tuple[Rows, Floats], rows: Rows, values: Floats) -> tuple[Rows, Floats]:
    """The AROUND least values of those kept and new ones, with their rows."""
    rows, values = np.concatenate((kept[0], rows)), np.concatenate((kept[1], values))
    order = np.argsort(values, kind="stable")[:AROUND]
    return rows[order], values[order]


def least_move(positives: Floats, negatives: Floats, floor: float) -> float:
    """A lower bound on sup |f - g| over all maps g that leave an anchor without violations.

    positives, negatives: the anchor less some of its positives (m, n) and negatives (k, n). floor:
    a bound that is known already, such as L / 4 (eq. 12 of the paper). If no row moves by more
    than delta, the anchor has a u with |u| <= delta and, for every p and n of it,
    |x + u - p| - |x + u - n| <= 2 delta. Bisects for the largest delta proven to be too small.
    """
    away = np.sqrt(np.einsum("ij,ij->i", positives, positives).max())
    near = np.sqrt(np.einsum("ij,ij->i", negatives, negatives).min())
    low, high = floor, float(away - near) / 2
    if low <= 0 or not _too_small(positives, negatives, low):
        return floor
    for _ in range(HALVINGS):
        delta = (low + high) / 2
        low, high = (delta, high) if _too_small(positives, negatives, delta) else (low, delta)
    return low


def _too_small(positives: Floats, negatives: Floats, delta: float) -> bool:
    """Whether every u with |u| <= delta is proven to leave a difference above 2 delta.

    There |x + u - n|^2 <= |x - n|^2 + 2 (x - n) u + delta^2, and less the root of that is convex
    in u; so is |x + u - p|. Any weights of both, each with sum 1, make a convex function below
    the largest difference, and its tangent at any point, less delta times its slope, is below its
    minimum in the ball. The point and the weights only decide how good the bound is: a descent of
    the smoothed largest difference finds both, and ends where none is above 2 delta.
    """
    squares = np.einsum("ij,ij->i", negatives, negatives) + delta * delta
    doubt = DOUBT * float(np.sqrt(squares.max()) + np.abs(positives).sum(axis=1).max() + delta)
    doubled, least_square = 2 * negatives, (FLOOR * delta) ** 2
    move = np.zeros(positives.shape[1])
    for step in range(STEPS):
        cooled = step / (STEPS - 1)
        heat = delta * WARM * (COLD / WARM) ** cooled
        apart = positives + move
        far = np.sqrt(np.einsum("ij,ij->i", apart, apart))
        near = np.sqrt(np.maximum(squares + doubled @ move, least_square))
        most, least = float(np.maximum.reduce(far)), float(np.minimum.reduce(near))
        if most - least + doubt <= 2 * delta and least > FLOOR * delta:
            return False  # here none is above
        pull, push = _weights(far - most, heat), _weights(least - near, heat)
        slope = (pull / np.maximum(far, TINY)) @ apart - (push / near) @ negatives
        steep = sqrt(slope @ slope)
        tangent = float(pull @ far - push @ near - slope @ move) - delta * steep
        if tangent - doubt > 2 * delta:
            return True
        if steep == 0:
            return False
        move -= (delta * LONG * (SHORT / LONG) ** cooled / max(1.0, steep)) * slope
        move *= min(1.0, delta / max(sqrt(move @ move), TINY))
    return False


def _weights(below: Floats, heat: float) -> Floats:
    """Soft maximum, with sum 1, of values of which that is how far they are below the largest."""
    weights: Floats = np.exp(below / heat)
    weights /= np.add.reduce(weights)
    return weights

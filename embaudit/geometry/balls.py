"""Enclosing balls: small ones, not the smallest; their radii are what is certified."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.geometry.pairs import ParallelMap, one_by_one

STEPS = 32
FEWEST = 4
WALKED = 4e9  # values that may be read for one class, over all its steps
SMALL = 2048  # rows of a class whose products with each other are formed: steps are cheap then
CELLS = 1 << 20  # of such products, or values of rows, that are held at a time
HELD = 1 << 24  # values of a larger class that is read once for all steps
OUTWARD = 1 + 1e-12  # more than rounding can take away from a radius


@dataclass(frozen=True)
class Balls:
    """A ball around each class: centres (C, n), and radii (C,) that truly enclose."""

    centres: Floats
    radii: Floats


def enclosing_balls(
    points: Points, starts: Rows, centres: Floats, parallel: ParallelMap = one_by_one
) -> Balls:
    """Walk each centre (C, n) towards its furthest row in steps of 1/(k + 1), and measure.

    Badoiu & Clarkson: after k steps the ball is within 1 + O(1/sqrt k) of the smallest. The best
    centre met is kept, so that no set is worse off than with the centre it came with. Small classes
    walk together in products of their rows; a very large one is walked fewer steps.
    """
    balls = Balls(centres.copy(), np.empty(len(centres)))

    def walk(some: slice) -> None:
        near = points.part(slice(int(starts[some.start]), int(starts[some.stop])))
        own = starts[some.start : some.stop + 1] - starts[some.start]
        found = (_walked if large(some) else _walked_together)(near, own, centres[some])
        balls.centres[some], balls.radii[some] = found.centres, found.radii

    def large(some: slice) -> bool:
        return bool(np.diff(starts[some.start : some.stop + 1]).max() > SMALL)

    runs = [*_runs(starts, points.dim)]
    parallel(walk, [run for run in runs if not large(run)])
    one_by_one(walk, [run for run in runs if large(run)])  # each takes its memory
    return balls


def _runs(starts: Rows, dim: int) -> Iterator[slice]:
    """Classes that are walked together: as many as CELLS hold, and at least one."""
    low, sizes = 0, np.diff(starts).tolist()
    while low < len(sizes):
        high, largest = low + 1, sizes[low]
        while high < len(sizes):
            largest = max(largest, sizes[high])
            count = high + 1 - low
            if count * largest * max(largest, dim) > CELLS:
                break
            high += 1
        yield slice(low, high)
        low = high


def _walked_together(points: Points, starts: Rows, centres: Floats) -> Balls:
    """All the steps of small classes, in products of their rows about the centres given.

    A centre is a sum of rows with weights, so its distances are sums of products, too.
    """
    sizes = np.diff(starts)
    parts = [slice(a, b) for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]

    def about(middles: Floats) -> Floats:
        rows = points.floats(slice(None))
        for part, middle in zip(parts, middles, strict=True):
            rows[part] -= middle
        return rows

    spread = about(centres)
    products = np.zeros((len(sizes), sizes.max(), sizes.max()))
    for k, part in enumerate(parts):
        products[k, : sizes[k], : sizes[k]] = spread[part] @ spread[part].T
    weights = _best_weights(products, np.arange(sizes.max()) < sizes[:, None])
    found = np.array(
        [weights[k, : sizes[k]] @ spread[part] for k, part in enumerate(parts)]
    ).reshape(centres.shape)
    found += centres
    rows = about(found)
    distances = np.sqrt(np.einsum("ij,ij->i", rows, rows)) * OUTWARD
    return Balls(found, np.maximum.reduceat(distances, starts[:-1]))


def _best_weights(products: Floats, there: NDArray[np.bool_]) -> Floats:
    """(c, m) weights of the best centres met, from products (c, m, m) of rows that are there."""
    classes = np.arange(len(products))
    squares = np.einsum("kii->ki", products)
    weights, along, length = np.zeros(there.shape), np.zeros(there.shape), np.zeros(len(there))
    best, least = weights.copy(), np.full(len(there), np.inf)
    for k in range(1, STEPS + 1):
        away = np.where(there, squares - 2 * along, -np.inf) + length[:, None]
        furthest = away.argmax(axis=1)
        reached = away[classes, furthest]
        better = reached < least
        best[better], least[better] = weights[better], reached[better]
        step = 1 / (k + 1)
        length = (1 - step) ** 2 * length + step * (
            2 * (1 - step) * along[classes, furthest] + step * squares[classes, furthest]
        )
        weights *= 1 - step
        weights[classes, furthest] += step
        along *= 1 - step
        along += step * products[classes, furthest]
    return best


def _walked(points: Points, starts: Rows, centres: Floats) -> Balls:
    """The same of a large class, which is looked through again at every step."""
    steps = STEPS
    if points.size * points.dim <= HELD:
        points = Points(points.floats(slice(None)))
    else:
        steps = max(FEWEST, min(STEPS, int(WALKED / points.size / points.dim)))
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

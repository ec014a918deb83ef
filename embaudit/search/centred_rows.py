"""Rows about their middle, scaled: the few that lie far off all others are drawn in to these."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Floats, Points, Rows

MANY = 256  # rows of a set from which those are looked for that lie far off all others
GAP = 16  # times further off than all the rest; these few would draw a mean less far
FEW = 8  # they may be, and some more of many rows: float64 decides all pairs of these
DRAWN_IN = 4.0  # where these are put, in frame units: others are within 1 of the centre
APART = 6.25  # squared distances are greater for them, and smaller for pairs of others


@dataclass(frozen=True)
class Cloud:
    """Chosen rows of the points, (..., m) indices, about a centre and scaled into the unit ball.

    radius: |c| of each row from above, (..., m). reach: the largest, (..., 1). scale: what one
    unit of the points is here, a power of two, (..., 1). Nothing else is held.

    A few rows that lie far off all others are drawn in to a ball about the others: their radius is
    infinite, and `apart` is finite. To draw them in takes no pair of rows further apart, so that
    what bounds from below does so still; of computed values up to `apart` all bounds are of pairs
    of others, and greater ones bound nothing but that from below.
    """

    points: Points
    chosen: Rows
    centre: Floats
    radius: Floats
    reach: Floats
    scale: Floats
    apart: float = np.inf

    @property
    def size(self) -> int:
        """m, the rows of each set."""
        return int(self.chosen.shape[-1])

    def only(self, c: int) -> "Cloud":
        """One of several sets."""
        one = slice(c, c + 1)
        return Cloud(
            self.points,
            self.chosen[one],
            self.centre if len(self.centre) == 1 else self.centre[one],
            self.radius[one],
            self.reach[one],
            self.scale[one],
            self.apart,
        )

    def sets(self, at: Rows) -> "Cloud":
        """Some rows of one set as several sets, (c, m) positions, about the same centre."""
        radius = self.radius[at]
        ones = np.ones((len(at), 1))
        return Cloud(
            self.points,
            self.chosen[at],
            self.centre[None],
            radius,
            radius.max(axis=1, keepdims=True),
            self.scale * ones,
        )

    def floats(self, part: slice | Rows) -> Floats:
        """Some of the rows, centred and scaled, (..., p, n) float64."""
        block = self.points.floats(self.chosen[..., part])
        block -= self.centre
        block *= self.scale[..., None]
        if self.apart < np.inf:
            off = np.isinf(self.radius[..., part])
            rows = block[off]
            rows /= np.abs(rows).max(axis=-1, keepdims=True)  # whose squares do not overflow
            block[off] = rows * (DRAWN_IN / np.sqrt(np.einsum("ij,ij->i", rows, rows)))[:, None]
        return block


def placed(points: Points, chosen: Rows) -> tuple[Floats, Floats]:
    """Centre of the chosen rows, (..., 1, n), and the scale that puts them into the unit ball."""
    *sets, size = chosen.shape
    total, reach = np.zeros((*sets, 1, points.dim)), np.zeros((*sets, 1))
    origin = points.floats(chosen[..., :1])  # about a row, sums keep the digits of far-off sets
    for start in range(0, size, CHUNK):
        moved = points.floats(chosen[..., start : start + CHUNK])
        moved -= origin
        total += moved.sum(axis=-2, keepdims=True)
        squares = np.einsum("...i,...i->...", moved, moved)
        reach = np.maximum(reach, squares.max(axis=-1, keepdims=True))
    # the mean is no further from the origin than the furthest row; a power of two is exact
    return origin + total / size, np.ldexp(1.0, -np.frexp(2 * np.sqrt(reach))[1])


def far_off(radius: Floats) -> NDArray[np.bool_]:
    """Flags of the few rows that lie far off all others; of radii of one set."""
    values = radius[np.isfinite(radius)]
    few = FEW + isqrt(len(values)) // FEW
    if len(values) < max(MANY, few + 1):
        return np.zeros(radius.shape, dtype=bool)
    top = np.sort(np.partition(values, -few - 1)[-few - 1 :])
    gaps = np.flatnonzero((top[1:] > GAP * top[:-1]) & (top[:-1] > 0))
    limit = top[gaps[0]] if len(gaps) else np.inf
    return np.asarray((radius > limit) & np.isfinite(radius))

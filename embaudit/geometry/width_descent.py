"""Directions along which a set is narrow: the upper end of the thickness.

The search is a heuristic; a width is certified by one pass over all rows, rounded outward.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.geometry.affine_hull import ROUNDOFF, Hull

WARM, COLD = 0.1, 0.001  # temperatures, in widths
LONG, SHORT = 0.3, 0.001  # steps on the unit sphere
SNAPS = 4


@dataclass(frozen=True)
class Extents:
    """What a pass over all rows finds along directions (d, k): widths (k,), never too small.

    rows: the extreme rows of every chunk along every direction.
    """

    widths: Floats
    rows: Rows


def extents(hull: Hull, directions: Floats) -> Extents:
    """Widths of all rows along directions (d, k) of the hull, in its units, rounded up.

    A row's component along a unit direction is wrong by at most its length times (d + 4) half
    units in the last place, and by what its coordinates have lost.
    """
    count, ways = directions.shape[1], hull.in_space(directions)  # far fewer than its axes
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    reach, met = 0.0, []
    for part, block in hull.points.chunks():
        block = hull.centred(block)
        along = block @ ways
        at = np.concatenate((along.argmin(axis=0), along.argmax(axis=0)))
        met.append(part.start + np.unique(at))
        low = np.minimum(low, along.min(axis=0))
        high = np.maximum(high, along.max(axis=0))
        reach = max(reach, float(np.einsum("ij,ij->i", block, block).max()))
    lengths = np.sqrt(np.square(directions).sum(axis=0))
    rounding = (hull.dimension + 8) * ROUNDOFF
    slack = 4 * (rounding + hull.blur) * np.sqrt(reach)
    # the part of a direction that is inside the true hull is shorter; a basis may be longer than 1
    out = (1 + hull.lean**2) * hull.stretch * (1 + 4 * rounding)
    return Extents(((high - low) / lengths + slack) * out, np.concatenate(met))


class WidthDescent:
    """Normalised descent of log(smoothed width) over several directions at once.

    In whitened coordinates y = Lambda^(-1/2) V^T x, a direction u of them is Lambda^(-1/2) u of
    the hull: log W(u) - log(u^T Lambda^-1 u) / 2. Smoothing: log-sum-exp at a temperature that
    falls from WARM to COLD widths. rows: (m, d) coordinates in the hull.
    """

    def __init__(self, hull: Hull, rows: Floats) -> None:
        self.unwhiten = hull.axes / np.sqrt(hull.values)  # (d, d): u -> direction of the hull
        self.inverse = (hull.values[-1] / hull.values)[:, None]
        self.sizes = np.sqrt(hull.values)
        self.axes = hull.axes
        self.rows = rows
        self.white = np.empty(rows.shape, dtype=np.float32)
        for start in range(0, len(rows), 1024):
            part = slice(start, start + 1024)
            self.white[part] = rows[part] @ self.unwhiten

    def run(self, starts: Floats, steps: int, begin: float = 0.0, end: float = 1.0) -> Floats:
        """Where each start (d, k) leads: unit directions (d, k), narrow as these rows see it.

        begin, end: the part of the schedule that is run. Its last part ends at the narrowest
        directions met, others where they are: with rows missing, the narrowest is an illusion.
        """
        u = _unit((self.axes.T @ starts) * self.sizes[:, None])
        best, least = u.copy(), np.full(u.shape[1], np.inf)
        for k in range(steps + 1):
            done = begin + (end - begin) * k / max(1, steps)
            along = self.white @ u.astype(np.float32)
            high, low = along.max(axis=0), along.min(axis=0)
            width = (high - low).astype(np.float64)
            weighed = self.inverse * u
            lengths = np.einsum("ij,ij->j", u, weighed)
            relative = width / np.sqrt(lengths)
            better = relative < least
            best[:, better], least[better] = u[:, better], relative[better]
            if k == steps:
                break
            heat = np.maximum(WARM * (COLD / WARM) ** done * width, 1e-30).astype(np.float32)
            pull, top = _softmax((along - high) / heat)
            push, bottom = _softmax((low - along) / heat)
            smooth = width + heat * np.log(top * bottom)
            gradient = (self.white.T @ (pull - push)).astype(np.float64) / smooth
            gradient -= weighed / lengths
            gradient -= u * np.einsum("ij,ij->j", u, gradient)
            u = _unit(u - LONG * (SHORT / LONG) ** done * _unit(gradient))
        return _unit(self.unwhiten @ (best if end == 1.0 else u))

    def snapped(self, direction: Floats) -> Floats:
        """The direction (d,) moved to the corner it is near: exact where it is the right one.

        Between corners the width of a polytope is concave, so the least is where d - 1 independent
        edges are at right angles to the direction: those of the d + 1 rows nearest to the ends.
        """
        narrow, least = direction, np.inf
        for _ in range(SNAPS):
            along = self.rows @ direction
            high, low = float(along.max()), float(along.min())
            if not high - low < least:
                break
            narrow, least = direction, high - low
            above, below = high - along, along - low
            inner = np.minimum(above, below)
            chosen = self._different(np.argsort(inner, kind="stable"))
            top = chosen[above[chosen] <= below[chosen]]
            bottom = chosen[above[chosen] > below[chosen]]
            if not (len(top) and len(bottom)):
                break
            edges = [self.rows[end[1:]] - self.rows[end[0]] for end in (top, bottom)]
            flat = np.concatenate(edges) @ self.unwhiten
            if len(flat) < len(direction) - 1:
                break
            normal = np.linalg.qr(flat.T, mode="complete")[0][:, -1]
            direction = _unit((self.unwhiten @ normal)[:, None])[:, 0]
        return narrow

    def _different(self, order: Rows) -> Rows:
        """The first d + 1 different rows in an order, as far as four times as many hold them."""
        count = self.rows.shape[1] + 1
        order = order[: 4 * count]
        _, firsts = np.unique(self.rows[order], axis=0, return_index=True)
        return order[np.sort(firsts)[:count]]


def _unit(columns: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    return columns / np.where(lengths > 0, lengths, 1)


def _softmax(below: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights of exp(below) for values of at most 0 in columns, in place, and their sums."""
    np.exp(below, out=below)
    sums = below.sum(axis=0)
    below /= sums
    return below, sums

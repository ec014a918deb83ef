"""The furthest pair of rows: sweeps guess it, radii rule most pairs out, float64 decides."""

from dataclasses import dataclass

import numpy as np

from embaudit.search.frame import Frame, frame_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.space import Floats, Points, Rows

SWEEPS = 4
TILE = 2048
OUTWARD = 1 + 1e-12  # more than rounding can take away from a radius


@dataclass(frozen=True)
class Extent:
    """The furthest pair met, and whether it is proven to be the furthest.

    distance: of the pair. upper: no pair is further (equal to distance if exact).
    """

    pair: tuple[int, int]
    distance: float
    upper: float

    @property
    def exact(self) -> bool:
        """Whether no other pair can be further."""
        return self.upper == self.distance


def furthest_pair(
    points: Points,
    centre: Floats,
    budget: float,
    *,
    chosen: Rows | None = None,
    progress: Progress = silent,
) -> Extent:
    """Diameter of the points, (N, n), in their units.

    centre: (n,), best near the middle of the set. budget: multiply-adds that may be spent on
    pairs; if the pairs that radii leave open cost more, the answer is an interval. chosen: rows
    that hold every different vector, where many are equal; else all.
    """
    chosen = np.arange(points.size) if chosen is None else chosen
    radius = _radii(points, centre)[chosen]
    pair, squared = _sweep(points, chosen, int(chosen[radius.argmax()]))
    # pairs with r_i + r_j below the best distance cannot beat it
    best = np.sqrt(squared) * (1 - 1e-9)
    order = np.argsort(-radius, kind="stable")
    order = order[: int((radius >= best - radius.max()).sum())]
    partners = np.searchsorted(-radius[order], radius[order] - best, side="right")
    pairs = int(np.maximum(partners - np.arange(len(order)), 0).sum())
    if pairs * points.dim > budget:
        two = np.sort(radius)[-2:]
        return Extent(pair, float(np.sqrt(squared)), float(two.sum()))
    if pairs:
        pair, squared = _search(points, chosen[order], partners, pair, squared, progress)
    distance = float(np.sqrt(squared))
    return Extent(pair, distance, distance)


def _radii(points: Points, centre: Floats) -> Floats:
    out = np.empty(points.size)
    for part, block in points.chunks():
        block -= centre
        out[part] = np.sqrt(np.einsum("ij,ij->i", block, block)) * OUTWARD
    return out


def _sweep(points: Points, chosen: Rows, start: int) -> tuple[tuple[int, int], float]:
    """From a row to its furthest, from there to its furthest, and so on while it grows."""
    pair, best = (start, start), 0.0
    for _ in range(SWEEPS):
        squared = points.squared_distances(np.full(len(chosen), pair[1]), chosen)
        to = int(squared.argmax())
        if squared[to] <= best:
            break
        pair, best = (pair[1], int(chosen[to])), float(squared[to])
    return pair, best


def _search(
    points: Points,
    rows: Rows,
    partners: Rows,
    pair: tuple[int, int],
    squared: float,
    progress: Progress,
) -> tuple[tuple[int, int], float]:
    """All pairs (i, j) of the rows, ordered by falling radius, with j < partners[i]."""
    frame = frame_of(points, rows, np.float32)
    stage = Stage(progress, "diameter", len(rows))
    for start in range(0, len(rows), TILE):
        end = min(start + TILE, len(rows))
        last = int(partners[start])  # partners fall with the radius
        for low in range(start, last, TILE):
            columns = slice(low, min(low + TILE, last))
            left, right = _above(frame, slice(start, end), columns, squared)
            if len(left):
                found = points.squared_distances(rows[left], rows[right])
                best = int(found.argmax())
                if found[best] > squared:
                    pair = (int(rows[left[best]]), int(rows[right[best]]))
                    squared = float(found[best])
        stage.step(end - start)
    return pair, squared


def _above(frame: Frame, rows: slice, columns: slice, squared: float) -> tuple[Rows, Rows]:
    """The pairs of a tile that may be further apart than the best so far, and than its own best."""
    tile = frame.products(rows, columns)
    radius = frame.radius[rows]
    sure = max(squared, float(frame.lower(tile.max(axis=1), radius).max()))
    left, right = np.nonzero(tile > frame.far(np.array(sure), radius)[:, None])
    return rows.start + left, columns.start + right

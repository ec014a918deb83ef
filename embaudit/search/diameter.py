"""The furthest pair of rows: sweeps guess it, radii rule most pairs out, float64 decides."""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.error_bounds import Frame
from embaudit.search.progress import Progress, Stage, silent

SWEEPS = 4
TILE = 2048
BLOCK = 1 << 20  # rows whose distances are held at a time


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
    radius: Floats,
    budget: float,
    *,
    chosen: Rows | None = None,
    progress: Progress = silent,
) -> Extent:
    """Diameter of the points, (N, n), in their units.

    radius: (N,) no less than the distance of each row to one point, best near the middle of the
    set. budget: multiply-adds that may be spent on pairs; if the pairs that radii leave open cost
    more, the answer is an interval. chosen: rows that hold every different vector, where many are
    equal; else all.
    """
    if chosen is not None:
        radius = radius[chosen]
    largest = int(radius.argmax())
    pair, squared = _sweep(points, chosen, largest if chosen is None else int(chosen[largest]))
    # pairs with r_i + r_j below the best distance cannot beat it
    best = np.sqrt(squared) * (1 - 1e-9)
    distance, rest = float(np.sqrt(squared)), np.delete(radius[: largest + 1], largest)
    second = max((part.max() for part in (rest, radius[largest + 1 :]) if len(part)), default=0.0)
    upper = float(radius[largest] + second)
    many = int((radius >= best / 2).sum())  # of which any two stay open
    if many * (many - 1) // 2 * points.dim > budget:
        return Extent(pair, distance, upper)
    near = np.flatnonzero(radius >= best - radius[largest])
    order = near[np.argsort(-radius[near], kind="stable")]
    partners = np.searchsorted(-radius[order], radius[order] - best, side="right")
    pairs = int(np.maximum(partners - np.arange(len(order)), 0).sum())
    if pairs * points.dim > budget:
        return Extent(pair, distance, upper)
    if pairs:
        rows = order if chosen is None else chosen[order]
        pair, squared = _search(points, rows, partners, pair, squared, progress)
    distance = float(np.sqrt(squared))
    return Extent(pair, distance, distance)


def _sweep(points: Points, chosen: Rows | None, start: int) -> tuple[tuple[int, int], float]:
    """From a row to its furthest, from there to its furthest, and so on while it grows."""
    pair, best = (start, start), 0.0
    for _ in range(SWEEPS):
        to, squared = _furthest_from(points, chosen, pair[1])
        if squared <= best:
            break
        pair, best = (pair[1], to), squared
    return pair, best


def _furthest_from(points: Points, chosen: Rows | None, row: int) -> tuple[int, float]:
    """The chosen row that is furthest from a row, the first of several, and how far, squared."""
    furthest, best = row, -1.0
    size = points.size if chosen is None else len(chosen)
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        some = np.arange(part.start, part.stop) if chosen is None else chosen[part]
        squared = points.squared_distances(np.full(len(some), row), some)
        at = int(squared.argmax())
        if squared[at] > best:
            furthest, best = int(some[at]), float(squared[at])
    return furthest, best


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

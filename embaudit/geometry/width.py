"""Width of a point set: the least distance of two parallel hyperplanes that hold it between."""

import numpy as np

from embaudit.core.intervals import Estimate, certified, exact
from embaudit.core.prepared_points import Floats, Points
from embaudit.geometry.affine_hull import ROUNDOFF, Hull
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.width_bounds import WidthSearch

PRECISE = 1e-9  # a rounding error below this share of a width leaves it exact


def hull_dimension(moments: Moments) -> int:
    """Dimensions whose variance stands out of the rounding error: a proven *lower* bound."""
    return int((moments.axes.values > 2 * moments.error).sum())


def minimum_width(points: Points, moments: Moments, dimension: int, effort: int = 0) -> Estimate:
    """Minimum width (Definition 3) inside the span of the `dimension` leading directions.

    Exact in one and two dimensions, but where rounding counts beside it. Above, an interval:
    2 sqrt(lambda_min(Cov_w)) for the best row weights found from below (Popoviciu: the variance
    along a direction is at most a quarter of its width squared), the width along the best direction
    found from above. Every level of effort goes on where the last one ends, and the best ends are
    kept: more only tightens.
    """
    hull = Hull(points, moments, dimension)
    if dimension <= 2:
        flat = _flat(hull)
        return _line_width(flat) if dimension == 1 else _plane_width(flat, hull.lean)
    search = WidthSearch(hull)
    for stage in range(effort + 1):
        search.run(stage)
    return search.bound()


def _flat(hull: Hull) -> Floats:
    """All rows in a hull of one or two dimensions, in units of the points."""
    basis = np.eye(hull.dimension) if hull.basis is None else hull.basis
    blocks = (hull.moments.centred(block) @ basis for _, block in hull.points.chunks())
    return np.concatenate([*blocks])


def _line_width(flat: Floats) -> Estimate:
    return exact(float(flat.max() - flat.min()))


def _plane_width(flat: Floats, lean: float) -> Estimate:
    """Rotating calipers: some edge of the convex hull lies on one of the two lines."""
    hull = convex_hull(flat)
    edges = np.roll(hull, -1, axis=0) - hull
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    edges, hull_starts = edges[lengths > 0], hull[lengths > 0]
    lengths = lengths[lengths > 0]
    widths = [
        np.abs(edge[0] * (hull[:, 1] - at[1]) - edge[1] * (hull[:, 0] - at[0])).max() / length
        for edge, at, length in zip(edges, hull_starts, lengths, strict=True)
    ]
    width = float(min(widths))
    # centring, turns of the hull and cross products each lose a few units in the last place
    slack = 64 * ROUNDOFF * float(np.abs(flat).max()) + width * lean**2
    if slack <= PRECISE * width:
        return exact(width)
    return certified(max(0.0, width - slack), width + slack)


def convex_hull(flat: Floats) -> Floats:
    """Corners of the convex hull of (N, 2), counter-clockwise (Andrew's monotone chain)."""
    ordered = np.unique(flat, axis=0)
    if len(ordered) > 64:
        ordered = ordered[_outside_octagon(ordered)]
    corners: list[Floats] = []
    for points in (ordered, ordered[::-1]):
        base = len(corners)
        for point in points:
            while len(corners) >= base + 2 and _turn(corners[-2], corners[-1], point) <= 0:
                corners.pop()
            corners.append(point)
        corners.pop()
    return np.array(corners)


def _outside_octagon(flat: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Drops what lies strictly inside the extremes of eight directions: no corner is there."""
    x, y = flat.T
    extremes = [int(f.argmin()) for f in (x, x + y, y, y - x, -x, -x - y, -y, x - y)]
    ring = flat[extremes]
    keep = np.zeros(len(flat), dtype=bool)
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if (a != b).any():
            keep |= (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) <= 0
    keep[extremes] = True
    return keep


def _turn(a: Floats, b: Floats, c: Floats) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

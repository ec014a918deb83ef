"""Triplet-separated maps g built from the data: each certifies an upper end for d_iso and d_haus.

F_TS is the paper's: maps into R^n. Under cosine a witness may therefore leave the sphere.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.geometry.balls import OUTWARD, Balls

SLACK = 1 - 1e-9  # keeps a witness triplet-separated through rounding
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class ClassShrink:
    """g(x) = mean + (1 + stretch)(c_i - mean) + shrink_i (x - c_i) for x in class i.

    With radii rho_i = shrink_i R_i <= D_ij / 4, where D_ij are the distances of the stretched
    centres, 3 rho_i + rho_j <= D_ij: every positive is nearer than every negative.
    displacement: sup |f - g|, from above.
    """

    stretch: float
    shrink: Floats
    displacement: float


def class_shrink(
    balls: Balls, apart: Floats, mean: Floats, stretch: float | None = None
) -> ClassShrink:
    """The witness with least displacement, or with a given stretch >= 0.

    apart: (C,) distance from each centre to the nearest other centre.
    """
    away = np.sqrt(np.square(balls.centres - mean).sum(axis=1))
    if stretch is None:
        stretch = _least(lambda s: _displacement(s, balls.radii, apart, away))
    shrink = _shrink(stretch, balls.radii, apart)
    moved = (1 - shrink) * balls.radii + stretch * away
    return ClassShrink(stretch, shrink, float(moved.max()) * OUTWARD)


def _shrink(stretch: float, radii: Floats, apart: Floats) -> Floats:
    room = np.minimum(radii, (1 + stretch) * apart / 4) * SLACK
    return np.divide(room, radii, out=np.ones_like(room), where=radii > 0)


def _displacement(stretch: float, radii: Floats, apart: Floats, away: Floats) -> float:
    return float((stretch * away + radii * (1 - _shrink(stretch, radii, apart))).max())


def _least(function: Callable[[float], float]) -> float:
    """Where a convex function, such as the displacement, is least on [0, 4] (golden section)."""
    low, high = 0.0, 4.0
    for _ in range(60):
        a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, b) if function(a) <= function(b) else (a, high)
    return 0.0 if function(0.0) <= function(low) else low


def apply(witness: ClassShrink, balls: Balls, mean: Floats, points: Points, codes: Rows) -> Floats:
    """g of every point, (N, n) float64, about the mean."""
    centres = (1 + witness.stretch) * (balls.centres - mean)
    shrink = witness.shrink[codes][:, None]
    out: Floats = centres[codes] + shrink * (points.floats(slice(None)) - balls.centres[codes])
    return out


def soft_shrink(rows: Floats, centres: Floats, delta: float) -> Floats:
    """g(x) = c + (1 - delta / |x - c|)_+ (x - c) for rows (N, n), each with its centre (N, n).

    Every row moves towards the centre of its class by delta, or onto it. Whether that is
    triplet-separated is to be verified: it need not be where a smaller delta is.
    """
    away = rows - centres
    distances = np.sqrt(np.einsum("ij,ij->i", away, away))
    left = np.maximum(distances - delta, 0.0)
    share = np.divide(left, distances, out=np.zeros_like(left), where=left > 0)
    out: Floats = centres + share[:, None] * away
    return out

"""Bounds on distances from one matrix product: rows centred, scaled and cast, with their error.

A frame turns |x - y|^2 = |x|^2 + |y|^2 - 2xy into a *bound*. That formula alone is wrong exactly
where an auditor is needed (far from the origin, collapsed sets), so every use of it here goes
through an interval that holds whatever the rounding did; what the interval cannot decide is
decided by `space.squared_distance`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.space import Floats, Rows

TINY = 1e-290  # squared distances below it may have lost digits to underflow


@dataclass(frozen=True)
class Frame:
    """Rows of a set, (..., m, n) in float32 or float64, centred and scaled into the unit ball.

    squares: |c|^2 of each row, (..., m). radius: |c| of each row from above, float64, (..., m).
    reach: the largest radius, (..., 1). scale: frame units in a unit of the points, (..., 1).
    """

    rows: NDArray[Any]
    squares: NDArray[Any]
    radius: Floats
    reach: Floats
    scale: Floats

    @property
    def dim(self) -> int:
        """n, the number of dimensions."""
        return int(self.rows.shape[-1])

    @property
    def unit_roundoff(self) -> float:
        """u of the frame's precision: 2^-24 or 2^-53."""
        return float(np.finfo(self.rows.dtype).eps) / 2

    @property
    def growth(self) -> float:
        """g: the relative error of a dot product in any order of summation, with norms added."""
        terms = (self.dim + 16) * self.unit_roundoff
        return terms / (1 - terms)

    @cached_property
    def rounding(self) -> float:
        """Relative error of `space.squared_distance` itself, whose values decide."""
        return (self.dim + 8) * 2.0**-52

    def slack(self, radius: Floats) -> Floats:
        """Error of a computed squared distance from a row of this radius, in frame units.

        |computed - true| <= g (|x| + |y|)^2 for the rows as cast; |y| <= reach.
        """
        return self.growth * np.square(radius + self.reach)

    def cast(self, radius: Floats) -> Floats:
        """How much centring and casting two rows can have moved their distance, frame units."""
        return 2 * self.unit_roundoff * (radius + self.reach)

    def lower(self, computed: NDArray[Any], radius: Floats) -> Floats:
        """Lower bound on the deciding squared distance, in units of the points."""
        distance = np.sqrt(np.maximum(computed - self.slack(radius), 0)) - self.cast(radius)
        squared: Floats = np.square(np.maximum(distance, 0) / self.scale)
        return np.maximum(squared * (1 - self.rounding) - TINY, 0)

    def upper(self, computed: NDArray[Any], radius: Floats) -> Floats:
        """Upper bound on the deciding squared distance, in units of the points."""
        distance = np.sqrt(np.maximum(computed, 0) + self.slack(radius)) + self.cast(radius)
        squared: Floats = np.square(distance / self.scale)
        return squared * (1 + self.rounding) + TINY

    def near(self, squared: Floats, radius: Floats) -> NDArray[Any]:
        """Largest computed value whose row may be at most `squared` (points' units) away."""
        distance = np.sqrt((squared + TINY) * (1 + 2 * self.rounding)) * self.scale
        value = np.square(distance + self.cast(radius)) + self.slack(radius)
        return _outward(value, self.rows.dtype, np.inf)

    def far(self, squared: Floats, radius: Floats) -> NDArray[Any]:
        """Smallest computed value whose row may be at least `squared` (points' units) away."""
        distance = np.sqrt(np.maximum(squared * (1 - 2 * self.rounding) - TINY, 0)) * self.scale
        value = np.square(np.maximum(distance - self.cast(radius), 0)) - self.slack(radius)
        return _outward(value, self.rows.dtype, -np.inf)

    def products(self, queries: slice | Rows, columns: slice = slice(None)) -> NDArray[Any]:
        """Computed squared distances of some rows to others, (..., q, c); may be below zero."""
        others = np.swapaxes(self.rows[..., columns, :], -1, -2)
        tile: NDArray[Any] = np.matmul(self.rows[..., queries, :], others)
        tile *= -2
        tile += self.squares[..., None, columns]
        tile += self.squares[..., queries, None]
        return tile


def frame_of(vectors: NDArray[Any], dtype: type, centre: Floats | None = None) -> Frame:
    """Frame of rows (..., m, n) about their own mean, or about a given centre (..., 1, n)."""
    if centre is None:
        centre = vectors.mean(axis=-2, keepdims=True, dtype=np.float64)
    moved = np.subtract(vectors, centre, dtype=np.float64)
    largest = np.abs(moved).max(axis=(-2, -1), keepdims=False)[..., None]
    # an exact power of two, so that scaling adds no error of its own
    scale = np.ldexp(1.0, -np.frexp(largest * np.sqrt(moved.shape[-1]))[1])
    moved *= scale[..., None]
    radius = np.sqrt(np.einsum("...i,...i->...", moved, moved)) * (1 + 1e-6)
    rows = np.ascontiguousarray(moved.astype(dtype))
    squares = np.einsum("...i,...i->...", rows, rows)
    return Frame(rows, squares, radius, radius.max(axis=-1, keepdims=True), scale)


def _outward(value: Floats, dtype: np.dtype[Any], towards: float) -> NDArray[Any]:
    """Cast without ever moving a threshold inward."""
    outward: NDArray[Any] = np.nextafter(value.astype(dtype), dtype.type(towards))
    return outward

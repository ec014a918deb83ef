"""Bounds on distances from one matrix product: rows centred, scaled and cast, with their error.

A frame turns |x - y|^2 = |x|^2 + |y|^2 - 2xy into a *bound*. That formula alone is wrong exactly
where an auditor is needed (far from the origin, collapsed sets), so every use of it here goes
through an interval that holds whatever the rounding did; what the interval cannot decide is
decided by `points.squared_distance`.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Floats, Rows
from embaudit.search.centred_rows import Cloud

CACHED = 1 << 16  # values that are cast at a time: they stay in the second-level cache
FEW = 64  # dimensions up to which some norms are summed in float32
TINY = 1e-290  # squared distances below it may have lost digits to underflow


@dataclass(frozen=True)
class Frame:
    """A cloud in float32 or float64: computed squared distances, and the bounds they give.

    rows: (..., m, n + 2), each row x as (x, |x|^2, 1), where memory holds them; else None, and they
    are cast as they are needed. Beside (-2 y, 1, |y|^2) the product *is* the squared distance.
    moved: how much casting moved a row more than by the unit roundoff of its length, (..., 1).
    """

    cloud: Cloud
    dtype: type[np.float32] | type[np.float64]
    rows: NDArray[Any] | None
    moved: Floats | float = field(default=0.0, kw_only=True)

    @property
    def radius(self) -> Floats:
        """|c| of each row from above, (..., m)."""
        return self.cloud.radius

    @property
    def reach(self) -> Floats:
        """The largest radius, (..., 1)."""
        return self.cloud.reach

    @property
    def scale(self) -> Floats:
        """Frame units in a unit of the points, (..., 1)."""
        return self.cloud.scale

    @cached_property
    def growth(self) -> float:
        """g: the relative error of a dot product in any order of summation, with norms added.

        Norms are sums of n terms more, but for those of float32: they are summed in float64, and
        by FAISS's kernel in float32 up to FEW dimensions.
        """
        dim = self.cloud.points.dim
        summed = 0 if self.dtype is np.float32 and dim > FEW else dim
        terms = (dim + summed + 16) * self.unit_roundoff
        return terms / (1 - terms)

    @property
    def unit_roundoff(self) -> float:
        """u of the frame's precision: 2^-24 or 2^-53."""
        return float(np.finfo(self.dtype).eps) / 2

    @cached_property
    def rounding(self) -> float:
        """Relative error of `points.squared_distance` itself, whose values decide."""
        return (self.cloud.points.dim + 8) * 2.0**-52

    def slack(self, radius: Floats) -> Floats:
        """Error of a computed squared distance from a row of this radius, in frame units.

        |computed - true| <= g (|x| + |y|)^2 for the rows as cast; |y| <= reach.
        """
        return self.growth * np.square(radius + self.reach)

    def cast(self, radius: Floats) -> Floats:
        """How much centring and casting two rows can have moved their distance, frame units."""
        return 2 * self.unit_roundoff * (radius + self.reach) + 2 * self.moved

    def lower(self, computed: NDArray[Any], radius: Floats) -> Floats:
        """Lower bound on the deciding squared distance, in units of the points."""
        value = np.minimum(computed, self.cloud.apart) - self.slack(radius)
        distance = np.sqrt(np.maximum(value, 0)) - self.cast(radius)
        squared: Floats = np.square(np.maximum(distance, 0) / self.scale)
        return np.maximum(squared * (1 - self.rounding) - TINY, 0)

    def upper(self, computed: NDArray[Any], radius: Floats) -> Floats:
        """Upper bound on the deciding squared distance, in units of the points."""
        distance = np.sqrt(np.maximum(computed, 0) + self.slack(radius)) + self.cast(radius)
        squared: Floats = np.square(distance / self.scale) * (1 + self.rounding) + TINY
        return np.where(computed > self.cloud.apart, np.inf, squared)

    def near(self, squared: Floats, radius: Floats) -> NDArray[Any]:
        """Largest computed value whose row may be at most `squared` (points' units) away."""
        distance = np.sqrt((squared + TINY) * (1 + 2 * self.rounding)) * self.scale
        value = np.square(distance + self.cast(radius)) + self.slack(radius)
        value = np.where(value > self.cloud.apart, np.inf, value)
        return _outward(value, self.dtype, np.inf)

    def far(self, squared: Floats, radius: Floats) -> NDArray[Any]:
        """Smallest computed value whose row may be at least `squared` (points' units) away."""
        distance = np.sqrt(np.maximum(squared * (1 - 2 * self.rounding) - TINY, 0)) * self.scale
        value = np.square(np.maximum(distance - self.cast(radius), 0)) - self.slack(radius)
        return _outward(np.minimum(value, self.cloud.apart), self.dtype, -np.inf)

    def sets(self, at: Rows) -> "Frame | None":
        """Some rows of one set as several sets, (c, m) positions; None of rows that are not held.

        Bounds are those of the whole set: of use where few pairs are to be told apart.
        """
        if self.rows is None or self.cloud.apart < np.inf:
            return None
        return Frame(self.cloud.sets(at), self.dtype, self.rows[at], moved=self.moved)

    def taken(self, part: slice | Rows) -> NDArray[Any]:
        """Some of the rows as (x, |x|^2, 1) in the frame's precision, (..., p, n + 2)."""
        if self.rows is not None:
            return self.rows[..., part, :]
        if self.cloud.chosen.ndim > 1 or (not isinstance(part, slice) and part.ndim > 1):
            return self.extended(self.cloud.floats(part))
        at = range(self.cloud.size)[part] if isinstance(part, slice) else part
        rows = np.empty((len(at), self.cloud.points.dim + 2), dtype=self.dtype)
        step = max(1, CACHED // self.cloud.points.dim)
        for start in range(0, len(at), step):
            few = at[start : start + step]
            some = slice(few[0], few[-1] + 1) if isinstance(few, range) else few
            self._extend(self.cloud.floats(some), rows[start : start + step])
        return rows

    def asking(self, rows: Rows) -> Any:
        """Some of the rows as `beside` takes them."""
        return mirrored(self.taken(rows))

    def products(self, queries: slice | Rows, columns: slice | Rows | None = None) -> NDArray[Any]:
        """Computed squared distances of some rows to others, (..., q, c); may be below zero."""
        return self.between(self.taken(queries), slice(None) if columns is None else columns)

    def between(self, taken: NDArray[Any], columns: slice | Rows) -> NDArray[Any]:
        """The same of rows that were taken already, (..., q, n + 2)."""
        return self.beside(mirrored(taken), columns)

    def beside(self, asked: Any, columns: slice | Rows) -> NDArray[Any]:
        """The same of rows that ask (taken and mirrored), for several sets of columns."""
        if self.rows is not None or not isinstance(columns, slice):
            product: NDArray[Any] = np.matmul(asked, np.swapaxes(self.taken(columns), -1, -2))
            return product
        low, high, _ = columns.indices(self.cloud.size)
        tile = np.empty((*asked.shape[:-1], high - low), dtype=self.dtype)
        for start in range(low, high, CHUNK):
            part = slice(start, min(start + CHUNK, high))
            into = tile[..., part.start - low : part.stop - low]
            np.matmul(asked, np.swapaxes(self.taken(part), -1, -2), out=into)
        return tile

    def extended(self, block: Floats) -> NDArray[Any]:
        """(x, |x|^2, 1) of centred rows, |x|^2 of the row as cast: so the one error g covers it."""
        rows = np.empty((*block.shape[:-1], block.shape[-1] + 2), dtype=self.dtype)
        self._extend(block, rows)
        return rows

    def _extend(self, block: Floats, rows: NDArray[Any]) -> None:
        """The same into (..., n + 2) rows."""
        rows[..., :-2] = block
        values = rows[..., :-2]
        rows[..., -2] = np.einsum("...i,...i->...", values, values, dtype=np.float64)
        rows[..., -1] = 1


def mirrored(taken: NDArray[Any]) -> NDArray[Any]:
    """(-2 x, 1, |x|^2) of rows (x, |x|^2, 1): the other side of a product."""
    rows: NDArray[Any] = taken * taken.dtype.type(-2)
    rows[..., -2] = 1
    rows[..., -1] = taken[..., -2]
    return rows


def tile_of(taken: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
    """Computed squared distances of rows (..., q, n + 2) to others (..., c, n + 2)."""
    product: NDArray[Any] = np.matmul(mirrored(taken), np.swapaxes(columns, -1, -2))
    return product


def _outward(value: Floats, dtype: Any, towards: float) -> NDArray[Any]:
    """Cast without ever moving a threshold inward; what is masked, infinite, stays beyond it."""
    with np.errstate(over="ignore"):  # what is beyond the type's range is clipped
        outward = np.nextafter(value.astype(dtype), dtype(towards))
    most = np.finfo(dtype).max
    inside: NDArray[Any] = np.clip(outward, -most, most)
    return inside

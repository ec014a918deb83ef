"""The rows as coordinates in their affine hull, and what rounding can have done to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embaudit.core.prepared_points import CHUNK, Floats, Points, Rows
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.principal_axes import WHOLE

ROUNDOFF = 2.0**-53
THINNEST = 64  # axes along which a set of many dimensions is measured


@dataclass(frozen=True)
class Hull:
    """Rows about their mean along the `dimension` leading principal axes, times 2^-exponent.

    Where that is every dimension the coordinates stay the stored ones: no turn, no rounding of it.
    A power of two times the points changes the exponent only.
    """

    points: Points
    moments: Moments
    dimension: int

    @cached_property
    def exponent(self) -> int:
        """Brings the root of the total variance near 1."""
        return int(np.frexp(self.moments.trace)[1]) // 2

    @property
    def whole(self) -> bool:
        """Whether the hull is all of space."""
        return self.dimension == self.points.dim

    @cached_property
    def basis(self) -> Floats | None:
        """(n, d) orthonormal to rounding; None for the stored axes."""
        return None if self.whole else self.moments.axes.every[:, : self.dimension]

    @cached_property
    def values(self) -> Floats:
        """(d,) variances along the principal axes, falling, in the hull's units."""
        return np.ldexp(self.moments.axes.values[: self.dimension], -2 * self.exponent)

    @cached_property
    def axes(self) -> Floats:
        """(d, d) principal axes in columns."""
        return self.moments.axes.every if self.whole else np.eye(self.dimension)

    @cached_property
    def thinnest(self) -> Floats:
        """(d, k) the axes of the least variance in columns; all of few dimensions."""
        if self.whole:
            return self.moments.axes.thinnest(THINNEST)
        return np.eye(self.dimension)[:, -THINNEST if self.dimension > WHOLE else 0 :]

    @property
    def lean(self) -> float:
        """How far a computed direction may lean out of the true hull: error over gap.

        Davis & Kahan's sine. Nothing where the hull is all of space: any direction will do.
        """
        if self.whole:
            return 0.0
        return self.moments.error / float(self.moments.axes.values[self.dimension - 1])

    @cached_property
    def stretch(self) -> float:
        """What the largest singular value of the basis is at most."""
        if self.basis is None:
            return 1.0
        off = self.basis.T @ self.basis - np.eye(self.dimension)
        rounding = (self.points.dim + 4) * ROUNDOFF * self.dimension
        return 1 + float(np.sqrt(np.square(off).sum())) + rounding

    @cached_property
    def blur(self) -> float:
        """Rounding moves a row by at most this times the largest distance of any to the mean."""
        turn = 0.0 if self.whole else (self.points.dim + 4) * float(np.sqrt(self.dimension))
        return (turn + 8) * ROUNDOFF

    def coordinates(self, block: Floats) -> Floats:
        """(m, d) coordinates of float64 rows (m, n), which are overwritten."""
        block = self.centred(block)
        return block if self.basis is None else block @ self.basis

    def centred(self, block: Floats) -> Floats:
        """Float64 rows (m, n) less the mean in the hull's units, in place."""
        block = self.moments.centred(block)
        return np.ldexp(block, -self.exponent, out=block)

    def in_space(self, directions: Floats) -> Floats:
        """(n, k) of directions (d, k) of the hull: rows have the same components along these."""
        return directions if self.basis is None else self.basis @ directions

    def chunks(self) -> Iterator[tuple[slice, Floats]]:
        """Coordinates of all rows, a chunk at a time."""
        for part, block in self.points.chunks():
            yield part, self.coordinates(block)

    def gather(self, rows: Rows) -> Floats:
        """Coordinates of chosen rows, (m, d)."""
        out = np.empty((len(rows), self.dimension))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            out[part] = self.coordinates(self.points.floats(rows[part]))
        return out

"""Points: prepared rows, and *the* squared distance of two, which decides.

The stored numbers stay as they are; what a metric makes of them is done as they are asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.disk_backed_rows import Column, MappedRows, beside

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

DIFFERENCES = 1 << 16  # at a time, of so many pairs: they stay in the second-level cache
PAIRS = (64, 256)  # pairs at a time, at least and at most
FEW = 4  # pairs that are summed one by one
PAD = 8  # values between rows that are turned: a power of two would be one set of the cache
SCATTERED = 256  # rows of a file that are read at a time: each may map a window of its own
CHUNK = 1024  # rows at a time, fixed: sums add up in the same order whatever else is configured
LENGTHS = (1e-30, 1e30)  # of rows whose reciprocals are float32 numbers
WIDEST = 1 << 20  # values of them: of wide rows fewer, so that what is done to a chunk stays cached
SAFE = (1e-100, 1e100)  # squares of values in between neither overflow nor vanish in float64


@dataclass(frozen=True)
class Points:
    """Prepared rows, (N, n). A distance between them times `unit` is in the user's units.

    The stored numbers stay as they are, and are prepared as they are asked for: nothing is held
    twice. norms: (N, 2) under cosine, divided by one after the other, else None. mapped_rows:
    where the stored rows are on disk. exponent: of the power of two they are divided by.
    """

    stored: NDArray[Any]
    unit: float = 1.0
    norms: Floats | None = None
    mapped_rows: MappedRows | None = None
    exponent: int = 0

    @property
    def size(self) -> int:
        """N, the number of rows."""
        return len(self.stored)

    @property
    def dim(self) -> int:
        """n, the number of dimensions."""
        return int(self.stored.shape[1])

    @property
    def on_disk(self) -> bool:
        """Whether memory cannot hold the rows."""
        return self.mapped_rows is not None

    def floats(self, rows: Rows | slice) -> Floats:
        """The chosen rows as float64, (..., n) for rows of shape (...)."""
        block = self.as_stored(rows).astype(np.float64)
        if self.exponent:
            block = np.ldexp(block, -self.exponent)
        if self.norms is not None:
            norms = self.norms[rows]
            if self._normal:  # the first is a power of two: one division by both is the same
                block /= (norms[..., 0] * norms[..., 1])[..., None]
            else:
                block /= norms[..., 0, None]
                block /= norms[..., 1, None]
        return block

    def as_stored(self, rows: Rows | slice) -> NDArray[Any]:
        """The chosen rows as they are, (..., n), before any preparation."""
        if self.mapped_rows is None:
            return self.stored[rows]
        if isinstance(rows, slice) or np.size(rows) <= SCATTERED:
            block = self.stored[rows]
            self.mapped_rows.met(rows)
            return block
        flat = rows.ravel()
        block = np.empty((len(flat), self.dim), dtype=self.stored.dtype)
        for start in range(0, len(flat), SCATTERED):
            some = flat[start : start + SCATTERED]
            block[start : start + SCATTERED] = self.stored[some]
            self.mapped_rows.met(some)
        return block.reshape(*rows.shape, self.dim)

    def beside(self, values: Column) -> Column:
        """What is known of the rows, in a file where these are in one."""
        return beside(self.mapped_rows, values)

    @cached_property
    def castable(self) -> bool:
        """Whether `singles` are there: rows in memory, of 16 or 32 bits, of lengths it can take."""
        known = self.stored.dtype in (np.float16, np.float32)
        if not known or self.on_disk or self.exponent or self.norms is None:
            return known and not self.on_disk and not self.exponent
        lengths = self.norms[:, 0] * self.norms[:, 1]
        return bool(((lengths > LENGTHS[0]) & (lengths < LENGTHS[1])).all())

    def singles(self, rows: Rows | slice) -> NDArray[np.float32]:
        """The chosen rows in float32 alone, (..., n): equal to a factor of 1 + 2.01 * 2^-24.

        Without `norms` they are exact.
        """
        block = self.stored[rows].astype(np.float32, copy=isinstance(rows, slice))
        if self.norms is not None:
            norms = self.norms[rows]
            block *= (1 / (norms[..., 0] * norms[..., 1])).astype(np.float32)[..., None]
        return block

    @cached_property
    def _normal(self) -> bool:
        """Whether neither a norm nor a row divided by its power of two leaves float64's range."""
        assert self.norms is not None
        scale = self.norms[:, 0]
        return bool((SAFE[0] < scale.min(initial=1)) & (scale.max(initial=1) < SAFE[1]))

    def dimensions(self, some: slice) -> "Points":
        """Some of the dimensions of all rows, as they are: unit rows do not stay so."""
        return replace(self, stored=self.stored[:, some])

    def part(self, rows: slice) -> "Points":
        """Some of the rows as points of their own."""
        norms = None if self.norms is None else self.norms[rows]
        return Points(self.stored[rows], self.unit, norms, self.mapped_rows, self.exponent)

    def chosen(self, rows: Rows) -> "Points":
        """Some rows as points of their own, copied into memory."""
        norms = None if self.norms is None else self.norms[rows]
        return Points(self.stored[rows], self.unit, norms, exponent=self.exponent)

    def chunks(self, step: int | None = None) -> Iterator[tuple[slice, Floats]]:
        """All rows as float64, `chunk_rows` of them at a time, or so many."""
        for part in self.parts(step):
            yield part, self.floats(part)

    def parts(self, step: int | None = None) -> list[slice]:
        """Where these chunks are."""
        step = step or chunk_rows(self.dim)
        return [slice(at, min(at + step, self.size)) for at in range(0, self.size, step)]

    def squared_distances(self, left: Rows, right: Rows) -> Floats:
        """Squared distances of m pairs of rows, (m,)."""
        out = np.empty(len(left))
        step = pairs_at_once(self.dim)
        for start in range(0, len(left), step):
            part = slice(start, start + step)
            out[part] = squared_distance(self.floats(left[part]), self.floats(right[part]))
        return out


def chunk_rows(dim: int, values: int = WIDEST) -> int:
    """Rows of so many dimensions that are looked at together: CHUNK, or as `values` hold."""
    return max(16, min(CHUNK, values // dim))


def pairs_at_once(dim: int) -> int:
    """How many pairs of rows of so many dimensions are compared together."""
    return min(max(PAIRS[0], DIFFERENCES // dim), PAIRS[1])


def squared_distance(x: Floats, y: Floats) -> Floats:
    """*The* squared distance: the float64 sum of (x_i - y_i)^2 in stored order, (m, n) -> (m,).

    Every decision compares values of this function, so that "the float64 answer" has one meaning:
    it adds strictly from left to right, whatever the shape, the memory layout or the processor,
    where `sum` and `einsum` regroup. A sum over the slow axis adds row to row, all pairs at once;
    numpy regroups along the fast one only, which a single pair has alone.
    """
    m, n = np.broadcast_shapes(x.shape, y.shape)
    difference = np.empty((m, n + PAD))[:, :n]
    np.subtract(x, y, out=difference)
    return squared_lengths(difference)


def squared_lengths(rows: Floats) -> Floats:
    """(m,) of rows (m, n), added up like `squared_distance`; the rows are overwritten."""
    rows *= rows
    if len(rows) < FEW:
        total: Floats = np.cumsum(rows, axis=1)[:, -1]
        return total
    turned = np.ascontiguousarray(rows.T)
    summed: Floats = np.add.reduce(turned, axis=0)
    return summed

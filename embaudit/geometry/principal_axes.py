"""Eigenvalues of a covariance, and as many of its axes as are asked for: leading or thinnest ones.

All eigenvectors of n dimensions cost several times what the eigenvalues do. So of many dimensions
the eigenvalues are found alone, and a few axes in a block Krylov space: of the matrix for the
leading ones, of its inverse for the thinnest. Of fewer rows than dimensions the rows' own products
have the same eigenvalues but for zeros.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from threading import Thread

import numpy as np

from embaudit.core.prepared_points import Floats, Points
from embaudit.geometry.blocked_cholesky import inverses_of, rooted, solved
from embaudit.geometry.gram_matrices import Centred, product_rows

WHOLE = 1024  # dimensions up to which all axes are found at once
THINNEST = 32, 8  # of the Krylov space of the thinnest axes: columns, and how often multiplied
LEADING = 64, 4  # of the leading ones: as many columns at least as half of what is asked for
HARMLESS = 400  # powers of two by which a matrix needs no scaling


class PrincipalAxes:
    """Axes of a semidefinite matrix: a covariance (n, n), or the products of N < n rows, over N.

    values: (n,) falling, exact to rounding. Axes are columns, in the order of the values.
    """

    def __init__(
        self, matrix: Floats, points: Points | None = None, centred: Centred | None = None
    ) -> None:
        """points, centred: whose rows were multiplied with each other, less their mean."""
        self.matrix, self.points, self.centred = matrix, points, centred
        self._found: dict[int, tuple[Floats, Floats]] = {}
        self._values: Floats | None = None
        self._coming: Thread | None = None

    @property
    def dim(self) -> int:
        """n, the number of dimensions."""
        return len(self.matrix) if self.points is None else self.points.dim

    def begin(self) -> None:
        """Find the eigenvalues of many dimensions in a thread; who asks for them waits."""
        if len(self.matrix) > WHOLE and self._values is None:
            self._coming = Thread(target=self._come, daemon=True)
            self._coming.start()

    def _come(self) -> None:
        with suppress(Exception):  # who asks meets it again
            self._values = self._eigenvalues()

    @property
    def values(self) -> Floats:
        """(n,) eigenvalues, falling."""
        self._wait()
        if self._values is None:
            self._values = self._eigenvalues()
        return self._values

    def _wait(self) -> None:
        if self._coming is not None:
            self._coming.join()
            self._coming = None

    def _eigenvalues(self) -> Floats:
        found = self._eigen[0] if len(self.matrix) <= WHOLE else eigenvalues_of(self.matrix)
        if self.points is not None:
            found = np.concatenate((found, np.zeros(self.dim - len(found))))
        return found

    @cached_property
    def every(self) -> Floats:
        """(n, n) all axes; of fewer rows than dimensions (n, N), those that the rows span."""
        return self._of_dimensions(self._eigen[1])

    @cached_property
    def _eigen(self) -> tuple[Floats, Floats]:
        return eigen_of(self.matrix)

    @cached_property
    def participation(self) -> float | None:
        """(tr S)^2 / tr S^2 in [1, n]; None for a single point."""
        if len(self.matrix) <= WHOLE:
            share = self.values / (self.values[0] or 1.0)
            return float(share.sum() ** 2 / np.square(share).sum()) if share[0] else None
        total = float(np.trace(self.matrix))  # the squares of a matrix are those of its spectrum
        if total <= 0:
            return None
        squares = [float(np.square(row / total).sum()) for row in self.matrix]
        return min(float(len(self.matrix)), max(1.0, 1 / math.fsum(squares)))

    def leading(self, count: int) -> tuple[Floats, Floats]:
        """All variances (n,), and k <= count leading axes (n, k), along which the first k are.

        Of many dimensions axes of nearly equal variance may be any that span the same.
        """
        if count not in self._found:
            self._found[count] = self._leading(count)
        return self._found[count]

    def _leading(self, count: int) -> tuple[Floats, Floats]:
        if len(self.matrix) <= max(WHOLE, 4 * count):
            return self.values, self._of_dimensions(self._eigen[1][:, :count])
        width, steps = LEADING
        space = krylov(
            lambda block: self.matrix @ block, len(self.matrix), max(width, count // 2), steps
        )
        values, vectors = self._within(space)
        variances = np.concatenate((np.maximum(values[:count], 0), self.values[count:]))
        return variances, self._of_dimensions(vectors[:, :count])

    def thinnest(self, count: int) -> Floats:
        """(n, count) axes of the least variance, of a covariance; all of few dimensions."""
        if self.dim <= WHOLE:
            return self.every
        self._wait()
        try:
            with rooted(self.matrix) as root:
                inverses = inverses_of(root)

                def divided(block: Floats) -> Floats:
                    return solved(root, inverses, solved(root, inverses, block), transposed=True)

                space = krylov(divided, len(root), *THINNEST)
        except np.linalg.LinAlgError:  # singular, to rounding: its null space needs no iterations
            return self.every[:, -count:]
        return self._within(space)[1][:, -count:]

    def _within(self, space: Floats) -> tuple[Floats, Floats]:
        """Values (k,), falling, and axes (n, k) of the matrix as a space (n, k) sees it."""
        values, turns = np.linalg.eigh(space.T @ (self.matrix @ space))
        return values[::-1], space @ turns[:, ::-1]

    def _of_dimensions(self, vectors: Floats) -> Floats:
        """Axes (n, k) of those of the rows' products, (N, k)."""
        if self.points is None or self.centred is None:
            return vectors
        step = product_rows(self.points.dim)
        axes = np.zeros((self.points.dim, vectors.shape[1]))
        for part, block in self.points.chunks(step):
            axes += self.centred(block).T @ vectors[part]
        return np.linalg.qr(axes)[0]


def eigen_of(matrix: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues (n,) falling and eigenvectors (n, n) in columns, of a semidefinite matrix."""
    exponent = _exponent(matrix)
    values, vectors = np.linalg.eigh(np.ldexp(matrix, -exponent))
    return np.ldexp(np.maximum(values[::-1], 0), exponent), vectors[:, ::-1]


def eigenvalues_of(matrix: Floats) -> Floats:
    """Eigenvalues (n,), falling, of a semidefinite matrix."""
    exponent = _exponent(matrix)
    if abs(exponent) < HARMLESS:  # a scaled copy would be as large
        exponent = 0
    values = np.linalg.eigvalsh(np.ldexp(matrix, -exponent) if exponent else matrix)
    found: Floats = np.ldexp(np.maximum(values[::-1], 0), exponent)
    return found


def _exponent(matrix: Floats) -> int:
    return math.frexp(float(np.trace(matrix)))[1]  # LAPACK does not scale by powers of two


def krylov(work: Callable[[Floats], Floats], dim: int, width: int, steps: int) -> Floats:
    """An orthonormal basis (n, width * (steps + 1)) of a random block and what work makes of it."""
    block = np.linalg.qr(np.random.default_rng(dim).standard_normal((dim, width)))[0]
    space = block
    for _ in range(steps):
        block = work(block)
        for _ in range(2):  # once would leave what rounding made of the largest
            block -= space @ (space.T @ block)
            block = np.linalg.qr(block)[0]
        space = np.concatenate((space, block), axis=1)
    return space

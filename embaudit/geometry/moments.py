"""Means and covariance in float64, with the error of their rounding."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import CHUNK, Floats, Points, Rows


@dataclass(frozen=True)
class Moments:
    """First and second moments of N points in n dimensions, in units of the points.

    The mean is origin + shift, (n,) each: in two parts, as one float64 may not hold the mean of
    rows that differ in their last digits only. class_shifts: (C, n), class means less the mean.
    covariance: (n, n), about the mean, with 1/N. square: mean |x - origin - shift|^2.
    """

    size: int
    origin: Floats
    shift: Floats
    class_shifts: Floats
    covariance: Floats
    square: float

    @property
    def mean(self) -> Floats:
        """(n,), rounded once."""
        return self.origin + self.shift

    @property
    def class_means(self) -> Floats:
        """(C, n), rounded."""
        return self.origin + (self.shift + self.class_shifts)

    def centred(self, block: Floats) -> Floats:
        """The block less the mean, in place, without losing the digits in which rows differ."""
        block -= self.origin
        block -= self.shift
        return block

    @property
    def trace(self) -> float:
        """Total variance, with 1/N."""
        return float(np.trace(self.covariance))

    @property
    def rms_pair_distance(self) -> float:
        """sqrt(2 tr Cov), Cov with 1/(N - 1): the root mean square over distinct pairs."""
        return math.sqrt(2 * max(0.0, self.trace) * self.size / (self.size - 1))

    @cached_property
    def eigen(self) -> tuple[Floats, Floats]:
        """Eigenvalues (n,) falling and eigenvectors (n, n) in columns, of the covariance."""
        return eigen_of(self.covariance)

    @property
    def error(self) -> float:
        """How far rounding can have moved any eigenvalue (Weyl: the norm of the perturbation)."""
        terms = CHUNK + self.size / CHUNK + 16 * len(self.origin) + 16
        return float(terms * 2.0**-53 * self.square)


def eigen_of(matrix: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues (n,) falling and eigenvectors (n, n) in columns, of a semidefinite matrix."""
    exponent = math.frexp(float(np.trace(matrix)))[1]  # LAPACK does not scale by powers of two
    values, vectors = np.linalg.eigh(np.ldexp(matrix, -exponent))
    return np.ldexp(np.maximum(values[::-1], 0), exponent), vectors[:, ::-1]


def moments_of(points: Points, starts: Rows) -> Moments:
    """Moments of points (N, n) ordered by class; class c is rows starts[c]:starts[c + 1]."""
    codes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    sums, total = np.zeros((len(starts) - 1, points.dim)), np.zeros(points.dim)
    origin = points.floats(slice(0, 1))[0]  # about a row, sums keep the digits of far-off sets
    for part, block in points.chunks():
        block -= origin
        total += block.sum(axis=0)  # not the sum of classes' sums: labels must not move the mean
        present, firsts = np.unique(codes[part], return_index=True)
        sums[present] += np.add.reduceat(block, firsts, axis=0)
    shift = total / points.size
    class_shifts = sums / np.diff(starts)[:, None] - shift

    covariance = np.zeros((points.dim, points.dim))
    rest = np.zeros(points.dim)
    for _, block in points.chunks():
        block -= origin
        block -= shift
        covariance += block.T @ block
        rest += block.sum(axis=0)
    covariance /= points.size
    rest /= points.size  # what rounding left of the mean
    square = float(np.trace(covariance))
    covariance -= np.outer(rest, rest)
    covariance = (covariance + covariance.T) / 2
    return Moments(points.size, origin, shift, class_shifts, covariance, square)


def between_class_variance(moments: Moments, starts: Rows) -> float:
    """Variance of the class means about the mean, weighted by class size, with 1/N."""
    away = np.square(moments.class_shifts).sum(axis=1)
    return float(away @ np.diff(starts)) / moments.size


def mean_pairwise_cosine(points: Points, among: NDArray[np.bool_] | None = None) -> float | None:
    """Mean cosine over distinct pairs of non-zero rows, None with fewer than two of them.

    among: (N,) flags of the rows that count, by default all.
    """
    total = np.zeros(points.dim)
    size = 0
    for part, block in points.chunks():
        block = block if among is None else block[among[part]]
        block /= np.maximum(np.abs(block).max(axis=1), np.finfo(float).tiny)[:, None]
        norm = np.sqrt(np.square(block).sum(axis=1))
        used = norm > 0
        total += (block[used] / norm[used, None]).sum(axis=0)
        size += int(used.sum())
    if size < 2:
        return None
    mean = (float(total @ total) - size) / (size * (size - 1))
    return min(1.0, max(-1.0, mean))

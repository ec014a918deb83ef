"""Means and covariance in float64, with the error of their rounding."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embaudit.space import Floats, Points, Rows

CHUNK = 1024  # fixed, so that sums add up in the same order whatever else is configured


def chunks(points: Points) -> Iterator[tuple[slice, Floats]]:
    """The rows as float64, CHUNK at a time."""
    for start in range(0, points.size, CHUNK):
        part = slice(start, min(start + CHUNK, points.size))
        yield part, points.floats(part)


@dataclass(frozen=True)
class Moments:
    """First and second moments of N points in n dimensions, in units of the points.

    mean: (n,). covariance: (n, n), about the mean, with 1/N. class_means: (C, n).
    drift: |error of the mean|^2 from above; it biases the covariance upward by that much.
    """

    size: int
    mean: Floats
    covariance: Floats
    class_means: Floats
    drift: float

    @property
    def trace(self) -> float:
        """Total variance, with 1/N."""
        return float(np.trace(self.covariance))

    @property
    def rms_pair_distance(self) -> float:
        """sqrt(2 tr Cov), Cov with 1/(N - 1): the root mean square over distinct pairs."""
        return float(np.sqrt(2 * self.trace * self.size / (self.size - 1)))

    @cached_property
    def eigen(self) -> tuple[Floats, Floats]:
        """Eigenvalues (n,) falling and eigenvectors (n, n) in columns, of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return np.maximum(values[::-1], 0), vectors[:, ::-1]

    @property
    def error(self) -> float:
        """How far rounding can have moved any eigenvalue (Weyl: the norm of the perturbation)."""
        n = len(self.mean)
        terms = CHUNK + self.size / CHUNK + 16 * n + 16
        return float(terms * 2.0**-53 * self.trace + self.drift)


def moments_of(points: Points, starts: Rows) -> Moments:
    """Moments of points (N, n) ordered by class; class c is rows starts[c]:starts[c + 1]."""
    codes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    sums = np.zeros((len(starts) - 1, points.dim))
    origin = points.floats(slice(0, 1))[0]  # far from zero, sums about a row keep the digits
    for part, block in chunks(points):
        block -= origin
        present, firsts = np.unique(codes[part], return_index=True)
        sums[present] += np.add.reduceat(block, firsts, axis=0)
    mean = origin + sums.sum(axis=0) / points.size
    class_means = origin + sums / np.diff(starts)[:, None]

    covariance = np.zeros((points.dim, points.dim))
    rest = np.zeros(points.dim)
    for _, block in chunks(points):
        block -= mean
        covariance += block.T @ block
        rest += block.sum(axis=0)
    drift = 4 * float(np.square(rest / points.size).sum())
    covariance = (covariance + covariance.T) / (2 * points.size)
    return Moments(points.size, mean, covariance, class_means, drift)


def between_class_variance(moments: Moments, starts: Rows) -> float:
    """Variance of the class means about the mean, weighted by class size, with 1/N."""
    away = np.square(moments.class_means - moments.mean).sum(axis=1)
    return float(away @ np.diff(starts)) / moments.size


def mean_pairwise_cosine(points: Points) -> float | None:
    """Mean cosine over distinct pairs of non-zero rows, None with fewer than two of them."""
    total = np.zeros(points.dim)
    size = 0
    for _, block in chunks(points):
        block /= np.maximum(np.abs(block).max(axis=1), np.finfo(float).tiny)[:, None]
        norm = np.sqrt(np.square(block).sum(axis=1))
        used = norm > 0
        total += (block[used] / norm[used, None]).sum(axis=0)
        size += int(used.sum())
    if size < 2:
        return None
    mean = (float(total @ total) - size) / (size * (size - 1))
    return min(1.0, max(-1.0, mean))

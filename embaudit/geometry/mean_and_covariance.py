"""Means and covariance in float64, with the error of their rounding."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows, chunk_rows
from embaudit.geometry.gram_matrices import (
    Centred,
    centred_blocks,
    column_products,
    product_rows,
    row_products,
)
from embaudit.geometry.pairs import ParallelMap, one_by_one
from embaudit.geometry.principal_axes import WHOLE, PrincipalAxes


@dataclass(frozen=True)
class Moments:
    """First and second moments of N points in n dimensions, in units of the points.

    The mean is origin + shift, (n,) each: in two parts, as one float64 may not hold the mean of
    rows that differ in their last digits only. class_shifts: (C, n), class means less the mean.
    axes: of the covariance, about the mean, with 1/N. square: mean |x - origin - shift|^2.
    trace: total variance, with 1/N.
    """

    size: int
    origin: Floats
    shift: Floats
    class_shifts: Floats
    axes: PrincipalAxes
    square: float
    trace: float

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
    def covariance(self) -> Floats:
        """(n, n); not where there are fewer rows than many dimensions."""
        assert self.axes.points is None, "the covariance was not formed"
        return self.axes.matrix

    @property
    def rms_pair_distance(self) -> float:
        """sqrt(2 tr Cov), Cov with 1/(N - 1): the root mean square over distinct pairs."""
        return math.sqrt(2 * max(0.0, self.trace) * self.size / (self.size - 1))

    @property
    def error(self) -> float:
        """How far rounding can have moved any eigenvalue (Weyl: the norm of the perturbation)."""
        summed = self.summed if self.axes.points is None else len(self.origin)
        terms = summed + 16 * len(self.axes.matrix) + 16
        return float(terms * 2.0**-53 * self.square)

    @cached_property
    def summed(self) -> float:
        """Roundings of a sum over all rows, a chunk after the other."""
        steps = chunk_rows(len(self.origin)), product_rows(len(self.origin))
        return max(step + self.size / step for step in steps)


def moments_of(points: Points, starts: Rows, parallel: ParallelMap = one_by_one) -> Moments:
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

    def centred(block: Floats) -> Floats:
        block -= origin
        block -= shift
        return block

    axes, square = axes_of(points, centred, parallel=parallel)
    trace = float(np.trace(axes.matrix))
    return Moments(points.size, origin, shift, class_shifts, axes, square, trace)


def axes_of(
    points: Points,
    centred: Centred,
    among: NDArray[np.bool_] | None = None,
    *,
    parallel: ParallelMap = one_by_one,
) -> tuple[PrincipalAxes, float]:
    """Axes of rows about their mean, and the mean square of centred rows.

    centred: takes the mean from rows in place; what rounding left of it is taken out here. among:
    (N,) flags of the rows that count, by default all. Of fewer rows than many dimensions the rows'
    own products stand for the covariance.
    """
    size = points.size if among is None else int(np.count_nonzero(among))
    if size < points.dim > WHOLE:
        points = points if among is None else points.chosen(np.flatnonzero(among))
        products = row_products(points, centred) / points.size
        return PrincipalAxes(products, points, centred), float(np.trace(products))
    rest = np.zeros(points.dim)

    def summed(block: Floats) -> Floats:
        nonlocal rest
        rest += block.sum(axis=0)
        return block

    blocks = map(summed, centred_blocks(points, centred, among))
    covariance = column_products(blocks, points.dim, parallel)
    covariance /= size
    rest /= size
    square = float(np.trace(covariance))
    for at in range(0, points.dim, WHOLE):  # no second matrix at once
        covariance[at : at + WHOLE] -= np.outer(rest[at : at + WHOLE], rest)
    return PrincipalAxes(covariance), square


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
    return cosine_of_sum(total, size)


def cosine_of_sum(total: Floats, size: int) -> float | None:
    """Mean cosine over distinct pairs of so many unit rows that sum up to that, (n,)."""
    if size < 2:
        return None
    mean = (float(total @ total) - size) / (size * (size - 1))
    return min(1.0, max(-1.0, mean))

"""How the class means lie round their own mean, and how far the rows scatter about them.

A simplex equiangular tight frame (ETF), C means of one length at equal and largest angles, is
what neural collapse ends in.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.pair_sampling import PairPool
from embaudit.geometry.pairs import ParallelMap, one_by_one
from embaudit.geometry.pairwise_mean import mean_over_pairs
from embaudit.geometry.principal_axes import eigen_of

CUT = 1e-5  # of the largest singular value: eigenvalues of the scatter are cut at its square
FEW = 128  # directions that the means span: of more, the scatter of rows is had from totals
DIGITS = 1e-3  # of a total that may be left when another is taken from it
THIN = 1e-5  # of all scatter: a direction of less is not resolved by the covariance as by its rows
MANY = 256  # class means and dimensions from which on their products are decomposed, where
MIXED = 1e-2  # no singular value is between the cut and this share of the largest
TINY = 1e-140  # lengths below it have squares that may have lost digits to underflow


@dataclass(frozen=True)
class ClassMeans:
    """The means of C classes of points (N, n), about the mean of the class means.

    Class c is rows starts[c]:starts[c + 1]. Lengths are in units of the points. counted: (C,) the
    classes that are some, None for all; the rest are rows that have none, each by itself.
    """

    points: Points
    starts: Rows
    moments: Moments
    counted: NDArray[np.bool_] | None = None

    @cached_property
    def centred(self) -> Floats:
        """(C, n): each class mean less the mean of all class means, every class the same weight."""
        shifts = self.moments.class_shifts
        shifts = shifts if self.counted is None else shifts[self.counted]
        centred: Floats = shifts - shifts.mean(axis=0)
        return centred

    @cached_property
    def lengths(self) -> Floats:
        """(C,): how far each class mean is from their mean."""
        lengths: Floats = np.sqrt(np.einsum("ij,ij->i", self.centred, self.centred))
        return lengths

    @cached_property
    def rounding(self) -> float:
        """What a length may be by rounding alone, of sums of rows about the first row."""
        moments, classes = self.moments, len(self.centred)
        about_origin = math.sqrt(moments.square + float(moments.shift @ moments.shift))
        terms = moments.summed + classes + 16
        return terms * 2.0**-53 * about_origin + TINY

    @property
    def coincide(self) -> bool:
        """Whether all class means are one point, as far as their rounding tells."""
        return len(self.spread) == 0

    @property
    def central(self) -> int:
        """Class means that lie at the mean of all, to rounding: they have no direction."""
        return int(np.count_nonzero(self.lengths <= self.rounding))

    @cached_property
    def _singular(self) -> tuple[Floats, Floats]:
        """Singular values of the centred means, falling, and their directions in rows."""
        if min(self.centred.shape) > MANY and (found := self._singular_by_products()) is not None:
            return found
        triangle = np.linalg.qr(self.centred, mode="r")  # small, however many classes
        _, values, directions = np.linalg.svd(triangle, full_matrices=False)
        return values, directions

    def _singular_by_products(self) -> tuple[Floats, Floats] | None:
        """The same as roots of eigenvalues, in less time; None where these lose digits.

        A root makes 1e-8 of a rounding: what is below MIXED of the largest is either far below the
        cut, as a null value is, or to be found the other way.
        """
        tall = len(self.centred) >= self.centred.shape[1]
        rows = self.centred if tall else self.centred.T
        squares, vectors = eigen_of(rows.T @ rows)
        values = np.sqrt(squares)
        if ((values > CUT / 10 * values[0]) & (values < MIXED * values[0])).any():
            return None
        if tall:
            return values, vectors.T
        kept = values > CUT * values[0]
        values = np.where(kept, values, 0)
        return values, (vectors / np.where(kept, values, np.inf)).T @ rows.T

    @cached_property
    def spread(self) -> Floats:
        """(r,) singular values of the centred means, falling: those above the cut and rounding."""
        values = self._singular[0]
        least = max(CUT * float(values[0]), math.sqrt(len(self.centred)) * self.rounding)
        return values[values > least]

    @cached_property
    def within(self) -> tuple[float, Floats]:
        """Squared distances of rows to their class means: summed, and along the r directions, (r,).

        Sums of differences, never differences of totals: what is tiny keeps its digits.
        """
        directions = self._singular[1][: len(self.spread)]
        known = self._within_of_totals(directions)
        if known is not None:
            return known
        codes = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        offsets = self.moments.shift + self.moments.class_shifts
        total, along = 0.0, np.zeros(len(directions))
        for part, block in self.points.chunks():
            block -= self.moments.origin
            block -= offsets[codes[part]]
            total += float(np.einsum("ij,ij->", block, block))
            along += np.square(block @ directions.T).sum(axis=0)
        return total, along

    def _within_of_totals(self, directions: Floats) -> tuple[float, Floats] | None:
        """The same as the scatter of all rows less that of the means, where it keeps its digits.

        None where that would take more than three of them; and of few directions, for which a pass
        over the rows is no more work.
        """
        moments, sizes = self.moments, np.diff(self.starts)
        if moments.axes.points is not None or len(directions) < FEW:
            return None
        total = moments.size * np.einsum("ij,ij->i", directions @ moments.covariance, directions)
        shifts = directions @ moments.class_shifts.T
        along = total - np.square(shifts) @ sizes
        between = float(sizes @ np.einsum("ij,ij->i", moments.class_shifts, moments.class_shifts))
        scatter = moments.size * moments.trace
        least = np.maximum(DIGITS * total, THIN * scatter)
        if (along < least).any() or scatter - between < DIGITS * scatter:
            return None
        return scatter - between, along

    @property
    def simplex_distance(self) -> float:
        """|A / |A|_F - (I - 11^T / C) / sqrt(C - 1)|_F, A the Gram matrix of the centred means.

        As A 1 = 0, only the C - 1 other eigenvalues of A count, and the distance is how unequal
        they are: with q their variance over their mean square, sqrt(2 - 2 sqrt(1 - q)).
        """
        values = self._singular[0][: len(self.centred) - 1]
        shares = np.square(values / values[0])
        missing = len(self.centred) - 1 - len(shares)  # eigenvalues that no direction is left for
        mean = float(shares.sum()) / (len(shares) + missing)
        spread = float(np.square(shares - mean).sum()) + missing * mean**2
        q = min(1.0, spread / float(np.square(shares).sum()))
        return math.sqrt(2 * q / (1 + math.sqrt(1 - q)))  # 1 - sqrt(1 - q) would cancel


def least_simplex_distance(classes: int, dim: int) -> float:
    """The simplex distance that no `classes` means in `dim` dimensions can be below."""
    return math.sqrt(2 - 2 * math.sqrt(min(1.0, dim / (classes - 1))))


def mean_absolute_cosine(
    vectors: Floats, lengths: Floats, shift: float = 0.0, parallel: ParallelMap = one_by_one
) -> float:
    """Mean of |cos + shift| over distinct pairs of the vectors (C, n), none of them zero."""
    units = vectors / lengths[:, None]

    def tile(left: slice, right: slice) -> Floats:
        cosines = units[left] @ units[right].T
        cosines += shift
        absolute: Floats = np.abs(cosines, out=cosines)
        return absolute

    return mean_over_pairs(len(units), tile, parallel)


def drawn_absolute_cosines(
    vectors: Floats, lengths: Floats, shift: float, draws: int, rng: np.random.Generator
) -> Floats:
    """|cos + shift| of so many pairs of the vectors, each pair as likely."""
    left, right = PairPool.of_all(len(vectors)).draw(draws, rng)
    products = np.einsum("ij,ij->i", vectors[left], vectors[right])
    absolute: Floats = np.abs(products / (lengths[left] * lengths[right]) + shift)
    return absolute

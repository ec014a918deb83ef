"""Is a row nearest to the mean of its own class? Products bound, float64 differences decide."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows, squared_distance
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.pairs import ParallelMap, one_by_one

CELLS = 1 << 18  # distances to class means, or values of rows, held at a time
PAIRS = 1 << 13  # rows and means whose differences are held at a time
TINY = 1e-290  # squared distances below it may have lost digits to underflow


def nearest_to_another(
    points: Points, moments: Moments, rows: Rows, codes: Rows, parallel: ParallelMap = one_by_one
) -> NDArray[np.bool_]:
    """Whether another class mean is as near to each of k rows as that of its own class, (k,).

    codes: (k,) their classes. The decision is that of `squared_distance` to the means as float64.
    """
    means, centre = moments.class_means, moments.mean
    about = means - centre
    squares = np.einsum("ij,ij->i", about, about)
    growth = (4 * points.dim + 128) * 2.0**-52  # of products, of centring and of the decision
    found = np.zeros(len(rows), dtype=bool)
    step = max(1, CELLS // max(means.shape))

    def look(part: slice) -> None:
        vectors, own = points.floats(rows[part]), codes[part]
        moved, itself = vectors - centre, np.arange(len(own))
        norms = np.einsum("ij,ij->i", moved, moved)
        # each value from below: |x|^2 + |m|^2 - 2 x m less its error, at most g (|x|^2 + |m|^2)
        low = moved @ about.T
        low *= -2
        low += ((1 - growth) * norms - TINY)[:, None]
        low += (1 - growth) * squares
        own_low = low[itself, own]
        own_high = own_low + 2 * growth * (norms + squares[own]) + 2 * TINY
        low[itself, own] = np.inf
        best = low.argmin(axis=1)
        best_high = low[itself, best] + 2 * growth * (norms + squares[best]) + 2 * TINY
        surely = best_high < own_low
        open_ = np.flatnonzero(~surely & (low[itself, best] <= own_high))
        surely[open_] = _decided(vectors, means, own, open_, low[open_] <= own_high[open_, None])
        found[part] = surely

    parallel(look, [slice(at, min(at + step, len(rows))) for at in range(0, len(rows), step)])
    return found


def _decided(
    vectors: Floats, means: Floats, own: Rows, asked: Rows, rivals: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which of the asked rows have a rival, (a, C) flags, as near as their own mean."""
    to_own = squared_distance(vectors[asked], means[own[asked]])
    lost = np.zeros(len(asked), dtype=bool)
    left, right = np.nonzero(rivals)
    for start in range(0, len(left), PAIRS):
        at, other = left[start : start + PAIRS], right[start : start + PAIRS]
        lost[at[squared_distance(vectors[asked[at]], means[other]) <= to_own[at]]] = True
    return lost

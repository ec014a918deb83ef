"""How often each row is among the k nearest of others, equally far rows sharing the last places."""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.k_nearest_rows import Neighbours, all_nearest
from embaudit.search.progress import Progress, silent


@dataclass(frozen=True)
class Occurrence:
    """The k-occurrence of each of N ordered rows: how many others have it among their k nearest.

    Where the k-th place of a row is open to t rows equally far, p = places left / t is the chance
    of each in a random order of them, each row's own. sure: (N,) whose list it is in anyhow.
    open: (N,) in whose it may be. drawn: (3, N) sums over the latter of p, p (1 - p) and
    p (1 - p) (1 - 2 p): mean, variance and third central moment of what it adds. never: (N,) the
    chance that it is in no list at all.
    """

    sure: Rows
    open: Rows
    drawn: Floats
    never: Floats


def occurrence_of(
    points: Points, vectors: Rows, nearest: Neighbours, k: int, progress: Progress = silent
) -> Occurrence:
    """Of all N rows; nearest: the k + 1 nearest others of each.

    vectors: (N,) an id of each row in 0..N-1, equal exactly for equal rows.
    """
    size = len(vectors)
    last = nearest.d2[:, k - 1, None]
    tied = nearest.d2[:, k] == last[:, 0]
    inside = ~tied[:, None] | (nearest.d2 < last)
    inside[:, k] = False
    sure = np.bincount(nearest.rows[inside], minlength=size)
    open_, drawn, log = np.zeros(size, dtype=np.int64), np.zeros((3, size)), np.zeros(size)
    if tied.any():
        count, at_row = np.bincount(vectors, minlength=size), np.flatnonzero(tied)
        asked = at_row[np.unique(vectors[at_row], return_index=True)[1]]  # equal rows see the same
        left = k - inside[asked].sum(axis=1)

        def take(some: Rows, asking: Rows, met: Rows) -> None:
            nonlocal open_, drawn, log
            own, met = vectors[asked[some[asking]]], vectors[met]
            itself = met == own
            weight = np.bincount(asking, count[met] - itself, len(some))  # rows at that distance
            p = (left[some] / weight)[asking]
            q = p * (1 - p)
            terms = np.stack((np.ones_like(p), p, q, q * (1 - 2 * p), np.log1p(-p)))
            terms *= count[own] - itself  # of a row's equals all but itself name it
            sums = [np.bincount(met, term, size)[vectors] for term in terms]
            open_ += sums[0].astype(np.int64)
            drawn += sums[1:4]
            log += sums[4]

        before = np.nextafter(last[asked, 0], -np.inf)
        all_nearest(points, vectors, asked, take, beyond=before, progress=progress)
    return Occurrence(sure, open_, drawn, np.where(sure == 0, np.exp(log), 0.0))

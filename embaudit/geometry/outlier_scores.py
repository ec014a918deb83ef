"""How far each row lies from the others of its class, in units of the class's own tail.

Means and standard deviations would be drawn towards the very rows that are looked for; here up to
a quarter of a class may be strangers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Floats, Points, Rows
from embaudit.geometry.pairs import ParallelMap, one_by_one

KEPT = 0.75  # of a class's rows, the nearest ones, make its centre, and its tail
ROUNDS = 2  # of centre, then nearest rows
TOLD = 8  # rows from which a class says something of its own tail
SHRUNK = 20.0  # rows of a class whose own tail counts as much as that of all classes


@dataclass(frozen=True)
class OutlierScores:
    """C classes of N rows: the centre of each, and how its rows spread about it.

    centres: (C, n), the mean of the nearest three quarters of the rows. middle: (C,) the median
    distance of a row to the centre of the others. tail: (C,) twice the way from there to the
    75 % quantile (about that to the 90 % quantile of a normal class), at least a rounding. In
    units of the points. scores: (N,) of each row, in its own class.
    """

    centres: Floats
    middle: Floats
    tail: Floats
    scores: Floats

    def score(self, distances: Floats, classes: Rows) -> Floats:
        """Tails beyond the median of these classes at which such distances from the centre are."""
        score: Floats = (distances - self.middle[classes]) / self.tail[classes]
        return score


def class_tails(
    points: Points,
    starts: Rows,
    means: Floats,
    least: float,
    parallel: ParallelMap = one_by_one,
    *,
    counted: NDArray[np.bool_] | None = None,
) -> OutlierScores:
    """Tails of points (N, n) ordered by class; class c is rows starts[c]:starts[c + 1].

    means: (C, n) of the classes, where the search for the centres begins. least: a length that
    counts as rounding, > 0. Small classes borrow their tail from all classes: five rows say nothing
    of theirs. In a class of two rows both scores are 0. counted: (C,) the classes that are some,
    None for all; the rest are rows that have none, each by itself.
    """
    sizes = np.diff(starts)
    codes = points.beside(np.repeat(np.arange(len(sizes)), sizes))
    centres = means
    amount = np.ceil(KEPT * sizes).astype(np.int64)
    amount[sizes == 3] = 2  # a stranger among three would be a third of the centre
    away = _distances(points, centres, codes, parallel)
    for _ in range(ROUNDS):
        near = _ranks(away, codes, starts) < amount[codes]
        centres = _means_of(points, near, starts)
        away = _distances(points, centres, codes, parallel)
    # a row that is part of the centre is nearer to it than to the centre of the others
    others = np.where(near, amount[codes] - 1, amount[codes])
    away *= np.where(near & (others > 0), (others + 1) / np.maximum(others, 1), 1.0)

    middle, upper = (_quantile(away, codes, starts, share) for share in (0.5, KEPT))
    usual = np.divide(away, middle[codes], out=np.ones_like(away), where=middle[codes] > 0)
    usual = usual if counted is None else usual[counted[codes]]
    pooled = 2 * (float(np.quantile(usual, KEPT)) - 1) * middle
    told = np.where(sizes >= TOLD, sizes, 0)
    tail = (told * 2 * (upper - middle) + SHRUNK * pooled) / (told + SHRUNK)
    tail = np.maximum(tail, least)
    away -= middle[codes]
    away /= tail[codes]
    return OutlierScores(centres, middle, tail, points.beside(away))


def distances_to(points: Points, rows: Rows, centres: Floats) -> Floats:
    """Distances of some rows, (q,), to a centre for each, (q, n)."""
    out = np.empty(len(rows))
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        block = points.floats(rows[part])
        block -= centres[part]
        out[part] = np.sqrt(np.einsum("ij,ij->i", block, block))
    return out


def _distances(points: Points, centres: Floats, codes: Rows, parallel: ParallelMap) -> Floats:
    out = np.empty(points.size)

    def look(part: slice) -> None:
        block = points.floats(part)
        block -= centres[codes[part]]
        out[part] = np.sqrt(np.einsum("ij,ij->i", block, block))

    parallel(look, points.parts())
    return out


def _means_of(points: Points, chosen: NDArray[np.bool_], starts: Rows) -> Floats:
    """The mean of the chosen rows of each class, (C, n); each class has at least one."""
    codes = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    sums = np.zeros((len(starts) - 1, points.dim))
    for part, block in points.chunks():
        own, some = codes[part][chosen[part]], block[chosen[part]]
        present, firsts = np.unique(own, return_index=True)
        if len(present):
            sums[present] += np.add.reduceat(some, firsts, axis=0)
    return sums / np.bincount(codes[chosen], minlength=len(sums))[:, None]


def _ranks(values: Floats, codes: Rows, starts: Rows) -> Rows:
    """The rank of each value in its class, from 0; equal ones in the order of the rows."""
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[np.lexsort((values, codes))] = np.arange(len(values)) - starts[:-1][codes]
    return ranks


def _quantile(values: Floats, codes: Rows, starts: Rows, share: float) -> Floats:
    """The least value of each class that so large a share of its values does not exceed."""
    ordered = values[np.lexsort((values, codes))]
    place = np.ceil(share * np.diff(starts)).astype(np.int64) - 1
    quantile: Floats = ordered[starts[:-1] + np.maximum(place, 0)]
    return quantile

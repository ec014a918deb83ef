"""Which class a row is as near to as to its own: distances to robust centres of classes.

The covariance of rows about their class means is divided out, as in linear discriminant analysis,
so that directions in which every class is wide count for little. The rows that a class is least
sure of are left out of its centre: wrong labels do not move it far.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.pairs import ParallelMap, one_by_one

KEPT = 0.75  # of a class's rows, those nearest to it against any other, make its centre
ROUND = 0.3  # of the covariance counts as round: few rows tell little of many dimensions
MANY = 128  # classes, or one row in so many, that are all looked at; of more, the likely one
WIDE = 512  # dimensions beyond which the covariance counts as round altogether: it costs n^2 a row
CELLS = 1 << 20  # values of rows, or distances to centres, that are held at a time
FLAT = 1e-4  # of a usual squared distance: what is nearer counts as equal


@dataclass(frozen=True)
class Rivals:
    """Of N rows of two classes or more: the nearest other class, and how near it is.

    rival: (N,) classes. lead: (N,) log(d_own^2 / d_rival^2), above 0 where another class's centre
    is nearer than that of the others of the row's own.
    """

    rival: Rows
    lead: Floats


def rivals_of(
    points: Points,
    starts: Rows,
    moments: Moments,
    likely: Rows,
    parallel: ParallelMap = one_by_one,
    *,
    usual: NDArray[np.bool_] | None = None,
    counted: NDArray[np.bool_] | None = None,
) -> Rivals:
    """Rivals of points (N, n) ordered by class; class c is rows starts[c]:starts[c + 1].

    likely: (N,) another class for each row, which is its rival where there are many classes.
    usual: (N,) rows that centres may be made of, as one row a thousand spreads off would make a
    centre by itself; None for all. counted: (C,) the classes that are some, None for all; the rest
    are no rivals, and figures of their rows mean nothing.
    """
    sizes = np.diff(starts)
    counted = np.ones(len(sizes), dtype=bool) if counted is None else counted
    asked = likely if np.count_nonzero(counted) > max(MANY, points.size // MANY) else None
    codes = points.beside(np.repeat(np.arange(len(sizes)), sizes))
    whiten = _whitening(moments, sizes)
    squares = points.beside(np.empty(points.size))

    def square(part: slice) -> None:
        moved = moments.centred(points.floats(part))
        moved = moved if whiten is None else moved @ whiten
        squares[part] = np.einsum("ij,ij->i", moved, moved)

    parallel(square, [*_parts(points.size, points.dim)])
    kept = _sound(usual, codes, len(sizes))
    asking = points, codes, moments, whiten, squares, counted
    own, other, rival = _distances(*asking, kept, asked, parallel)
    told = other[counted[codes]]
    least = FLAT * (float(np.median(told)) or float(told.max()) or 1.0)
    rank = np.empty(points.size, dtype=np.int64)
    rank[np.lexsort((own / (other + least), ~kept, codes))] = np.arange(points.size) - starts[codes]
    kept = rank < np.ceil(KEPT * np.bincount(codes[kept]))[codes]
    own, other, rival = _distances(*asking, kept, asked, parallel)
    return Rivals(rival, points.beside(np.log((own + least) / (other + least))))


def _sound(usual: NDArray[np.bool_] | None, codes: Rows, classes: int) -> NDArray[np.bool_]:
    """(N,) rows that centres are made of: the usual ones; of a class without any, all."""
    if usual is None:
        return np.ones(len(codes), dtype=bool)
    found: NDArray[np.bool_] = usual | (np.bincount(codes[usual], minlength=classes) == 0)[codes]
    return found


def _whitening(moments: Moments, sizes: Rows) -> Floats | None:
    """(n, n) by which rows are multiplied; None where the covariance counts as round."""
    dim, shifts = len(moments.origin), moments.class_shifts
    if dim > WIDE:
        return None
    within = moments.covariance - (shifts * (sizes / moments.size)[:, None]).T @ shifts
    variance = float(np.trace(within)) / dim
    if not variance > 0:
        return None
    within = np.ldexp(within, -math.frexp(variance)[1])  # squares of 1e-160 have no inverse
    within *= (1 - ROUND) * dim / float(np.trace(within))
    within[np.diag_indices(dim)] += ROUND
    values, vectors = np.linalg.eigh((within + within.T) / 2)
    # of tight classes far apart, rounding may leave less than the round part
    return np.asarray(vectors / np.sqrt(np.maximum(values, ROUND)))


def _distances(
    points: Points,
    codes: Rows,
    moments: Moments,
    whiten: Floats | None,
    squares: Floats,
    counted: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    asked: Rows | None,
    parallel: ParallelMap,
) -> tuple[Floats, Floats, Rows]:
    """(N,) squared distances to the row's own centre and to the nearest other, and which it is.

    A row that is part of a centre is nearer to it than to the centre of the others.
    """
    count = np.bincount(codes[kept], minlength=int(codes[-1]) + 1)
    centres = _centres(points, codes, moments, kept, count)
    classes, place = np.flatnonzero(counted), np.cumsum(counted) - 1
    if len(classes) < len(counted):
        centres, place = centres[classes], np.maximum(place, 0)
    images = centres if whiten is None else centres @ whiten
    about = np.einsum("ij,ij->i", images, images)
    ways = 2 * (centres if whiten is None else images @ whiten.T)
    own, other = (points.beside(np.empty(points.size)) for _ in range(2))
    rival = points.beside(np.empty(points.size, dtype=np.int64)) if asked is None else asked

    def look(part: slice) -> None:
        moved = moments.centred(points.floats(part))
        if asked is not None:
            for out, some in ((own, place[codes[part]]), (other, place[asked[part]])):
                out[part] = squares[part] + about[some] - np.einsum("ij,ij->i", moved, ways[some])
            return
        away = about - moved @ ways.T
        itself = np.arange(len(away)), place[codes[part]]
        own[part] = away[itself] + squares[part]
        away[itself] = np.inf
        rival[part] = classes[away.argmin(axis=1)]
        other[part] = away.min(axis=1) + squares[part]

    width = len(classes) if asked is None else 1
    parallel(look, [*_parts(points.size, max(points.dim, width))])
    among = kept & (count[codes] > 1)
    own[among] *= np.square(count / np.maximum(count - 1, 1))[codes[among]]
    return np.maximum(own, 0, out=own), np.maximum(other, 0, out=other), rival


def _centres(
    points: Points, codes: Rows, moments: Moments, kept: NDArray[np.bool_], count: Rows
) -> Floats:
    """(C, n) the means of the kept rows of each class, less the mean of all."""
    if kept.all():
        return moments.class_shifts
    sums = np.zeros((len(count), points.dim))
    for part, block in points.chunks():
        some = moments.centred(block)[kept[part]]
        present, firsts = np.unique(codes[part][kept[part]], return_index=True)
        if len(present):
            sums[present] += np.add.reduceat(some, firsts, axis=0)
    return sums / count[:, None]


def _parts(rows: int, width: int) -> Iterator[slice]:
    step = max(1, CELLS // width)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))

"""Retrieval figures where rows tie: what a random order of them gives, and the worst and the best.

No order of rows that are equally far from an anchor is truer than another, and none is chosen.
"""

from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows

Order = tuple[float, float, float]  # worst, expected of a uniformly random order of ties, best


def found_within(
    k: int, closer: NDArray[Any], positives: NDArray[Any], negatives: NDArray[Any]
) -> Floats:
    """(m, 3) whether a positive is among the k nearest rows: worst, expected, best order of ties.

    closer: (m,) negatives strictly closer than the nearest positive. positives, negatives: (m,)
    how many are as far as it, the former 1 or more. With s = k - closer places left, all are
    taken by tied negatives with chance C(negatives, s) / C(negatives + positives, s).
    """
    left = k - closer
    best, worst = left > 0, left > negatives
    found = np.repeat(best[:, None].astype(np.float64), 3, axis=1)
    found[:, 0] = worst
    open_ = np.flatnonzero(best & ~worst)
    if len(open_):
        cases = np.stack((left[open_], positives[open_], negatives[open_]))
        known, which = np.unique(cases, axis=1, return_inverse=True)
        chances = [1 - comb(n, s) / comb(n + p, s) for s, p, n in known.T.tolist()]
        found[open_, 1] = np.array(chances)[which.ravel()]
    return found


def orders_of(less: Rows, upto: Rows) -> tuple[Order, Order]:
    """R-precision and average precision at R of one anchor with R positives.

    less, upto: (R,) negatives strictly closer than each positive, and those no further; rising.

    With the j-th positive at rank r_j both fall as any r_j grows, so r_j = j + upto_j is the worst
    order and r_j = j + less_j the best. A level of p positives and n negatives equally far, after
    c positives in the first a ranks, has s = min(p + n, R - a) places among the first R. Each
    holds a positive with chance p / (p + n), and in place t that one is expected to be number
    c + 1 + (t - 1) b, b = (p - 1) / (p + n - 1). So the level adds to R times either figure

        p / (p + n) s,    and    p / (p + n) sum over t <= s of (c + 1 + (t - 1) b) / (a + t).
    """
    size = len(less)
    place = np.arange(1, size + 1)
    best, mixed = _at_ranks(place, place + less), upto > less
    if not mixed.any():
        return (best[0],) * 3, (best[1],) * 3
    ends = zip(_at_ranks(place, place + upto), best, strict=True)
    alone = _sums(place[~mixed], (place + less)[~mixed], size)
    first, count = np.unique(less[mixed], return_index=True, return_counts=True)[1:]
    first = np.flatnonzero(mixed)[first]
    shared = _expected(first, less[first], count, (upto - less)[first], size)
    middle = [(one + other) / size for one, other in zip(alone, shared, strict=True)]
    # rounding is no reason to leave the interval
    r_precision, average = (
        (low, min(max(value, low), high), high)
        for (low, high), value in zip(ends, middle, strict=True)
    )
    return r_precision, average


def _at_ranks(place: Rows, rank: Rows) -> tuple[float, float]:
    """R-precision and average precision of positives, all of an anchor's, at these ranks."""
    found, precision = _sums(place, rank, len(place))
    return found / len(place), precision / len(place)


def _sums(place: Rows, rank: Rows, size: int) -> tuple[float, float]:
    """How many positives rank among the first, and the sum of the precisions there."""
    first = rank <= size
    return float(first.sum()), float((place / rank)[first].sum())


def _expected(
    before: Rows, less: Rows, positives: Rows, negatives: Rows, size: int
) -> tuple[float, float]:
    """What levels of ties are expected to add to either sum; before: positives closer than each."""
    ahead, both = before + less, positives + negatives
    places = np.clip(size - ahead, 0, both)
    share = positives / both
    some = np.flatnonzero(places)
    level = np.repeat(some, places[some])
    begin = np.cumsum(places[some]) - places[some]
    at = np.arange(len(level)) - np.repeat(begin, places[some])  # t - 1
    slope: NDArray[Any] = (positives - 1) / (both - 1)
    number = before[level] + 1 + at * slope[level]
    precision = share[level] * number / (ahead[level] + 1 + at)
    return float((share * places).sum()), float(precision.sum())

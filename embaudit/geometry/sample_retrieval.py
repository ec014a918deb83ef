"""Precision@1 of a few rows, all pairs of them compared: what variants of a set are worth."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows

SIGMAS = 2.6  # standard errors by which a mean is surely more
SAME = 1e-9  # of the median squared distance: products of rows tell no smaller ones apart


def pair_squares(rows: Floats) -> Floats:
    """(m, m) squared distances of rows (m, n), the diagonal infinite; by products, so rounded."""
    d2 = cross_squares(rows, rows)
    np.fill_diagonal(d2, np.inf)
    return d2


def cross_squares(rows: Floats, others: Floats) -> Floats:
    """(m, k) squared distances of rows (m, n) to others (k, n); by products, so rounded."""
    d2 = rows @ others.T
    d2 *= -2
    d2 += np.einsum("ij,ij->i", rows, rows)[:, None]
    d2 += np.einsum("ij,ij->i", others, others)
    np.maximum(d2, 0, out=d2)
    return d2


def hits_of(d2: Floats, codes: Rows) -> Floats:
    """(q,) the probability that the nearest of other rows, ties in random order, has the code.

    d2: (q, m) squared distances, infinite where a row is not compared. codes: (m,); those of the
    q rows are the first ones.
    """
    least = d2.min(axis=1)
    compared = np.isfinite(d2)
    finite = d2[compared]
    some = finite[:: max(1, finite.size // 4096)]
    near = d2 <= (least + SAME * (np.median(some) if some.size else 0.0))[:, None]
    near &= compared
    row, other = np.nonzero(near)
    right = np.bincount(row[codes[row] == codes[other]], minlength=len(d2))
    hits: Floats = right / np.maximum(np.bincount(row, minlength=len(d2)), 1)
    return hits


def orders_of(d2: Floats, codes: Rows, asked: Rows) -> Floats:
    """(q,) how often a row of the same class is nearer than one of another, by halves where tied.

    d2: (m, m) squared distances, the diagonal infinite. codes: (m,). asked: (q,) rows of classes
    with others, beside rows of another class.
    """
    out = np.empty(len(asked))
    for at, row in enumerate(asked.tolist()):
        same = codes == codes[row]
        others = np.sort(d2[row, ~same])
        same[row] = False
        own = d2[row, same]
        nearer = np.searchsorted(others, own, "left") + np.searchsorted(others, own, "right")
        out[at] = 1 - float(nearer.mean()) / (2 * len(others))
    return out


def chance_of(codes: Rows) -> float:
    """Precision@1 of a random neighbour: the mean over rows that have a positive."""
    sizes = np.bincount(codes)
    sizes = sizes[sizes > 1]
    return float((sizes * (sizes - 1)).sum() / (sizes.sum() * (len(codes) - 1)))


def corrected(precision: float, chance: float) -> float:
    """Precision beyond chance, of what there is beyond it: 0 for blind, 1 for perfect."""
    return (precision - chance) / (1 - chance) if chance < 1 else 0.0


def surely_more(one: Floats, other: Floats) -> tuple[float, float]:
    """Ends of the mean difference of two figures of the same rows, (q,) each."""
    if not len(one):
        return 0.0, 0.0
    difference = one - other
    mean = float(difference.mean())
    error = float(difference.std()) / max(1, len(difference)) ** 0.5 + 0.5 / len(difference)
    return mean - SIGMAS * error, mean + SIGMAS * error


def anchored(codes: Rows) -> NDArray[np.bool_]:
    """(m,) whether another row has the code."""
    met: NDArray[np.bool_] = np.bincount(codes)[codes] > 1
    return met

"""Alignment and uniformity of unit rows (Wang & Isola 2020, arXiv 2005.10242)."""

import math

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.geometry.pair_sampling import PairPool
from embaudit.geometry.pairs import ParallelMap, one_by_one
from embaudit.geometry.pairwise_mean import mean_over_pairs

SPREAD = 2.0  # t of the potential exp(-t |u - v|^2)
TOGETHER = 4096  # pairs drawn that are looked at by one thread
FURTHEST = 4.0  # squared distance of opposite unit rows


def mean_positive_square(points: Points, starts: Rows) -> float:
    """Mean |u - v|^2 over pairs of one class; class c is rows starts[c]:starts[c + 1].

    By class sums: k sum |u|^2 - |sum u|^2, about the first row of each class, so that tight
    classes keep their digits.
    """
    sizes = np.diff(starts)
    codes, firsts = np.repeat(np.arange(len(sizes)), sizes), points.floats(starts[:-1])
    sums, squares = np.zeros_like(firsts), np.zeros(len(sizes))
    for part, block in points.chunks():
        block -= firsts[codes[part]]
        present, at = np.unique(codes[part], return_index=True)
        sums[present] += np.add.reduceat(block, at, axis=0)
        squares[present] += np.add.reduceat(np.einsum("ij,ij->i", block, block), at)
    total = sizes * squares - np.einsum("ij,ij->i", sums, sums)
    return float(np.maximum(total, 0).sum()) / int((sizes * (sizes - 1) // 2).sum())


def potential(squared: Floats) -> Floats:
    """exp(-2 d^2) - 1 of squared distances, in place: less one, near coincidence keeps digits."""
    np.clip(squared, 0, FURTHEST, out=squared)
    squared *= -SPREAD
    return np.expm1(squared, out=squared)


def mean_potential(points: Points, parallel: ParallelMap = one_by_one) -> float:
    """Mean of the potential over all pairs of distinct unit rows."""
    origin = points.floats(slice(0, 1))[0]  # products about a row resolve what a collapse leaves

    def tile(left: slice, right: slice) -> Floats:
        rows, others = points.floats(left) - origin, points.floats(right) - origin
        squared: Floats = rows @ others.T
        squared *= -2
        squared += np.einsum("ij,ij->i", rows, rows)[:, None]
        squared += np.einsum("ij,ij->i", others, others)
        return potential(squared)

    return mean_over_pairs(points.size, tile, parallel)


def drawn_potentials(
    points: Points, draws: int, rng: np.random.Generator, parallel: ParallelMap = one_by_one
) -> Floats:
    """The potential of so many pairs of distinct unit rows, each pair as likely."""
    left, right = PairPool.of_all(points.size).draw(draws, rng)
    squared = np.empty(draws)

    def look(part: slice) -> None:
        squared[part] = points.squared_distances(left[part], right[part])

    parallel(look, [slice(at, at + TOGETHER) for at in range(0, draws, TOGETHER)])
    return potential(squared)


def least_potential() -> float:
    """Of two opposite rows; the largest, of equal ones, is 0."""
    return math.expm1(-SPREAD * FURTHEST)

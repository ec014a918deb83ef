"""Small sets that are hard to be right about, and what the tests ask of them."""

import numpy as np

from embaudit.core.prepared_points import Points
from embaudit.geometry.mean_and_covariance import moments_of
from embaudit.geometry.width import minimum_width

KINDS = ("plain", "float32", "far", "far_float32", "repeated", "lattice", "coplanar", "flat")


def body(kind, dim, seed):
    """A few rows (N, dim) of a kind."""
    rng = np.random.default_rng((seed, dim, KINDS.index(kind)))
    rows = int(rng.integers(dim + 1, 13))
    points = rng.normal(size=(rows, dim)) * rng.uniform(0.05, 3, size=dim)
    if kind == "float32":
        return points.astype(np.float32)
    if kind == "far":
        return np.round(points + 1e6 * rng.normal(size=dim), rng.integers(3, 9))
    if kind == "far_float32":
        return (points + 1e6).astype(np.float32)
    if kind == "repeated":
        return np.repeat(points, 3, axis=0)[rng.permutation(3 * rows)]
    if kind == "lattice":
        return rng.integers(-2, 3, size=(rows + 3, dim)).astype(float)
    if kind == "coplanar":
        points[:, -1] = points[:, 0] / 2 + points[:, 1] + 1e-9 * rng.normal(size=rows)
    if kind == "flat":
        points[:, -1] *= 10.0 ** -rng.integers(3, 13)
    return points


def gaussian(rows, dim, seed):
    return np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)


def moments(points):
    return moments_of(Points(points), np.array([0, len(points)]))


def width(points, effort=0):
    """The thickness of rows in all of space."""
    return minimum_width(Points(points), moments(points), points.shape[1], effort)

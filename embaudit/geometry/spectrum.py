"""How many dimensions a set really uses, from its eigenvalues or its singular values."""

import numpy as np

from embaudit.geometry.moments import Moments
from embaudit.space import CHUNK, Floats, Points

RESOLVED = 1e-8  # of the largest eigenvalue: the roots of larger ones are right to 1e-8 and better


def participation_ratio(eigenvalues: Floats) -> float | None:
    """(tr S)^2 / tr S^2 in [1, n]; None for a single point."""
    top = eigenvalues.max(initial=0)
    if top <= 0:
        return None
    share = eigenvalues / top
    return float(share.sum() ** 2 / np.square(share).sum())


def entropy_rank(spectrum: Floats) -> float | None:
    """exp of the entropy of the shares of a spectrum, in [1, n]; None where it is all zero."""
    top = spectrum.max(initial=0)
    if top <= 0:
        return None
    share = spectrum / top
    share = share[share > 0] / share.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def singular_values(points: Points, moments: Moments) -> Floats:
    """Singular values of the rows as they are, uncentred, (n,) or fewer, falling; null ones are 0.

    As roots of eigenvalues where these are resolved; a root makes 1e-8 of a rounding of 1e-16,
    so else by orthogonal reduction of the rows, which costs some ten times as much.
    """
    second = moments.covariance + np.outer(moments.mean, moments.mean)
    eigenvalues = np.linalg.eigvalsh(second * points.size)[::-1]
    if eigenvalues[-1] > RESOLVED * eigenvalues[0]:
        roots: Floats = np.sqrt(eigenvalues)
        return roots
    triangle: Floats = np.zeros((0, points.dim))
    for _, block in points.chunks():
        triangle = np.asarray(np.linalg.qr(np.concatenate((triangle, block)), mode="r"))
    values = np.asarray(np.linalg.svd(triangle, compute_uv=False))
    null = (CHUNK + points.dim) * np.finfo(float).eps * values.max(initial=0)
    return np.where(values > null, values, 0)

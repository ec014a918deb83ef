"""How many dimensions a set really uses, from its eigenvalues or its singular values."""

import numpy as np

from embaudit.core.metric import Floats, Points
from embaudit.geometry.moments import Moments, eigen_of

RESOLVED = 1e-8  # of the largest eigenvalue: the roots of larger ones are right to 1e-8 and better
NULL = 1e-11  # of the largest singular value: what rounding can leave of a null one


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
    """Singular values of the rows as they are, uncentred, over sqrt(N), (n,).

    They are roots of eigenvalues, and a root makes 1e-8 of a rounding of 1e-16: so along the
    directions that are not resolved the rows are looked at once more, alone. (A tenth of the time
    of an orthogonal reduction of all rows, and right to NULL all the same.)
    """
    second = np.outer(moments.mean, moments.mean)
    second += moments.covariance
    eigenvalues, directions = eigen_of(second)
    values: Floats = np.sqrt(eigenvalues)
    blurred = directions[:, eigenvalues <= RESOLVED * eigenvalues[0]]
    if blurred.size:
        rest = np.zeros((blurred.shape[1],) * 2)
        for _, block in points.chunks():
            along = block @ blurred
            rest += along.T @ along
        values[-len(rest) :] = np.sqrt(eigen_of(rest / points.size)[0])
    return np.where(values > NULL * values.max(), values, 0)

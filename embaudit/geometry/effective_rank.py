"""How many dimensions a set really uses, from its eigenvalues or its singular values."""

import math

import numpy as np

from embaudit.core.intervals import Estimate, certified, exact
from embaudit.core.prepared_points import Floats, Points
from embaudit.geometry.gram_matrices import row_products
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.principal_axes import PrincipalAxes, eigen_of
from embaudit.geometry.shifted_spectrum import entropy_ends, shifted_eigenvalues

RESOLVED = 1e-8  # of the largest eigenvalue: the roots of larger ones are right to 1e-8 and better
NULL = 1e-11  # of the largest singular value: what rounding can leave of a null one
MANY = 2048  # dimensions from which on a second spectrum is not computed, where the ends are
CLOSE = 1.01  # or nearer: upper over lower
BETWEEN = "singular values lie between roots of eigenvalues of the covariance, which interlace"


def entropy_rank(spectrum: Floats) -> float | None:
    """exp of the entropy of the shares of a spectrum, in [1, n]; None where it is all zero."""
    top = spectrum.max(initial=0)
    if top <= 0:
        return None
    share = spectrum / top
    share = share[share > 0] / share.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def rank_of_rows(points: Points, moments: Moments) -> Estimate | None:
    """The entropy rank of the singular values of the rows as they are; None where all are zero.

    Exact, but of MANY dimensions and more: then between ends from the covariance's eigenvalues.
    """
    axes = moments.axes
    if axes.points is None and axes.dim >= MANY:
        low, high = shifted_eigenvalues(axes, moments.mean, moments.error)
        lower, upper = (math.exp(end) for end in entropy_ends(np.sqrt(low), np.sqrt(high)))
        if upper <= lower * CLOSE:
            return certified(lower, upper, BETWEEN)
    value = entropy_rank(singular_values(points, moments))
    return None if value is None else exact(value)


def singular_values(points: Points, moments: Moments) -> Floats:
    """Singular values of the rows as they are, uncentred, over sqrt(N), (n,).

    They are roots of eigenvalues, and a root makes 1e-8 of a rounding of 1e-16: so along the
    directions that are not resolved the rows are looked at once more, alone. (A tenth of the time
    of an orthogonal reduction of all rows, and right to NULL all the same.)
    """
    if moments.axes.points is not None:
        products = row_products(points, lambda block: block) / points.size
        second = PrincipalAxes(products, points, lambda block: block)
    else:
        matrix = np.outer(moments.mean, moments.mean)
        matrix += moments.covariance
        second = PrincipalAxes(matrix)
    eigenvalues = second.values
    values: Floats = np.sqrt(eigenvalues)
    kept = len(second.matrix)
    blurred = slice(int(np.count_nonzero(eigenvalues[:kept] > RESOLVED * eigenvalues[0])), kept)
    if blurred.start < kept:
        directions = second.every[:, blurred]
        rest = np.zeros((directions.shape[1],) * 2)
        for _, block in points.chunks():
            along = block @ directions
            rest += along.T @ along
        values[blurred] = np.sqrt(eigen_of(rest / points.size)[0])
    return np.where(values > NULL * values.max(), values, 0)

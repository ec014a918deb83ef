"""Eigenvalues of C + m m^T between ends, from those of C: a second spectrum costs as much again.

They interlace: each lies between two neighbours among those of C. The leading ones, which count
most, are known better: along converged axes of C the sum is a small matrix, and what is left of C
lies between two multiples of the identity.
"""

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.principal_axes import PrincipalAxes

LEADING = 128  # axes along which the sum is looked at
CONVERGED = 1e-3  # of the gap below the last of them: how far they may be off
OUTWARD = 1e-12  # of the largest eigenvalue: more than rounding takes from small matrices


def shifted_eigenvalues(axes: PrincipalAxes, mean: Floats, error: float) -> tuple[Floats, Floats]:
    """Lower and upper ends (n,) of the eigenvalues, falling, of a covariance plus mean mean^T.

    error: that of the covariance's eigenvalues.
    """
    values = axes.values
    low, high = values.copy(), np.concatenate((values[:1], values[:-1]))
    high[0] += mean @ mean
    leading, off = _converged(axes)
    rest = float(values[leading.shape[1]])
    along = leading.T @ mean
    beside = mean - leading @ along
    weights = np.append(along, np.sqrt(beside @ beside))
    for ends, left, inner in ((low, values[-1], np.maximum), (high, rest + off, np.minimum)):
        small = np.diag(np.append(values[: len(along)], left)) + np.outer(weights, weights)
        found = np.linalg.eigvalsh(small)[::-1]
        found += off if inner is np.minimum else -off
        ends[: len(found)] = inner(ends[: len(found)], found)
    doubt = error + OUTWARD * float(high[0])
    return np.maximum(low - doubt, 0), high + doubt


def _converged(axes: PrincipalAxes) -> tuple[Floats, float]:
    """Leading axes (n, k), and how far their span, and the values along them, may be off.

    With r the norm of what the covariance leads out of their span, it is within r of a matrix for
    which they are invariant; where its values along them stay above the next one by more than r,
    these are the leading ones. Along each, the value is within r of the eigenvalue.
    """
    variances, vectors = axes.leading(LEADING)
    residual = axes.matrix @ vectors - vectors * variances[: vectors.shape[1]]
    off = np.sqrt(np.cumsum(np.einsum("ij,ij->j", residual, residual)))
    count = vectors.shape[1]
    gaps = variances[:count] - axes.values[1 : count + 1]
    near = np.abs(variances[:count] - axes.values[:count]) <= off
    good = np.flatnonzero((off <= CONVERGED * gaps) & np.logical_and.accumulate(near))
    count = int(good[-1]) + 1 if len(good) else 0
    # the values stand for those along the axes: as far off again
    return vectors[:, :count], 2 * float(off[count - 1]) if count else 0.0


def entropy_ends(low: Floats, high: Floats) -> tuple[float, float]:
    """Between what the entropy lies of the shares of numbers that lie between ends (n,) >= 0.

    The derivative by a number is -(log of its share + entropy) over the sum of all: with what it
    is at most over the box, the middle tells the rest.
    """
    least, most = float(low.sum()), float(high.sum())
    shares = low / most, np.minimum(high / least, 1.0)
    terms = np.array([_term(one) for one in shares])
    peak = (shares[0] < np.exp(-1)) & (shares[1] > np.exp(-1))
    ends = (
        float(terms.min(axis=0).sum()),
        float(np.where(peak, np.exp(-1), terms.max(axis=0)).sum()),
    )
    middle = (low + high) / 2
    centre = float(_term(middle / middle.sum()).sum())
    with np.errstate(divide="ignore"):
        logs = [np.log(one) for one in shares]
    steep = np.maximum(-(logs[0] + ends[0]), logs[1] + ends[1])
    steep = np.maximum(steep, np.abs(logs[0] + ends[1]))
    wide = high > low
    reach = float(((high - low)[wide] / 2 * steep[wide]).sum()) / least
    slack = 1e-12 * (1 + centre)
    return max(ends[0], centre - reach) - slack, min(ends[1], centre + reach) + slack


def _term(shares: Floats) -> Floats:
    """-p log p, 0 for none."""
    terms: Floats = -shares * np.log(np.where(shares > 0, shares, 1.0))
    return terms

"""How many dimensions a set really uses, from the eigenvalues of its covariance."""

import numpy as np

from embaudit.space import Floats


def participation_ratio(eigenvalues: Floats) -> float | None:
    """(tr S)^2 / tr S^2 in [1, n]; None for a single point."""
    top = eigenvalues.max(initial=0)
    if top <= 0:
        return None
    share = eigenvalues / top
    return float(share.sum() ** 2 / np.square(share).sum())


def entropy_rank(eigenvalues: Floats) -> float | None:
    """exp of the entropy of the eigenvalue shares, in [1, n]; None for a single point."""
    top = eigenvalues.max(initial=0)
    if top <= 0:
        return None
    share = eigenvalues / top
    share = share[share > 0] / share.sum()
    return float(np.exp(-(share * np.log(share)).sum()))

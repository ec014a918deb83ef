"""Two directions to look at a set along: linear discriminants, shrunk so that noise makes none."""

import numpy as np

from embaudit.core.prepared_points import Floats

LEADING = 128  # principal directions that discriminants are sought among, at most
A_DIRECTION = 10  # rows to each of them, lest noise be told apart
FEWEST = 8


def discriminants(eigen: tuple[Floats, Floats], rows: int, means: Floats) -> Floats | None:
    """(n, 2) directions along which class means lie furthest apart, of total variance about 1 each.

    Leading eigenvectors of between-class scatter against all scatter (Fisher's discriminants).
    Of few rows in many dimensions any classes could be told apart along some direction: so they are
    sought among a tenth as many principal directions as there are rows, and the scatter is shrunk
    towards its mean variance by n / (n + rows). Of two classes, whose means
    lie on a line, the second is the leading principal direction of what the first leaves.

    eigen: variances (n,) and as many leading directions as are looked at, in columns. means:
    (C, n), centred, each times the root of its class's share. None where nothing varies.
    """
    values, vectors = eigen
    total = float(values.sum())
    if len(values) < 2 or not total > 0:
        return None
    shrunk = len(values) / (len(values) + rows)
    kept = values[: min(LEADING, max(FEWEST, rows // A_DIRECTION))]
    deviations = np.sqrt((1 - shrunk) * kept + shrunk * total / len(values))
    apart = (means @ vectors[:, : len(kept)]) / deviations
    _, sizes, found = np.linalg.svd(apart, full_matrices=False)
    chosen = found[: int(np.count_nonzero(sizes[:2] > 1e-6 * sizes[:1]))]
    white = kept / deviations**2
    while len(chosen) < 2:
        chosen = np.concatenate((chosen, _rest(white, chosen)))
    directions: Floats = vectors[:, : len(kept)] @ (chosen / deviations).T
    return _upright(directions)


def principal(eigen: tuple[Floats, Floats]) -> Floats | None:
    """(n, 2) the two leading directions, in units of the root of all variance; None as above."""
    values, vectors = eigen
    total = float(values.sum())
    if len(values) < 2 or not total > 0:
        return None
    return _upright(vectors[:, :2] / np.sqrt(total))


def _rest(variances: Floats, chosen: Floats) -> Floats:
    """(1, k) the direction of most variance that is square to the chosen ones, (c, k)."""
    away = np.eye(len(variances)) - chosen.T @ chosen
    found: Floats = np.linalg.eigh(away * variances @ away)[1][:, -1:].T
    return found


def _upright(directions: Floats) -> Floats:
    """Each with its largest component positive: which way it points is chance."""
    largest = np.abs(directions).argmax(axis=0)
    turned: Floats = directions * np.where(directions[largest, range(2)] < 0, -1.0, 1.0)
    return turned

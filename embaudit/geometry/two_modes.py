"""Two clusters of a set, or of each of its classes."""

import numpy as np

from embaudit.space import Floats, Rows

ROUNDS = 10
CLASS = 6  # rows of a class from which two modes may be told
CLASSES = 64  # that are looked at
SWEEPS = 4  # over the classes, to tell which mode of each is of which space
BIMODAL = 0.35  # of the squared distances from the mean that two centres explain, and
ALIKE = 0.6  # correlation of the distances between first modes with those between second ones


def two_means(rows: Floats) -> Floats | None:
    """(2, n) the centres of two clusters of rows (m, n), from the leading direction; None of one.

    Lloyd's algorithm, of a fixed number of rounds.
    """
    mean = rows.mean(axis=0)
    about = rows - mean
    start = about[np.einsum("ij,ij->i", about, about).argmax()]
    for _ in range(ROUNDS):  # power iterations
        start = about.T @ (about @ start)
        length = float(np.sqrt(start @ start))
        if not length:
            return None
        start /= length
    side = about @ start > 0
    for _ in range(ROUNDS):
        if side.all() or not side.any():
            return None
        one, other = about[side].mean(axis=0), about[~side].mean(axis=0)
        now = (about - (one + other) / 2) @ (one - other) > 0
        if (now == side).all():
            break
        side = now
    if side.all() or not side.any():
        return None
    return np.stack((rows[side].mean(axis=0), rows[~side].mean(axis=0)))


def linked_modes(rows: Floats, codes: Rows) -> tuple[Floats, Floats] | None:
    """Two centres of each class, (C, n) each: the first ones of one space, the second of another.

    Two models place the same classes alike: distances between the first modes of classes are
    those between their second ones. Which mode is which is chosen class by class so that they are;
    None where most classes have one mode, or modes have nothing in common.
    """
    classes = int(codes.max()) + 1
    sizes = np.bincount(codes, minlength=classes)
    able = np.flatnonzero(sizes >= CLASS)[:CLASSES]
    if len(able) < 4:
        return None
    one, other = np.full((2, classes, rows.shape[1]), 0.0)
    told = []
    for code in able:
        own = rows[codes == code]
        centres = two_means(own)
        if centres is None:
            continue
        apart = ((own[:, None] - centres) ** 2).sum(axis=2).min(axis=1).sum()
        whole = ((own - own.mean(axis=0)) ** 2).sum()
        if whole and apart <= (1 - BIMODAL) * whole:
            told.append(code)
            one[code], other[code] = centres
    if len(told) < max(4, 0.7 * len(able)):
        return None
    for turn in range(SWEEPS):
        for at, code in enumerate(told):
            others = told[:at] if turn == 0 else told[:at] + told[at + 1 :]
            if not others:
                continue
            straight = _gap(one[others], other[others], one[code], other[code])
            crossed = _gap(one[others], other[others], other[code], one[code])
            if crossed < straight:
                one[code], other[code] = other[code].copy(), one[code].copy()
    upper = np.triu_indices(len(told), 1)
    first, second = (_distances(modes[told])[upper] for modes in (one, other))
    if len(first) < 6 or not first.std() or not second.std():
        return None
    return (one, other) if float(np.corrcoef(first, second)[0, 1]) >= ALIKE else None


def _gap(ones: Floats, others: Floats, one: Floats, other: Floats) -> float:
    to_first = np.sqrt(np.square(ones - one).sum(axis=1))
    to_second = np.sqrt(np.square(others - other).sum(axis=1))
    return float(np.square(to_first - to_second).sum())


def _distances(centres: Floats) -> Floats:
    found: Floats = np.sqrt(np.square(centres[:, None] - centres).sum(axis=2))
    return found

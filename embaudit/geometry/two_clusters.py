"""Two clusters of a set, or of each of its classes."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows

ROUNDS = 10
CLASS = 6  # rows of a class from which two modes may be told
CLASSES = 64  # that are looked at
SWEEPS = 4  # over the classes, to tell which mode of each is of which space
BIMODAL = 0.35  # of the squared distances from the mean that two centres explain, and
ALIKE = 0.6  # correlation of the distances between first modes with those between second ones


def two_means(rows: Floats) -> Floats | None:
    """(2, n) the centres of two clusters of rows (m, n); None of rows that all coincide.

    Lloyd's algorithm, of a fixed number of rounds, from the sides of the mean along the leading
    direction and from the row furthest from it: a small cluster is found from there only.
    """
    about = rows - _mean(rows)
    about /= np.abs(about).max() or 1.0  # fourth powers of it stay finite
    off = np.einsum("ij,ij->i", about, about)
    furthest = about[off.argmax()]
    direction = furthest
    for _ in range(ROUNDS):  # power iterations
        direction = about.T @ (about @ direction)
        length = float(np.sqrt(direction @ direction))
        if not length:
            return None
        direction /= length
    starts = about @ direction > 0, about @ furthest > furthest @ furthest / 2
    found = [sides for start in starts if (sides := _lloyd(about, start)) is not None]
    if not found:
        return None
    side = max(found, key=lambda side: _between(about, side))
    return np.stack((_mean(rows[side]), _mean(rows[~side])))


def _lloyd(about: Floats, side: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The sides of rows after a few rounds; None where one of them is empty."""
    for _ in range(ROUNDS):
        if side.all() or not side.any():
            return None
        one, other = (flags @ about / np.count_nonzero(flags) for flags in (side, ~side))
        now = about @ (one - other) > (one + other) @ (one - other) / 2
        if (now == side).all():
            return side
        side = now
    return None if side.all() or not side.any() else side


def _mean(rows: Floats) -> Floats:
    """(n,) that of rows (m, n): of a few, numpy's own takes twice as long."""
    mean: Floats = np.add.reduce(rows) / len(rows)
    return mean


def _between(about: Floats, side: NDArray[np.bool_]) -> float:
    """The squared distances from the mean that two centres explain."""
    return sum(
        float(np.square(flags @ about).sum()) / np.count_nonzero(flags) for flags in (side, ~side)
    )


def modes_of_classes(rows: Floats, codes: Rows) -> tuple[Rows, Floats, Floats]:
    """Codes of the classes that have rows enough, and two centres of each, (C, n) either."""
    sizes = np.bincount(codes)
    told, ones, others = [], [], []
    for code in np.flatnonzero(sizes >= CLASS)[:CLASSES].tolist():
        centres = two_means(rows[codes == code])
        if centres is not None:
            told.append(code)
            ones.append(centres[0])
            others.append(centres[1])
    shape = len(told), rows.shape[1]
    return np.array(told, dtype=np.int64), np.reshape(ones, shape), np.reshape(others, shape)


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
        whole = ((own - _mean(own)) ** 2).sum()
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

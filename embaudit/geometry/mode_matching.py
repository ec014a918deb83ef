"""Whether the two modes of classes are those of two networks: one map leads from mode to mode.

Modes of a class that has several say nothing of those of other classes. Of two networks, the step
from one mode to the other is the same linear map of where the class lies, for all classes: what is
learnt of some classes tells the modes of others apart.
"""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats

FEWEST = 8  # classes of which some may tell of others
HALVES = 16  # random ones of the classes
TRANSFER = (
    0.5  # of the agreement between halves that one map would make; modes by chance 0.1 to 0.4
)
SIGMAS = 4.0  # standard deviations of random sides, beyond which smaller modes agree
MOSTLY = 0.6  # of the classes, more than the others, of which the best sides say the same
SWEEPS = 30
TINY = 1e-300

Flags = NDArray[np.bool_]


def sides_by_one_map(ones: Floats, others: Floats, smaller: Flags) -> tuple[Flags, ...]:
    """(C,) whether the first mode of a class is of the first network, the likeliest answer first.

    No answer where some classes tell nothing of others. ones, others: (C, n) the modes of C
    classes. smaller: (C,) whether the first has fewer rows: a network with few of the rows has few
    of each class.
    """
    if len(ones) < FEWEST:
        return ()
    few = np.where(smaller, 1.0, -1.0)
    found = [_linked(links, few) for links in _links(ones, others)]
    _, links, sides = max(found, key=lambda one: one[0])
    spread = (2 * float(np.square(links).sum())) ** 0.5  # of random sides
    if spread and few @ links @ few >= SIGMAS * spread and abs(few @ sides) >= MOSTLY * len(few):
        return sides > 0, smaller
    return (sides > 0,) if _transfer(links) >= TRANSFER else ()


def _links(ones: Floats, others: Floats) -> tuple[Floats, Floats]:
    """(C, C) how much of one map any two classes show, by sign: of the same sides, or crossed.

    Where means are alike, a linear map moves them alike; then the same of a map with an offset.
    """
    means, steps = (ones + others) / 2, ones - others
    near, moved = _cosines(means - means.mean(axis=0)), _cosines(steps)
    linear, affine = near * moved, (1 + near) * moved
    for links in (linear, affine):
        np.fill_diagonal(links, 0)
    return linear, affine


def _cosines(rows: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    unit = rows / np.maximum(lengths, TINY)[:, None]
    found: Floats = unit @ unit.T
    return found


def _linked(links: Floats, few: Floats) -> tuple[float, Floats, Floats]:
    """How well the best sides agree, of what the links could at most; the links, the sides."""
    sides = max((_sides(links), few), key=lambda one: float(one @ links @ one))
    most = float(np.abs(links).sum())
    return (float(sides @ links @ sides) / most if most else 0.0), links, sides


def _sides(links: Floats) -> Floats:
    """(C,) signs whose products agree with the links, from their two leading eigenvectors."""
    vectors = np.linalg.eigh(links)[1]
    found = []
    for start in (vectors[:, -1], vectors[:, -2]):
        sides = np.where(start > 0, 1.0, -1.0)
        for _ in range(SWEEPS):
            before = sides.copy()
            for at, row in enumerate(links):
                sides[at] = 1.0 if row @ sides > 0 else -1.0
            if (sides == before).all():
                break
        found.append(sides)
    return max(found, key=lambda one: float(one @ links @ one))


def _transfer(links: Floats) -> float:
    """How well sides found in one half of the classes and those of the other agree, 1 at most."""
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(HALVES):
        mixed = rng.permutation(len(links))
        one, other = mixed[: len(links) // 2], mixed[len(links) // 2 :]
        across = links[np.ix_(one, other)]
        most = float(np.abs(across).sum())
        told = _sides(links[np.ix_(one, one)]) @ across @ _sides(links[np.ix_(other, other)])
        shares.append(abs(float(told)) / most if most else 0.0)
    return float(np.mean(shares))


def places_alike(ones: Floats, others: Floats) -> float:
    """How alike two networks place classes (C, n), whichever way their spaces are turned.

    The correlation of the products, about the mean, of any two classes in either.
    """
    upper = np.triu_indices(len(ones), 1)
    about = (rows - rows.mean(axis=0) for rows in (ones, others))
    one, other = ((rows @ rows.T)[upper] for rows in about)
    if not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])

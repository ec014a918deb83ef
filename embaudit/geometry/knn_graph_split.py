"""Parts of a few rows, as their nearest rows have them."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows

OTHERS, OWN = 10, 3  # nearest rows of other classes and of its own that a row is asked for
ROUNDS = 6

Flags = NDArray[np.bool_]


def nearest_of_others(squares: Floats, codes: Rows) -> Rows:
    """(m, k) the rows of other classes that are nearest to each of m; squares: of the distances."""
    return _nearest(squares, codes[:, None] == codes, OTHERS)


def settled(squares: Floats, codes: Rows, part: Flags) -> Flags:
    """The part of most of the rows that a row is near to or that are near to it, (m,) flags."""
    same = codes[:, None] == codes
    linked = np.zeros(squares.shape, dtype=np.float32)
    for near in (_nearest(squares, same, OTHERS), _nearest(squares, ~same, OWN)):
        np.put_along_axis(linked, near, 1, axis=1)
    linked = np.maximum(linked, linked.T)
    linked /= linked.sum(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        now = linked @ part.astype(np.float32) > 0.5
        if (now == part).all() or now.all() or not now.any():
            break
        part = now
    return part


def crossings(nearest: Rows, part: Flags) -> float:
    """How many of the nearest rows (m, k) are of the other part, of those that chance makes."""
    share = float(part.mean())
    chance = 2 * share * (1 - share)
    return float((part[nearest] != part[:, None]).mean()) / chance if chance else 1.0


def _nearest(squares: Floats, left_out: Flags, most: int) -> Rows:
    usable = np.where(left_out, np.inf, squares)
    near: Rows = np.argpartition(usable, most, axis=1)[:, :most]
    missing = ~np.isfinite(np.take_along_axis(usable, near, axis=1))
    return np.where(missing, np.arange(len(near))[:, None], near)  # itself, which crosses nothing

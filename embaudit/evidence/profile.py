"""What the rows are, each by itself: lengths, how far off, which dimensions they use.

Everything is robust: a few rows far off move neither the centre nor the scale that tells them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.data.values import nothing_but_zeros
from embaudit.space import Floats, Points, Rows

TINY = float(np.finfo(np.float64).tiny)  # of a square that vanishes, of a row that does not
CENTRED = 4096  # rows whose median is the centre
SHARE = 0.05  # of the rows that may be stray: more are a population of their own
BEYOND = 5.0  # times the 95 % quantile of the others' distances from the centre: a stray row
GAP = 2.0  # and at least so many times further off than the furthest of the others


@dataclass(frozen=True)
class Profile:
    """N ordered rows in n dimensions; lengths of the stored rows, the rest of the points.

    log_lengths: (N,) natural logarithms in the user's units, -inf for a zero row. zero: (N,) flags
    of rows that are all zero. centre: (n,) the median of a sample. away: (N,) distances from it.
    stray: (N,) flags of rows orders of magnitude further off. variances: (n,) of the dimensions
    over all other rows, and mean: (n,).
    """

    log_lengths: Floats
    zero: NDArray[np.bool_]
    centre: Floats
    away: Floats
    stray: NDArray[np.bool_]
    mean: Floats
    variances: Floats

    @property
    def usual(self) -> NDArray[np.bool_]:
        """(N,) flags of the rows that figures of the whole may be taken from."""
        kept: NDArray[np.bool_] = ~(self.stray | self.zero)
        return kept if kept.any() else np.ones_like(kept)


def profile_of(points: Points, starts: Rows) -> Profile:
    """Profile points (N, n) ordered by class; starts: (C + 1,), or [0, N] without labels."""
    step = max(1, -(-points.size // CENTRED))
    centre = np.median(points.floats(np.arange(0, points.size, step)), axis=0)
    squares, away = np.empty(points.size), np.empty(points.size)
    zero = np.empty(points.size, dtype=bool)
    for part, block in points.chunks():
        zero[part] = nothing_but_zeros(block)
        squares[part] = np.einsum("ij,ij->i", block, block)
        block -= centre
        away[part] = np.sqrt(np.einsum("ij,ij->i", block, block))
    stray = _stray(away, starts)
    mean, variances = _moments(points, ~(stray | zero), centre)
    squares[~zero] = np.maximum(squares[~zero], TINY)
    return Profile(_log_lengths(points, squares), zero, centre, away, stray, mean, variances)


def _log_lengths(points: Points, squares: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        if points.norms is not None:
            logs: Floats = np.log(points.norms).sum(axis=1)
        else:
            logs = np.log(squares) / 2 + np.log(points.unit)
    return logs


def _stray(away: Floats, starts: Rows) -> NDArray[np.bool_]:
    """Rows beyond a gap; a class that lies off as a whole is a class, not a stray."""
    most = max(1, int(SHARE * len(away)))
    order = np.argsort(-away, kind="stable")
    top = away[order[: most + 1]]
    stray = np.zeros(len(away), dtype=bool)
    if len(top) < 2:
        return stray
    with np.errstate(divide="ignore", invalid="ignore"):
        gaps = np.where(top[:-1] > 0, top[:-1] / top[1:], 1.0)
    rest = float(np.quantile(away[order[most:]], 0.95))
    far = (gaps >= GAP) & (top[:-1] >= BEYOND * rest)
    if not far.any():
        return stray
    stray[order[: int(np.flatnonzero(far)[-1]) + 1]] = True
    if len(starts) > 2:
        sizes = np.diff(starts)
        inside = np.add.reduceat(stray, starts[:-1])
        whole = (sizes >= 3) & (2 * inside > sizes)
        stray &= ~np.repeat(whole, sizes)
    return stray


def _moments(points: Points, used: NDArray[np.bool_], origin: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each dimension over the used rows, about a point near to them."""
    total, squares = np.zeros(points.dim), np.zeros(points.dim)
    for part, block in points.chunks():
        some = block[used[part]] - origin
        total += some.sum(axis=0)
        squares += np.einsum("ij,ij->j", some, some)
    size = max(1, int(np.count_nonzero(used)))
    shift = total / size
    return origin + shift, np.maximum(squares / size - np.square(shift), 0.0)

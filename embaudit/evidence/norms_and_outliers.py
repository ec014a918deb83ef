"""What the rows are, each by itself: lengths, how far off, which dimensions they use.

Everything is robust: a few rows far off move neither the centre nor the scale that tells them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows

CENTRED = 4096  # rows whose median is the centre
COLUMNS = 256  # dimensions of them at a time
SHARE = 0.05  # of the rows that may be stray: more are a population of their own
BEYOND = 5.0  # times the 95 % quantile of the others' distances from the centre: a stray row
TINY = 1e-290  # a square near the smallest there are
TAIL = 4.0  # or standard deviations of the logarithm, as the 84 % quantile tells them, and
ANYHOW = 100.0  # times at the most: no tail leads so far
GAP = 2.0  # and at least so many times further off than the furthest of the others


@dataclass(frozen=True)
class RowStatistics:
    """N ordered rows in n dimensions; lengths of the stored rows, the rest of the points.

    log_lengths: (N,) natural logarithms in the user's units, -inf for a zero row. centre: (n,) the
    median of a sample. log_away: (N,) of the points' distances from it. stray: (N,) flags of rows
    orders of magnitude further from it; beyond: how many times as far as the others' median at
    least, None without such rows or such a median. variances: (n,) of the dimensions over all
    other rows, and mean: (n,).
    """

    log_lengths: NDArray[np.float32]
    centre: Floats
    log_away: NDArray[np.float32]
    stray: NDArray[np.bool_]
    beyond: float | None
    mean: Floats
    variances: Floats

    @property
    def constant_length(self) -> bool:
        """Whether all usual rows are as long as each other, so that both metrics rank alike."""
        return bool(self.zero.all()) or float(np.std(self.log_lengths[self.usual])) < 1e-3

    @property
    def zero(self) -> NDArray[np.bool_]:
        """(N,) flags of rows that are all zero."""
        return np.isneginf(self.log_lengths)

    @property
    def usual(self) -> NDArray[np.bool_]:
        """(N,) flags of the rows that figures of the whole may be taken from."""
        kept: NDArray[np.bool_] = ~(self.stray | self.zero)
        return kept if kept.any() else ~self.zero if not self.zero.all() else np.ones_like(kept)


def row_statistics_of(points: Points, starts: Rows) -> RowStatistics:
    """Statistics of points (N, n) ordered by class; starts: (C + 1,), or [0, N] without labels."""
    centre = _centre(points)
    lengths, away = np.empty(points.size), np.empty(points.size)
    for part, block in points.chunks():
        lengths[part] = _logarithms(block)
        block -= centre
        away[part] = np.sqrt(np.einsum("ij,ij->i", block, block))
    stray = _stray(away, starts)
    mean, variances = _moments(points, ~(stray | np.isneginf(lengths)), centre)
    if points.norms is not None:
        lengths = np.log(points.norms).sum(axis=1)  # of what was stored
    logs = (lengths + np.log(points.unit)).astype(np.float32)
    beyond = _beyond(away, stray)
    with np.errstate(divide="ignore"):
        off = np.log(away).astype(np.float32)
    logs, off = points.beside(logs), points.beside(off)
    return RowStatistics(logs, centre, off, stray, beyond, mean, variances)


def _centre(points: Points) -> Floats:
    """(n,) the median of a sample in each dimension, a few of them at a time."""
    step = max(1, -(-points.size // CENTRED))
    rows, centre = np.arange(0, points.size, step), np.empty(points.dim)
    for start in range(0, points.dim, COLUMNS):
        part = slice(start, start + COLUMNS)
        columns = np.ascontiguousarray(points.dimensions(part).floats(rows).T)
        centre[part] = np.median(columns, axis=1, overwrite_input=True)
    return centre


def _beyond(away: Floats, stray: NDArray[np.bool_]) -> float | None:
    if not stray.any():
        return None
    others = float(np.median(away[~stray]))
    return float(away[stray].min()) / others if others else None


def _logarithms(rows: Floats) -> Floats:
    """(m,) of the lengths of rows (m, n); -inf of those that are all zero, and of no others."""
    squares = np.einsum("ij,ij->i", rows, rows)
    with np.errstate(divide="ignore"):
        logs: Floats = np.log(squares) / 2
    for at in np.flatnonzero((squares < TINY) & rows.any(axis=1)):  # squares that vanish
        largest = np.abs(rows[at]).max()
        logs[at] = np.log(largest) + np.log(np.square(rows[at] / largest).sum()) / 2
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
    far = (gaps >= GAP) & (top[:-1] >= _reach(away[order[most:]]))
    if not far.any():
        return stray
    stray[order[: int(np.flatnonzero(far)[-1]) + 1]] = True
    if len(starts) > 2:
        sizes = np.diff(starts)
        inside = np.add.reduceat(stray, starts[:-1])
        whole = (sizes >= 3) & (2 * inside > sizes)
        stray &= ~np.repeat(whole, sizes)
    return stray


def _reach(away: Floats) -> float:
    """How far off a stray row is at least, from the distances of the others.

    Where these have a long tail, as lengths that are noise have, further than that leads to.
    """
    near, far = (float(np.quantile(away, part)) for part in (0.84, 0.95))
    if not near > 0:
        return BEYOND * far
    steps = TAIL / (1.297 - 0.835)  # normal quantiles: the furthest twentieth is not among these
    return far * float(min(max(BEYOND, min(far / near, ANYHOW) ** steps), ANYHOW))


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

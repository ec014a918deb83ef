"""A triplet-separated map with small isometric error, found by pushing and pulling pairs.

With r_x half way between the furthest positive and the nearest negative of x, a map is within t of
f and triplet-separated if every pair distance lies between two bounds: within t of what it was, at
most min(r_x, r_y) inside a class and at least max(r_x, r_y) across. That is asked for L / 2 <= t,
as small as it can be met; what is found is to be verified.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.pairs import (
    Array,
    Flags,
    Pairs,
    ParallelMap,
    distances,
    one_by_one,
    reach_of,
)

MARGIN = 2e-3  # of L: what a map is asked to be separated by, lost from its tightness
GROWTH, RISE = 1.05, 1.02  # of the step, an iteration; of the energy, before the step is halved
HEAVY = 0.1  # of the most active row: rows with fewer active pairs step no further
KEPT = 1 << 24  # distances of f that are kept; of more rows they are computed again
LOW = 0.9  # of what t leaves: how far down its range each radius is sent
APART = 0.25  # of the furthest positive of a class: by how much it is pushed apart from others
CERTAIN = 1e-9  # of the largest eigenvalue: above it none is a rounded negative


@dataclass(frozen=True)
class Demands:
    """Bounds on the pair distances of a map g, from the rows f, (N, n), and a tolerance t.

    gap: L. inner, outer: (N,) what distances inside and across classes have to keep to.
    """

    pairs: Pairs
    rows: Array
    gap: float
    inner: Array
    outer: Array
    kept: dict[tuple[int, int], Array]

    def bounds(
        self, band: slice, columns: slice, same: Flags | None, t: float
    ) -> tuple[Array, Array]:
        """Least and largest distance allowed to each pair of a tile."""
        key = band.start, columns.start
        before = self.kept.get(key)
        if before is None:
            before = distances(self.rows, band, columns)
            if self.pairs.size**2 <= KEPT:
                self.kept[key] = before
        low, high = before - before.dtype.type(t), before + before.dtype.type(t)
        across = np.maximum(self.outer[band, None], self.outer[columns])
        if same is None:
            return np.maximum(low, across, out=low), high
        within = np.minimum(self.inner[band, None], self.inner[columns])
        low = np.where(same, low, np.maximum(low, across))
        return low, np.where(same, np.minimum(high, within), high)

    def lowered(self, trial: float) -> "Demands":
        """The demands on a map within trial times L / 2 that rather shortens distances.

        Any radius may be off half way by t - L / 2 at least: each is lower by most of that, and
        none is below its half.
        """
        drop = self.rows.dtype.type(LOW * (trial - 1) * self.gap / 2)
        inner, outer = (np.maximum(one - drop, one / 2) for one in (self.inner, self.outer))
        return replace(self, inner=inner, outer=outer)


def demands_of(pairs: Pairs, rows: Array, parallel: ParallelMap = one_by_one) -> Demands:
    """The demands on a map near the rows."""
    reach = reach_of(pairs, rows, parallel)
    gap = reach.gap
    halfway = (reach.positive + reach.negative) / 2
    alone = np.diff(pairs.starts)[pairs.codes] == 1
    room = rows.dtype.type(MARGIN * gap)
    outer = np.where(alone, 0, halfway + room).astype(rows.dtype)
    inner = np.where(alone, np.inf, halfway - room).astype(rows.dtype)
    return Demands(pairs, rows, gap, inner, outer, {})


def pushed_apart(pairs: Pairs, rows: Array, draw: np.random.Generator) -> Array:
    """The rows with each class moved in a direction drawn at random; together they go nowhere.

    Classes that share a centre press on each other from all sides alike: no descent leaves that
    balance by itself. A class of one row stays.
    """
    reach = np.maximum.reduceat(reach_of(pairs, rows).positive, pairs.starts[:-1])
    moved = reach > 0
    away = draw.normal(size=(len(reach), rows.shape[1])) * moved[:, None]
    away -= moved[:, None] * away.sum(axis=0) / moved.sum()
    away *= (APART * reach / np.maximum(np.linalg.norm(away, axis=1), 1e-300))[:, None]
    apart: Array = rows + away.astype(rows.dtype)[pairs.codes]
    return apart


class ConstraintDescent:
    """Accelerated descent on the pairs that break their bounds, weighted by how much they do.

    Each row steps by the mean of what its pairs ask for; pairs count by their violation over the
    largest, so that the worst are mended first. The step grows while the energy falls, and is
    halved, from rest, when it rises.
    """

    def __init__(self, demands: Demands, start: Array, t: float) -> None:
        self.demands, self.t = demands, t
        self.rows, self.before = start.copy(), start.copy()
        self.run, self.step, self.energy = 0, 1.0, np.inf

    def iterations(
        self, count: int, parallel: ParallelMap = one_by_one
    ) -> Iterator[tuple[float, Array]]:
        """(largest violation, the map that has it), an iteration at a time."""
        for _ in range(count):
            self.run += 1
            ahead = self.rows + (self.run - 1) / (self.run + 2) * (self.rows - self.before)
            ahead = ahead.astype(self.rows.dtype, copy=False)
            worst, energy, move = self._forces(ahead, parallel)
            yield worst, ahead
            if energy > RISE * self.energy:
                self.step, self.run, self.energy = self.step / 2, 0, np.inf
                self.before = self.rows
                continue
            self.energy, self.step = energy, self.step * GROWTH
            self.before = self.rows
            self.rows = ahead + self.rows.dtype.type(self.step) * move

    def _forces(self, rows: Array, parallel: ParallelMap) -> tuple[float, float, Array]:
        """Largest violation, sum of their cubes, and the move that each row is asked for."""
        pairs = self.demands.pairs
        move, active = np.zeros_like(rows), np.zeros(pairs.size, dtype=np.int64)
        worst, energy = np.zeros(pairs.size, rows.dtype), np.zeros(pairs.size)

        def work(band: slice) -> None:
            for columns, same in pairs.tiles(band):
                tile = distances(rows, band, columns)
                low, high = self.demands.bounds(band, columns, same, self.t)
                wrong = np.minimum(np.maximum(low, tile), high)
                wrong -= tile  # positive: too near
                _ignore_own(wrong, band, columns)
                if not wrong.any():
                    continue
                amount = np.abs(wrong)
                np.maximum(worst[band], amount.max(axis=1), out=worst[band])
                active[band] += np.count_nonzero(amount, axis=1)
                wrong *= amount
                energy[band] += np.einsum("ij,ij->i", wrong, amount * np.sign(wrong))
                wrong /= np.maximum(tile, tile.dtype.type(1e-12))
                move[band] += wrong.sum(axis=1)[:, None] * rows[band] - wrong @ rows[columns]

        parallel(work, pairs.bands)
        largest = float(worst.max())
        if largest > 0:
            share = np.maximum(active, HEAVY * active.max())
            move /= (share * largest).astype(rows.dtype)[:, None]
        return largest, float(energy.sum()), move


def _ignore_own(tile: Array, band: slice, columns: slice) -> None:
    shared = np.arange(max(band.start, columns.start), min(band.stop, columns.stop))
    tile[shared - band.start, shared - columns.start] = 0


def is_realisable(pairs: Pairs, rows: Floats) -> bool:
    """Whether some map has distances changed by exactly L / 2: less inside classes, more across.

    Then d_iso is L / 2. It is, in n dimensions, if the Gram matrix of those distances has no
    negative eigenvalue: for N <= n + 1 rows, and beyond the rounding of its eigenvalues.
    """
    if len(rows) > rows.shape[1] + 1:
        return False
    whole = slice(0, len(rows))
    half = reach_of(pairs, rows).gap / 2
    same = pairs.codes[:, None] == pairs.codes
    wanted = distances(rows, whole, whole) + np.where(same, -half, half)
    np.fill_diagonal(wanted, 0)
    if (wanted < 0).any():
        return False
    wanted *= wanted
    wanted -= wanted.mean(axis=0)
    wanted -= wanted.mean(axis=1)[:, None]
    values = np.linalg.eigvalsh(-wanted / 2)
    # one eigenvalue is 0, that of moving all rows together
    return bool(values[1] > CERTAIN * len(rows) * values[-1])

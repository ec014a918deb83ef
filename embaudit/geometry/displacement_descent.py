"""A triplet-separated map whose rows move little, found by descending the largest gap.

Rows stay within t of where they are. The largest of the gaps F - M is smoothed twice: inside an
anchor, where positives and negatives weigh 1 each, and over the anchors; each row steps by a share
of t, whatever its gradient's length. The temperature falls as the steps do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.geometry.displacement_lower_bound import Weighted, least_move_proven
from embaudit.geometry.pairs import (
    Array,
    Pairs,
    ParallelMap,
    Reach,
    distances,
    one_by_one,
    reach_of,
)

WARM, COLD = 0.15, 0.01  # temperature, of L, at the first and the last iteration
COOLED = (4.0, 2.0, 1.0, 0.5)  # times COLD: temperatures at which pairs are weighed for a proof
LIGHT, HEAVIEST = 1e-7, 8192  # weight of a pair that a proof leaves out; pairs that it takes
LONG, SHORT = 0.25, 0.01  # step, of t
INERTIA = 0.8
NOTHING = -60  # logarithm of a weight that counts for nothing
FLAT = 1e-12  # of the longest gradient: rows below it stay


@dataclass(frozen=True)
class Pressing:
    """Log-weights of a row's positives and negatives at a temperature, each (N,), -inf for none.

    The weight of a positive at distance d is exp(d / T + positive), of a negative
    exp(-d / T + negative): they sum to the weight of their anchor.
    """

    positive: Array
    negative: Array


class DisplacementDescent:
    """A descent from the rows f, (N, n), within the ball of radius t about each; gap: L of f."""

    def __init__(self, pairs: Pairs, rows: Array, gap: float, t: float) -> None:
        self.pairs, self.rows, self.gap, self.t = pairs, rows, gap, t
        self.alone = np.diff(pairs.starts)[pairs.codes] == 1

    def iterations(
        self, count: int, parallel: ParallelMap = one_by_one
    ) -> Iterator[tuple[float, Array]]:
        """(largest gap, the map that has it), an iteration at a time."""
        cast = self.rows.dtype.type
        rows, speed = self.rows.copy(), np.zeros_like(self.rows)
        for k in range(count):
            cooled = k / max(1, count - 1)
            heat = self.gap * WARM * (COLD / WARM) ** cooled
            step = self.t * LONG * (SHORT / LONG) ** cooled
            reach = reach_of(self.pairs, rows, parallel)
            yield float((reach.positive - reach.negative)[~self.alone].max()), rows
            slope = self._slope(rows, self._pressing(rows, reach, heat, parallel), heat, parallel)
            length = np.sqrt(np.einsum("ij,ij->i", slope, slope))
            slope /= np.maximum(length, max(FLAT * length.max(), np.finfo(rows.dtype).tiny))[
                :, None
            ]
            speed = cast(INERTIA) * speed - cast((1 - INERTIA) * step) * slope
            rows = self._kept_near(rows + speed)

    def proven(self, rows: Array, parallel: ParallelMap = one_by_one) -> float:
        """A lower bound on how far separated maps move a row, from what presses at some rows."""
        reach = reach_of(self.pairs, rows, parallel)
        bounds = []
        for cooled in COOLED:
            heat = self.gap * COLD * cooled
            pressing = self._pressing(rows, reach, heat, parallel)
            pairs = self._heaviest(rows, pressing, heat)
            exact = self.rows.astype(np.float64), rows.astype(np.float64)
            bounds.append(least_move_proven(*exact, *pairs))
        return max(bounds)

    def _heaviest(self, rows: Array, pressing: Pressing, heat: float) -> tuple[Weighted, Weighted]:
        """The pairs of anchors with positives and with negatives that count."""
        hot = rows.dtype.type(1 / heat)
        found: tuple[list[tuple[Rows, Rows, Floats]], ...] = [], []
        for band in self.pairs.bands:
            for columns, same in self.pairs.tiles(band):
                heated = distances(rows, band, columns) * hot
                pushed = heated if same is None else np.where(same, np.inf, heated)
                parts = [_weights(pressing.negative[band, None] - pushed)]
                if same is not None:
                    pulled = np.where(_without_own(same, band, columns), heated, -np.inf)
                    parts.append(_weights(pressing.positive[band, None] + pulled))
                for kept, weights in zip(found[::-1], parts, strict=False):
                    left, right = np.nonzero(weights > LIGHT)
                    heavy = weights[left, right].astype(np.float64)
                    kept.append((left + band.start, right + columns.start, heavy))
        positives, negatives = (_gathered(some) for some in found)
        return positives, negatives

    def _kept_near(self, rows: Array) -> Array:
        away = rows - self.rows
        length = np.sqrt(np.einsum("ij,ij->i", away, away))
        over = length > self.t
        away[over] *= (self.t / length[over])[:, None].astype(rows.dtype)
        near: Array = self.rows + away
        return near

    def _pressing(self, rows: Array, reach: Reach, heat: float, parallel: ParallelMap) -> Pressing:
        """Weights of the pairs of each anchor, and of the anchors, at a temperature."""
        hot = rows.dtype.type(1 / heat)
        far, near = reach.positive * hot, reach.negative * hot
        pulled, pushed = np.zeros_like(far), np.zeros_like(near)

        def work(band: slice) -> None:
            for columns, same in self.pairs.tiles(band):
                tile = distances(rows, band, columns)
                tile *= hot
                if same is not None:
                    own = np.where(_without_own(same, band, columns), tile, -np.inf)
                    own -= far[band, None]
                    pulled[band] += _weights(own).sum(axis=1)
                    tile[same] = np.inf
                np.subtract(near[band, None], tile, out=tile)
                pushed[band] += _weights(tile).sum(axis=1)

        parallel(work, self.pairs.bands)
        with np.errstate(divide="ignore"):
            smooth = np.where(self.alone, -np.inf, far - near + np.log(pulled) + np.log(pushed))
            anchor = smooth - smooth.max()
            positive = np.where(self.alone, -np.inf, anchor - far - np.log(pulled))
            negative = np.where(self.alone, -np.inf, anchor + near - np.log(pushed))
        return Pressing(positive.astype(rows.dtype), negative.astype(rows.dtype))

    def _slope(self, rows: Array, pressing: Pressing, heat: float, parallel: ParallelMap) -> Array:
        """Gradient of the smoothed largest gap, (N, n)."""
        hot = rows.dtype.type(1 / heat)
        slope = np.zeros_like(rows)

        def work(band: slice) -> None:
            for columns, same in self.pairs.tiles(band):
                tile = distances(rows, band, columns)
                heated = tile * hot
                pushed = heated if same is None else np.where(same, np.inf, heated)
                weight = -_weights(pressing.negative[band, None] - pushed)
                weight -= _weights(pressing.negative[columns] - pushed)
                if same is not None:
                    pulled = np.where(_without_own(same, band, columns), heated, -np.inf)
                    weight += _weights(pressing.positive[band, None] + pulled)
                    weight += _weights(pressing.positive[columns] + pulled)
                weight /= np.maximum(tile, tile.dtype.type(1e-12))
                slope[band] += weight.sum(axis=1)[:, None] * rows[band] - weight @ rows[columns]

        parallel(work, self.pairs.bands)
        return slope


def _gathered(parts: list[tuple[Rows, Rows, Floats]]) -> Weighted:
    anchors, others, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
    heaviest = np.argsort(-weights, kind="stable")[:HEAVIEST]
    return Weighted(anchors[heaviest], others[heaviest], weights[heaviest])


def _weights(logs: Array) -> Array:
    """exp in place; what is next to nothing stays clear of slow, subnormal numbers."""
    np.maximum(logs, NOTHING, out=logs)
    return np.exp(logs, out=logs)


def _without_own(same: Array, band: slice, columns: slice) -> Array:
    others = same.copy()
    shared = np.arange(max(band.start, columns.start), min(band.stop, columns.stop))
    others[shared - band.start, shared - columns.start] = False
    return others

"""Pressure towards collapse over random batches of one shape."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact
from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.core.random_streams import BATCH_ROWS, random_stream
from embaudit.data import EmbeddingSet
from embaudit.evidence.budget import MORE
from embaudit.geometry.batch_pressure import batch_losses, batch_pressures
from embaudit.geometry.batch_shapes import Draw, Shape, drawing
from embaudit.search import Deduplicated, Progress, Stage, for_each

FURTHEST = 1e300  # of a loss, in units of the points
BATCHES, MOST = 32, 128  # batches of a shape: at least, and where they are small
DRAWN_ROWS = 8192  # of all batches of a shape
MOST_LOSSES, LOSS_ROWS = 4096, 1 << 18  # the same, where it is open whether the loss is safe
OUTWARD = 1 + 1e-9  # more than rounding adds to a loss
CELLS = 1 << 17  # of numbers that batches measured together hold, or of distances between them

T = TypeVar("T")
Measure = Callable[[Floats, Rows, float, Rows], list[T]]


@dataclass(frozen=True)
class BatchForecast:
    """Pressure, gap and loss over random batches of `classes` x `samples` rows.

    size: rows of the largest batch. loss: the batch-hard loss, in units of the points.
    """

    classes: int
    samples: int
    size: int
    pressure: Estimate
    gap: Estimate | None
    loss: Estimate


def batch_forecast(
    data: EmbeddingSet,
    points: Points,
    distinct: Deduplicated,
    shape: Shape,
    *,
    margin: float,
    radii: Floats,
    seed: int,
    threads: int,
    progress: Progress,
) -> BatchForecast | None:
    """Pressure, gap and loss over random batches of classes x samples rows.

    margin: in units of the points, as are radii (C,) of balls that enclose the classes. None where
    no batch has negatives.
    """
    draw = drawing(data.starts, shape)
    if draw is None:
        return None
    batches = _Batches(
        data, points, distinct, draw, (seed, BATCH_ROWS, *shape), margin, threads, progress
    )
    sizes, radii = data.sizes[data.sizes > 1], radii[data.sizes > 1]
    if shape[0] >= len(sizes) and shape[1] >= sizes.max():  # every batch holds all these rows
        ((size, one),) = batches.measured(batch_pressures, range(1))
        gap = None if one.gap is None else exact(one.gap)
        return BatchForecast(*shape, size, exact(one.pressure), gap, exact(one.loss))
    amount = int(np.clip(DRAWN_ROWS // (shape[0] * shape[1]), BATCHES, MOST))
    measured = batches.measured(batch_pressures, range(amount))
    size, found = max(size for size, _ in measured), [one for _, one in measured]
    pressure = sampled_mean(np.array([one.pressure for one in found]), 0.0, 1.0)
    gaps = np.array([one.gap for one in found if one.gap is not None])
    gap = sampled_mean(gaps, *ends_of_gap(sizes, shape)) if len(gaps) > amount // 2 else None
    highest = (margin + 2 * largest_radius(sizes, radii, shape)) * OUTWARD
    most = int(np.clip(LOSS_ROWS // size, amount, MOST_LOSSES))
    loss = _mean_loss(batches, np.array([one.loss for one in found]), highest, most)
    return BatchForecast(*shape, size, pressure, gap, loss)


class _Drawn(NamedTuple):
    """A random batch: its rows, equal ones of a class once, and how often each occurs; (B,)."""

    number: int
    size: int
    rows: Rows
    counts: Rows


class _Batches(NamedTuple):
    """Random batches of one shape, each by its number."""

    data: EmbeddingSet
    points: Points
    distinct: Deduplicated
    draw: Draw
    seed: tuple[int, ...]
    margin: float
    threads: int
    progress: Progress

    def measured(self, measure: Measure[T], numbers: range) -> list[tuple[int, T]]:
        """Of each numbered batch its rows, and what `measure` finds."""
        found: dict[int, tuple[int, T]] = {}
        shape = " x ".join(map(str, self.seed[-2:]))
        stage = Stage(self.progress, f"batches of {shape}", len(numbers))

        def look(drawn: Sequence[_Drawn]) -> None:
            chosen = np.stack([one.rows for one in drawn])
            counts = np.stack([one.counts for one in drawn])
            codes = self.data.codes_of(chosen)
            figures = measure(self.points.floats(chosen), codes, self.margin, counts)
            for one, figure in zip(drawn, figures, strict=True):
                found[one.number] = one.size, figure

        together = self._together(map(self._drawn, numbers))
        for_each(look, together, self.threads, lambda drawn: stage.step(len(drawn)))
        return [found[number] for number in numbers]

    def _drawn(self, number: int) -> _Drawn:
        """A batch by its number."""
        rows = self.draw(random_stream(*self.seed, number))
        return _Drawn(number, len(rows), *_distinct_rows(rows, self.distinct))

    def _together(self, batches: Iterable[_Drawn]) -> Iterator[list[_Drawn]]:
        """Batches of as many different rows, so many at a time as CELLS hold."""
        waiting: dict[int, list[_Drawn]] = defaultdict(list)
        for one in batches:
            size = len(one.rows)
            waiting[size].append(one)
            if len(waiting[size]) * size * max(size, self.points.dim) >= CELLS:
                yield waiting.pop(size)
        yield from waiting.values()


def _mean_loss(batches: _Batches, losses: Floats, highest: float, most: int) -> Estimate:
    """The mean loss; where it seems to be below the margin, more are drawn to be sure."""
    # a margin of 1 is beyond float64 in units of rows of 1e-322
    highest, losses = min(highest, FURTHEST), np.minimum(losses, FURTHEST)
    looks = [len(losses)]
    while looks[-1] < most:
        looks.append(min(most, MORE * looks[-1]))
    found = sampled_mean(losses, 0.0, highest, looks=looks)
    for amount in looks[1:]:
        assert found.value is not None
        if not found.value < batches.margin < found.upper:
            break
        more = batches.measured(batch_losses, range(len(losses), amount))
        losses = np.concatenate((losses, [loss for _, loss in more]))
        found = sampled_mean(losses, 0.0, highest, looks=looks)
    return found


def ends_of_gap(sizes: Rows, shape: Shape) -> tuple[float, float]:
    """Between which values the gap of a batch lies, whatever its rows.

    With D_x the mean distance of x to its negatives, M_x <= D_x, and by the triangle inequality
    F_x <= D_x + D_p, where a row is the p of samples - 1 anchors at most. The mean of D_x is that
    of pairs where all classes give as many rows, else at most twice as much.
    """
    skew = 1.0 if sizes.min() >= shape[1] else 2.0
    return -skew, skew * min(shape[1], int(sizes.max()))


def largest_radius(sizes: Rows, radii: Floats, shape: Shape) -> float:
    """No batch has a larger mean, over its rows, of the radii of their classes."""
    if sizes.min() < shape[1]:
        return float(radii.max())
    return float(np.sort(radii)[-shape[0] :].mean())


def _distinct_rows(batch: Rows, distinct: Deduplicated) -> tuple[Rows, Rows]:
    """The rows of a batch, equal ones of a class once, in their order; how often each occurs."""
    if distinct.size == len(distinct.group):  # no two rows of a class are equal
        return batch, np.ones_like(batch)
    _, firsts, counts = np.unique(distinct.group[batch], return_index=True, return_counts=True)
    order = np.argsort(firsts)
    return batch[firsts[order]], counts[order]

"""Pressure towards collapse over random batches of one shape."""

from dataclasses import dataclass

import numpy as np

from embaudit.bounds import Bound, batch_mean
from embaudit.data import EmbeddingSet
from embaudit.geometry.batches import Shape, drawing
from embaudit.geometry.pressure import batch_pressure
from embaudit.search import Distinct, Progress, Stage, for_each
from embaudit.space import Points, Rows

BATCHES = 32


@dataclass(frozen=True)
class BatchForecast:
    """Pressure and gap over random batches of `classes` x `samples` rows, `size` the largest."""

    classes: int
    samples: int
    size: int
    pressure: Bound
    gap: Bound | None


def batch_forecast(
    data: EmbeddingSet,
    points: Points,
    distinct: Distinct,
    shape: Shape,
    *,
    margin: float,
    seed: int,
    threads: int,
    progress: Progress,
) -> BatchForecast | None:
    """Pressure and gap over BATCHES random batches of classes x samples rows.

    margin: in units of the points. None where no batch has negatives.
    """
    draw = drawing(data.starts, shape)
    if draw is None:
        return None
    rows = [draw(np.random.default_rng((seed, 2, *shape, k))) for k in range(BATCHES)]
    found: list[tuple[float, float | None]] = [(0.0, None)] * BATCHES
    stage = Stage(progress, f"batches of {shape[0]} x {shape[1]}", BATCHES)

    def measure(number: int) -> None:
        chosen, counts = _distinct_rows(rows[number], distinct)
        codes = data.codes_of(chosen)
        found[number] = batch_pressure(points.floats(chosen), codes, margin, counts)

    for_each(measure, range(BATCHES), threads, lambda _: stage.step(1))
    pressure = batch_mean(np.array([pressure for pressure, _ in found]), 0.0, 1.0)
    gaps = [gap for _, gap in found if gap is not None]
    gap = batch_mean(np.array(gaps)) if len(gaps) > BATCHES // 2 else None
    return BatchForecast(*shape, max(map(len, rows)), pressure, gap)


def _distinct_rows(batch: Rows, distinct: Distinct) -> tuple[Rows, Rows]:
    """The rows of a batch, equal ones of a class once, in their order; how often each occurs."""
    _, firsts, counts = np.unique(distinct.group[batch], return_index=True, return_counts=True)
    order = np.argsort(firsts)
    return batch[firsts[order]], counts[order]

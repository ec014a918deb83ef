"""The metric, decided once: rows are prepared, and from then on every distance is Euclidean.

Cosine is a preparation, not a second metric: rows are normalised in float64 and the chord
|x - y| = sqrt(2 - 2 cos) obeys the triangle inequality that all bounds need.
"""

import math
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embaudit.core.disk_backed_rows import MappedRows
from embaudit.core.prepared_points import SAFE, Floats, Points, Rows, squared_lengths
from embaudit.errors import InputRefused, first_few, option

Metric = Literal["l2", "cosine"]


def prepare(
    vectors: NDArray[Any],
    metric: Metric,
    rows: Rows,
    mapped_rows: MappedRows | None = None,
    where: str = "embeddings",
) -> Points:
    """Points of a metric from stored vectors (N, n); `rows` are their input rows, for messages.

    where: how messages call them. mapped_rows: where the vectors are on disk. Raises InputRefused
    for zero vectors under cosine, which have no direction.
    """
    if metric == "cosine":
        return _unit_points(Points(vectors, mapped_rows=mapped_rows), rows, where)
    raw = Points(vectors, mapped_rows=mapped_rows)
    return _scaled(raw, _largest(raw))


def prepare_both(
    left: Points,
    right: Points,
    metric: Metric,
    rows: tuple[Rows, Rows],
    places: tuple[str, str] = ("embeddings", "gallery"),
) -> tuple[Points, Points]:
    """Points of queries and of their gallery, from points as stored, in the same units.

    Raises InputRefused for zero vectors under cosine, and for sets so far apart in magnitude that
    one of them vanishes beside the other.
    """
    if metric == "cosine":
        ours = _unit_points(left, rows[0], places[0])
        return ours, _unit_points(right, rows[1], places[1])
    sizes = _largest(left), _largest(right)
    points = _scaled(left, max(sizes)), _scaled(right, max(sizes))
    if any(0 < size / one.unit < SAFE[0] for size, one in zip(sizes, points, strict=True)):
        raise InputRefused(
            f"{' and '.join(places)}: their largest values, {sizes[0]:.3g} and {sizes[1]:.3g}, are "
            "too far apart for float64.",
            "Are both of the same model and scale?",
        )
    return points


def _unit_points(raw: Points, rows: Rows, where: str) -> Points:
    points, zero = unit_rows(raw.stored, raw.mapped_rows)
    if len(zero):
        shown = first_few(np.sort(rows[zero]).tolist())
        raise InputRefused(
            f"{where}: {len(zero)} of {len(rows)} rows are zero vectors, which have no direction "
            f"under cosine (rows {shown}).",
            f"Leave them out with {option('drop', 'zero_rows')}, or use {option('metric', 'l2')}.",
        )
    return points


def _largest(raw: Points) -> float:
    return max(float(np.abs(block).max()) for _, block in raw.chunks())


def _scaled(raw: Points, largest: float) -> Points:
    """Divided by an exact power of two, which changes no decision, where squares are not safe."""
    if largest == 0 or SAFE[0] < largest < SAFE[1]:
        return raw
    exponent = math.frexp(largest)[1]
    return replace(raw, unit=math.ldexp(1.0, exponent), exponent=exponent)


def unit_rows(vectors: NDArray[Any], mapped_rows: MappedRows | None = None) -> tuple[Points, Rows]:
    """The rows of (N, n) divided by their lengths, and which are zero and cannot be."""
    norms, zero = _norms(Points(vectors, mapped_rows=mapped_rows))
    return Points(vectors, 1.0, norms, mapped_rows), zero


def _norms(raw: Points) -> tuple[Floats, Rows]:
    """A power of two near each row's largest value, and the length of the row divided by it.

    In two steps, so that the squares of tiny or huge rows neither vanish nor overflow.
    """
    norms = np.empty((raw.size, 2))
    for part, block in raw.chunks():
        largest = np.abs(block).max(axis=1)
        scale = np.ldexp(1.0, np.frexp(largest)[1] - 1)
        block /= scale[:, None]
        norms[part, 0] = scale
        norms[part, 1] = np.sqrt(squared_lengths(block))
    norms = raw.beside(norms)
    return norms, np.flatnonzero(norms[:, 1] == 0)

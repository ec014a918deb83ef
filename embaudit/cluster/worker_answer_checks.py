"""What of an answer of workers must hold whatever the input, and is looked at for every row.

Each function raises ClusterErred where it does not.
"""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.errors import ClusterErred
from embaudit.search import COUNTED, Negatives, PartialResult, Positives, Prepared, codes_of


def demand(true: Any, what: str) -> None:
    """Raise ClusterErred where something is not true of an answer; what: of which search."""
    if not true:
        raise ClusterErred(
            f"Workers gave an answer that is not true of the input ({what}); nothing is reported.",
            "A machine of the cluster is broken or not to be trusted: audit without it, or without "
            "--scheduler and --workers.",
        )


def answered(known: object, anchors: Rows) -> PartialResult:
    """What a worker says of these anchors and no others."""
    demand(isinstance(known, PartialResult), "negatives")
    assert isinstance(known, PartialResult)
    found = known.nearest, known.d2, known.closer, known.tied, known.sharpened
    sizes = {len(one) for one in found}
    demand(np.array_equal(known.anchors, anchors) and sizes == {len(anchors)}, "negatives")
    return known


def demand_true_negatives(
    prepared: Prepared,
    target: Floats,
    groups: Rows,
    nearest: Rows,
    d2: Floats,
    counts: tuple[Rows, Rows],
) -> None:
    """Each is of another class at its distance, and closer than the positive, or tied, as counted.

    counts: of negatives strictly closer than the nearest positive, and as close.
    """
    points, distinct = prepared.points, prepared.distinct
    codes = codes_of(distinct)
    demand(within(nearest, distinct.size), "negatives")
    demand((codes[nearest] != codes[groups]).all(), "negatives")
    true = points.squared_distances(distinct.first[groups], distinct.first[nearest])
    demand(np.array_equal(d2, true), "negatives")
    goal, (closer, tied) = target[groups], counts
    demand(((closer >= 0) & (closer <= COUNTED)).all() and (tied >= 0).all(), "negatives")
    demand(np.array_equal(closer > 0, d2 < goal), "negatives")
    demand((tied[d2 == goal] > 0).all() and (tied[d2 > goal] == 0).all(), "negatives")


def within(rows: NDArray[Any], size: int) -> bool:
    """Whether these are rows of so many."""
    return rows.dtype.kind == "i" and bool(((rows >= 0) & (rows < size)).all())


def columns_of(found: object) -> list[NDArray[Any]]:
    """The columns of what was found; counts of how are no part of it."""
    values = [getattr(found, field.name) for field in fields(found)]  # type: ignore[arg-type]
    return [one for one in values if not isinstance(one, dict)]


def at_rows(found: object, rows: Rows) -> list[NDArray[Any]]:
    """The columns at some rows."""
    return [one[rows] for one in columns_of(found)]


def demand_lengths(found: object, size: int, what: str) -> None:
    """Every column is an array of so many rows."""
    sound = [isinstance(one, np.ndarray) and one.shape == (size,) for one in columns_of(found)]
    demand(all(sound), what)


def demand_nothing(found: Positives | Negatives, rows: NDArray[np.bool_]) -> None:
    """Where there is nothing to find, nothing was found."""
    for one in columns_of(found):
        none = np.isnan(one[rows]) if one.dtype.kind == "f" else one[rows] <= 0
        demand(none.all(), "scan")


def demand_equal(found: list[NDArray[Any]], again: object, what: str) -> None:
    """The columns are those that were found again."""
    for one, other in zip(found, columns_of(again), strict=True):
        demand(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), what)

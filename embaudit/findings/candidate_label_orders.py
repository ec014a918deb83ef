"""Other orders of the labels, as files go wrong: shifted, reversed, sorted, interleaved."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from embaudit.core.prepared_points import Rows
from embaudit.findings.finding import rows_text

SHIFTS = (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 10, -10)  # from a row on
FURTHEST = 2048  # rows by which all labels may be shifted; as many tries need
STRIDES = (2, 3, 4, 8)
NONE = -1


def shift_words(shift: int) -> str:
    """A shift of so many rows, in words."""
    rows = rows_text(abs(shift))
    return f"{rows} too late" if shift > 0 else f"{rows} too early"


def shifted(labels: Rows, shift: int) -> Rows:
    """The label that stands `shift` rows further down, NONE beyond the ends."""
    out = np.full_like(labels, NONE)
    if shift > 0:
        out[:-shift] = labels[shift:]
    else:
        out[-shift:] = labels[:shift]
    return out


def orders_of(
    labels: Rows, classes: tuple[object, ...], walk: bool
) -> Iterator[tuple[str, dict[str, Any], Rows]]:
    """Other orders of the labels: words, evidence, and the labels in that order, near ones first.

    walk: rows are nearest to those next to them, so that sorted labels agree whatever they are of.
    """
    size = len(labels)
    for by in range(1, min(FURTHEST, size // 4)):
        for shift in (by, -by):
            yield (
                f"they are {shift_words(shift)}",
                {"shift": shift, "row": 0},
                shifted(labels, shift),
            )
    yield "they are in reverse order", {"order": "reversed", "row": 0}, labels[::-1]
    names = sorted(range(len(classes)), key=lambda code: (str(type(classes[code])), classes[code]))
    rank = np.empty(len(classes), dtype=np.int64)
    rank[names] = np.arange(len(classes))
    if not walk:
        by_name = labels[np.argsort(rank[labels], kind="stable")]
        yield "rows are sorted by label and labels are not", {"order": "sorted", "row": 0}, by_name
    by_text = (
        np.argsort([str(row) for row in range(size)], kind="stable") if size <= 10**6 else None
    )
    if by_text is not None:
        for order in (by_text, np.argsort(by_text, kind="stable")):
            yield (
                "one of the two is sorted by number as text (10 before 2)",
                {"order": "text", "row": 0},
                labels[order],
            )
    for stride in STRIDES:
        if size % stride == 0:
            order = np.arange(size).reshape(stride, -1).T.ravel()
            for one in (order, np.argsort(order, kind="stable")):
                yield (
                    f"one of the two is interleaved by {stride}, as {stride} workers leave it",
                    {"order": f"interleaved by {stride}", "row": 0},
                    labels[one],
                )

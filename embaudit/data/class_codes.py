"""Classes as numbers: a code a row, in the order of appearance."""

from collections.abc import Sequence

import numpy as np

from embaudit.core.metric import Rows
from embaudit.data.source import Label


def codes_of(
    labels: Sequence[Label] | None, rows: int, first: Sequence[Label] = ()
) -> tuple[Rows, tuple[Label, ...]]:
    """Class index of each row, and the classes: the given ones, then in order of appearance.

    Without labels, all rows are of one that is nobody's.
    """
    if labels is None:
        return np.zeros(rows, dtype=np.int64), ("",)
    index = {typed(label): code for code, label in enumerate(first)}
    codes = np.fromiter(
        (index.setdefault(typed(label), len(index)) for label in labels),
        dtype=np.int64,
        count=len(labels),
    )
    return codes, tuple(label for _, label in index)


def typed(label: Label) -> tuple[type, Label]:
    """What tells classes apart: True, 1 and '1' are three."""
    return type(label), label


def codes_present(codes: Rows, classes: tuple[Label, ...]) -> tuple[Rows, tuple[Label, ...]]:
    """Codes of the classes that some rows still have, in order of appearance, and these."""
    present, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")
    rank = np.argsort(order, kind="stable")
    codes = rank[inverse].astype(np.int64)
    return codes, tuple(classes[code] for code in present[order])

"""Classes as numbers: a code a row, in the order of appearance."""

from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

from embaudit.core.prepared_points import Rows
from embaudit.data.sources_and_notices import Label

T = TypeVar("T")


def codes_of(
    labels: Sequence[Label] | None, rows: int, first: Sequence[Label] = ()
) -> tuple[Rows, tuple[Label, ...]]:
    """Class index of each row, and the classes: the given ones, then in order of appearance.

    Without labels, all rows are of one that is nobody's.
    """
    if labels is None:
        return np.zeros(rows, dtype=np.int64), ("",)
    if len({*map(type, labels), *map(type, first)}) > 1:
        pairs = [typed(label) for label in labels]
        codes, index = _numbered(pairs, [typed(label) for label in first])
        return codes, tuple(label for _, label in index)
    codes, classes = _numbered(labels, first)
    return codes, tuple(classes)


def _numbered(values: Sequence[T], first: Sequence[T]) -> tuple[Rows, dict[T, int]]:
    """Number of each value, and the values: the given ones, then in order of appearance."""
    index = {value: code for code, value in enumerate(dict.fromkeys(chain(first, values)))}
    return np.fromiter(map(index.__getitem__, values), dtype=np.int64, count=len(values)), index


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

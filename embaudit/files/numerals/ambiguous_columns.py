"""A first or last column of whole numbers beside fractions: labels, ids or a dimension?

Where nothing names the columns, such a one is not read as a dimension in silence: labels would be
audited as a part of the vectors.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from embaudit.data import Array
from embaudit.errors import InputRefused


def refuse_undecided(
    rows: Sequence[Sequence[str]],
    columns: Sequence[int],
    path: str,
    *,
    named: str = "",
    table: bool = True,
) -> None:
    """Raise InputRefused where the first or last of these columns of numbers may be no dimension.

    rows: fields of text. named: what names they have, if any. table: whether the format has names.
    """
    at = _whole_end(columns, partial(_are_whole, rows), partial(_is_one_value, rows))
    if at is None:
        return
    how = "Name the columns in the first line" if table else "Save a .csv that names its columns"
    raise _undecided(path, at, (columns[0], len(rows[0])), named, how)


def refuse_undecided_values(values: Array, path: str) -> None:
    """The same of the first rows (k, n) of columns that have no names but 0 to n-1."""
    whole = (np.isfinite(values) & (np.trunc(values) == values)).all(axis=0)
    same = (values == values[:1]).all(axis=0)
    at = _whole_end(range(values.shape[1]), whole.__getitem__, same.__getitem__)
    if at is not None:
        raise _undecided(path, at, (0, values.shape[1]), "but numbers", "Name the columns")


def _undecided(path: str, at: int, span: tuple[int, int], named: str, how: str) -> InputRefused:
    """What is said of the column `at`. span: the first of the numbers, and how many columns."""
    first, count = span
    names = "label,emb_0,emb_1,..." if at == first else "emb_0,emb_1,...,label"
    rest = "[:, 1:]" if at == first else "[:, :-1]"
    without = f"names {named}" if named else "header"
    return InputRefused(
        f"{path}: has no {without}, and column {at + 1} of {count} holds whole numbers "
        "only: labels, ids or a dimension?",
        f"{how}, {names}; or keep labels apart: numpy.save('x.npy', numbers{rest}).",
    )


def _whole_end(
    columns: Sequence[int], is_whole: Callable[[int], bool], is_one_value: Callable[[int], bool]
) -> int | None:
    """The first or last column, if it holds whole numbers, and no other tells that dimensions do.

    A column of one value tells nothing: it may be a dimension that is not in use.
    """
    ends = [at for at in (columns[-1], columns[0]) if is_whole(at)]
    if not ends or len(columns) < 2:
        return None
    idle = False
    for at in columns[1:-1]:
        if is_whole(at):
            if not is_one_value(at):
                return None
            idle = True
    unlike = [at for at in ends if not (idle and is_one_value(at))]
    return unlike[0] if unlike else None


def _are_whole(rows: Sequence[Sequence[str]], at: int) -> bool:
    return all(at < len(row) and _is_whole(row[at]) for row in rows)


def _is_whole(text: str) -> bool:
    try:
        return float(text).is_integer()
    except ValueError:
        return False


def _is_one_value(rows: Sequence[Sequence[str]], at: int) -> bool:
    return len({row[at] for row in rows}) == 1

"""Arrow lists as a matrix, checked row by row first.

A reshape alone would accept two ragged rows that compensate each other, and shift every row
between; dropping a null would shift every row after it.
"""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
from pyarrow import types

from embaudit.data import Array
from embaudit.errors import InputRefused, Problem, first_few

NULL = "null vectors"


class Flaws:
    """Rows that are no vectors, by what is wrong with them, over all blocks of a column."""

    def __init__(self, where: str, total: int) -> None:
        self.where = where
        self.total = total
        self.rows: dict[str, list[int]] = defaultdict(list)

    def note(self, flaw: str, rows: Array, start: int) -> bool:
        """Keep the rows of a mask whose first is row `start`; whether there are any."""
        if rows.any():
            self.rows[flaw] += (start + np.flatnonzero(rows)).tolist()
        return flaw in self.rows

    def refuse(self) -> None:
        """Raise InputRefused, a sentence a flaw, if there are any."""
        problems = [
            Problem(
                f"{self.where}: {flaw} in {len(rows)} of {self.total} rows "
                f"(row {first_few(rows)}).",
                "Remove or re-embed them.",
            )
            for flaw, rows in self.rows.items()
        ]
        if problems:
            raise InputRefused(problems)


def is_list(kind: pa.DataType) -> bool:
    """Whether the type is a list of any layout."""
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )


def plain_lists(lists: pa.Array) -> pa.Array:
    """List views as lists, whose rows may lie in any order; tensors as the lists that hold them."""
    if isinstance(lists, pa.ExtensionArray):
        lists = lists.storage
    if types.is_list_view(lists.type) or types.is_large_list_view(lists.type):
        # by hand: the offsets of a cast are wrong where views overlap or stand in another order
        lengths = compute.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
        offsets = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
        return pa.LargeListArray.from_arrays(offsets, lists.flatten(), mask=lists.is_null())
    return lists


def first_length(lists: pa.Array) -> int | None:
    """Length of the first list that is not null, None if all are."""
    lengths = compute.list_value_length(lists.drop_null().slice(0, 1))
    return lengths[0].as_py() if len(lengths) else None


def matrix_of(
    lists: pa.Array, dim: int, start: int, flaws: Flaws, unfit: str = NULL
) -> Array | None:
    """(rows, dim) values of an Arrow list array, whose row 0 is row `start` of its column.

    None, and the rows are noted, where lists are null, of another length, or hold nulls.
    unfit: what a null is called.
    """
    null = lists.is_null().to_numpy(zero_copy_only=False)
    lengths = compute.list_value_length(lists).fill_null(dim).to_numpy()
    flawed = flaws.note(unfit, null, start)
    flawed |= flaws.note(
        f"vectors of another length than the first ({dim} values)", lengths != dim, start
    )
    if flawed:
        return None
    fixed = types.is_fixed_size_list(lists.type)
    first = lists.offset * dim if fixed or not len(lists) else lists.offsets[0].as_py()
    # `.values` knows no slice and keeps nulls; `.flatten()` would drop them and shift the rows
    values = lists.values.slice(first, len(lists) * dim)
    if values.null_count:
        holes = values.is_null().to_numpy(zero_copy_only=False).reshape(len(lists), dim)
        flaws.note("null values", holes.any(axis=1), start)
        return None
    matrix: Array = values.to_numpy().reshape(len(lists), dim)
    return matrix

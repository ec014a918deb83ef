"""Blocks of the fixed format of HDF5 that pandas writes: columns as a matrix, named beside it."""

import itertools
import pickletools
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from embaudit.errors import InputRefused, Problem, first_few
from embaudit.files.column import Column
from embaudit.files.numerals.ambiguous_columns import refuse_undecided_values

BLOCK = re.compile(r"((?:.{0,999}/)?block[0-9]{1,9})_values", re.DOTALL)
NUMBERED = re.compile(r"(.{0,99}?)([0-9]{1,9})", re.DOTALL)  # `emb_0`, `x0`
DECIDING = 1024  # rows from which it is told whether a column may be no dimension


def as_block(column: Column, read: Callable[[str], Any]) -> Column:
    """The column, which refuses to be vectors where not all of its columns are dimensions.

    read: the dataset of a name, None for none. Names are looked at once vectors are looked for.
    """
    block = BLOCK.fullmatch(column.name)
    if block is None or len(column.shape) != 2:
        return column
    return replace(column, vectors=partial(_check, column, block[1], read))


def _check(column: Column, block: str, read: Callable[[str], Any]) -> None:
    """None: a block has no other reading. Raises InputRefused for what may be no dimensions."""
    items = read(f"{block}_items")
    if items is None:
        return
    names = _names(items)
    numbers = [*range(column.shape[1])]
    if names == numbers:
        rows = column.blocks() if column.blocks else iter([column.read()])
        for first in itertools.islice(rows, 1):
            refuse_undecided_values(first[:DECIDING].astype(np.float64), column.path)
    elif not _are_dimensions(names, len(numbers)):
        raise InputRefused(_unlike(column, block, names))


def _names(items: Any) -> list[Any] | None:
    """Whole numbers or texts; None for others."""
    if items.dtype.kind in "iu":
        return [*items.tolist()]
    if items.dtype.kind == "S":
        return [name.decode("utf-8", "replace") for name in items.tolist()]
    held = items.tolist()
    return _pickled(held[0].tobytes()) if len(held) == 1 and hasattr(held[0], "tobytes") else None


def _pickled(data: bytes) -> list[Any] | None:
    """Numbers and texts of the list in a pickle: its codes are read, and nothing is unpickled."""
    names: list[Any] = []
    since_mark: list[Any] = []
    with suppress(ValueError, UnicodeError):
        for code, value, _ in pickletools.genops(data):
            if code.name == "MARK":
                since_mark = []
            elif code.name == "APPENDS":
                names += since_mark
            elif code.name not in ("MEMOIZE", "BINPUT", "LONG_BINPUT"):
                since_mark.append(value)
        return names
    return None


def _are_dimensions(names: Sequence[Any] | None, count: int) -> bool:
    """Whether they are named alike, and numbered as dimensions are."""
    found = [NUMBERED.fullmatch(name) for name in names or () if isinstance(name, str)]
    if not found or not all(found) or len({match[1] for match in found if match}) > 1:
        return False
    return [int(match[2]) for match in found if match] == [*range(count)]


def _unlike(column: Column, block: str, names: Sequence[Any] | None) -> Problem:
    if not names or len(names) != column.shape[1]:
        held = "whose names cannot be told"
    else:
        held = first_few([repr(name) for name in (*names[-2:], *names[:-2])])
        held = f"which are not numbered as dimensions ({held})"
    key = block.rpartition("/")[0]
    of_key = f", {key!r}" if key else ""
    named = "lambda c: f'emb_{c}' if isinstance(c, int) else c"
    return Problem(
        f"{column.where}: holds {column.shape[1]} columns of a pandas frame, {held}: "
        "one of them may be no dimension.",
        f"Save it with names: pandas.read_hdf({column.path!r}{of_key}).rename(columns={named})"
        ".to_parquet('x.parquet').",
    )

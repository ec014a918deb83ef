"""A `.json` or `.jsonl` file: records, vectors in a list or by their ids, or columns of them.

It is parsed value by value: once for its columns, their rows and the width of their numbers, and
once for each column that is read.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.data import Array
from embaudit.errors import InputRefused, first_few, shown
from embaudit.files.arrow.record_batches import RecordBatches
from embaudit.files.arrow.schema_columns import NUMBERED, table_from
from embaudit.files.column import Column, Table, stored_name
from embaudit.files.file_status import StoredFile
from embaudit.files.numerals.json_items import items
from embaudit.files.numerals.number_width import NumberWidth

LOOKED_AT = 8  # entries of a value that is no vector
NUMERIC = {float, int, type(None)}
MOST = 4096  # columns beyond which fields of fields are none: their names may be values
AT_ONCE = 1 << 18  # numbers converted at a time
DTYPES: dict[type, "np.dtype[Any]"] = {
    bool: np.dtype(bool),
    int: np.dtype(np.int64),
    float: np.dtype(np.float64),
    str: np.dtype("U"),
}


def describe(file: StoredFile) -> Table:
    """The columns of its values; numbers in lists are vectors. Refuses what is no JSON."""
    found: dict[str, _Seen] = {}
    total = 0
    for row, name, value in items(file):
        if name is None:
            total = row + 1
        elif (seen := found.get(name)) is not None:
            seen.note(row, value)
        elif len(found) < MOST or "." not in name:
            found[name] = _Seen(name)
            found[name].note(row, value)
    vectors = {name: seen for name, seen in found.items() if seen.vectors}
    for seen in found.values():
        seen.rows = max(seen.rows, total)
        seen.settle()
    if not found:
        raise InputRefused(f"{file.path}: is empty: it holds no values.", "Save some.")
    columns = [
        _vectors(file, name, seen) if name in vectors else _plain(file, name, seen)
        for name, seen in found.items()
    ]
    return Table(file, (*columns, *_families(file, found)))


class _Seen:
    """What a column is, from its values."""

    def __init__(self, name: str) -> None:
        self.name, self.rows, self.dim = name, 0, 0
        self.width, self.types = NumberWidth(), set[type]()
        self.vectors, self.nbytes = False, 0
        self.nested = ""
        self._waiting: list[float] = []

    def note(self, row: int, value: Any) -> None:
        """The next value."""
        self.rows = row + 1
        kind = type(value)
        if kind is not list:
            if value is not None:
                self.types.add(kind)
                self.nbytes += len(value) if kind is str else 8
            if kind in (int, float):
                self._wait([value], AT_ONCE >> 6)  # there may be a column a dimension
            return
        if _is_vector(value):
            self.vectors = True
            self.dim = self.dim or len(value)
            self._wait(value if None not in value else [], AT_ONCE)
        else:
            self.types.add(list)
            self.nested = self.nested or nested_numbers(value, self.name)

    def _wait(self, numbers: list[float], most: int) -> None:
        self._waiting += numbers
        if len(self._waiting) > most:
            self.settle()

    def settle(self) -> None:
        """Look at the numbers that wait for it."""
        try:
            numbers = np.array(self._waiting, np.float64)
        except OverflowError:  # an integer beyond float64, which is told when it is read
            numbers = np.empty(0)
        self.width.note(numbers)
        self._waiting = []


def nested_numbers(value: Any, path: str, depth: int = 4) -> str:
    """Where in a value the numbers of a vector are, in words; nothing if nowhere."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in islice(entries, LOOKED_AT):
        below = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        if _is_vector(one) and one:
            return f"numbers at {below}"
        found = nested_numbers(one, below, depth - 1) if depth and type(one) in (list, dict) else ""
        if found:
            return found
    if isinstance(value, list) and {*map(type, value)} & NUMERIC:
        other = next((one for one in value if type(one) not in NUMERIC), None)
        return f"{shown(other, 40)} among its numbers"
    return ""


def _vectors(file: StoredFile, name: str, seen: _Seen) -> Column:
    """Through Arrow, which checks lengths and nulls row by row."""
    kind = pa.large_list(pa.from_numpy_dtype(seen.width.dtype))
    schema = pa.schema({name: kind})
    batches = RecordBatches(file, partial(_batches, file, schema, seen.rows, seen.dim))
    (column,) = table_from(batches, schema, seen.rows, {name: seen.dim}).columns
    return column


def _batches(
    file: StoredFile, schema: pa.Schema, total: int, dim: int, names: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    waiting: list[Any] = []
    rows = min(rows, max(1, AT_ONCE // max(1, dim)))
    for row, value in enumerate(_values(file, schema.names[0], total)):
        waiting.append(value)
        if len(waiting) == rows or row == total - 1:
            yield pa.RecordBatch.from_arrays([_lists(waiting, schema.types[0])], schema=schema)
            waiting = []


def _lists(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Vectors, null in the place of what is none."""
    sound = [value if _is_vector(value) else None for value in values]
    try:
        return pa.array(sound, kind)
    except pa.ArrowInvalid:  # an integer that float64 does not hold
        return pa.concat_arrays([_list(value, kind) for value in sound])


def _list(value: Any, kind: pa.DataType) -> pa.Array:
    try:
        return pa.array([value], kind)
    except pa.ArrowInvalid:
        return pa.nulls(1, kind)


def _is_vector(value: Any) -> bool:
    return type(value) is list and {*map(type, value)} <= NUMERIC


def _plain(file: StoredFile, name: str, seen: _Seen) -> Column:
    names = " and ".join(sorted(kind.__name__ for kind in seen.types)) or "null"
    if not seen.types or not seen.types <= DTYPES.keys():
        held = f"{names} ({seen.nested})" if seen.nested else names
        return Column(file.path, name, (seen.rows,), None, held, 0, _unreadable)
    (kind, *others) = seen.types
    dtype = np.dtype(object) if others else DTYPES[kind]
    stored = names if others else stored_name(dtype)
    read = partial(_read, file, name, seen.rows)
    return Column(file.path, name, (seen.rows,), dtype, stored, seen.nbytes, read)


def _families(file: StoredFile, found: dict[str, _Seen]) -> Iterator[Column]:
    """A column of vectors for names that are numbered as dimensions are: `dim_0`, ...."""
    numbered: dict[str, dict[int, str]] = defaultdict(dict)
    for name, seen in found.items():
        match = NUMBERED.fullmatch(name)
        if match and seen.types and seen.types <= {int, float} and not seen.vectors:
            numbered[match[1]][int(match[2])] = name
    for prefix, members in numbered.items():
        if len(members) > 1 and members.keys() == {*range(len(members))}:
            names = [members[number] for number in range(len(members))]
            rows = max(found[name].rows for name in names)
            widths = (found[name].width.dtype for name in names)
            width = max(widths, key=lambda dtype: dtype.itemsize)
            yield Column(
                file.path,
                f"{prefix}0..{len(names) - 1}",
                (rows, len(names)),
                width,
                width.name,
                rows * len(names) * width.itemsize,
                partial(_matrix, file, names, rows, width),
                whole=True,
                packed=file.size,
            )


def _matrix(file: StoredFile, names: list[str], rows: int, dtype: "np.dtype[Any]") -> Array:
    """(N, n) of columns of a dimension each, in whichever order their values come."""
    values = np.empty((rows, len(names)), dtype)
    missing = np.ones(values.shape, bool)
    place = {name: number for number, name in enumerate(names)}
    for row, name, value in items(file):
        if name in place and row < rows and type(value) in (int, float):
            with suppress(OverflowError):  # an integer beyond float64
                values[row, place[name]] = value
                missing[row, place[name]] = False
    unfit = np.flatnonzero(missing.any(axis=1)).tolist()
    if unfit:
        raise InputRefused(
            f"{file.path}, columns {names[0]!r} to {names[-1]!r}: no number in {len(unfit)} of "
            f"{rows} rows (rows {first_few(unfit)}).",
            "Remove or re-embed them.",
        )
    return values


def _read(file: StoredFile, name: str, rows: int) -> list[Any]:
    return list(_values(file, name, rows))


def _values(file: StoredFile, wanted: str, rows: int) -> Iterator[Any]:
    """The values of a column, None where a record has none. Refused if there are others now."""
    done = 0
    for row, name, value in items(file):
        if name == wanted:
            yield from [None] * (row - done)
            yield value
            done = row + 1
    yield from [None] * (rows - done)


def _unreadable() -> Array:
    raise AssertionError("a column without a dtype is refused before it is read")

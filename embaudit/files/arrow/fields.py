"""The fields of a schema as columns: lists and numbered families as vectors, all else plain."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import pyarrow as pa
from pyarrow import types

from embaudit.data import Array
from embaudit.errors import InputRefused
from embaudit.files.arrow.list_columns import first_length, is_list, plain_lists
from embaudit.files.arrow.plain import NUMBERS, plain_dtype
from embaudit.files.arrow.record_batches import (
    RecordBatches,
    column_values,
    family_blocks,
    stacked,
    validated,
    vector_blocks,
)
from embaudit.files.column import Column, Table, repeated, stored_name

NUMBERED = re.compile(r"(embedding|emb)_([0-9]{1,9})")


def first_lengths(
    schema: pa.Schema, look: Callable[[list[str]], Iterable[pa.RecordBatch]], path: str
) -> dict[str, int]:
    """Length of the first list of each column whose type does not tell it, 0 without one.

    look: batches of these columns, of which the first is read: one look for all. Raises
    InputRefused for columns of one name, which no look could tell apart.
    """
    if problem := repeated(schema.names):
        raise InputRefused(f"{path}: {problem}.", "Rename them.")
    names = [field.name for field in schema if _varies(field.type)]
    for batch in validated(look(names), names, path) if names else ():
        firsts = map(first_length, map(plain_lists, batch.columns))
        return {name: first or 0 for name, first in zip(names, firsts, strict=True)}
    return {}


def table_from(
    batches: RecordBatches, schema: pa.Schema, rows: int, lengths: dict[str, int]
) -> Table:
    """The table of a file of N rows; lengths: of the first lists, by the name of their column."""
    columns, families = [], defaultdict(list)
    for field in schema:
        column = _column(batches, field, rows, lengths.get(field.name, 0))
        numbered = NUMBERED.fullmatch(field.name)
        if numbered and len(column.shape) == 1:
            families[numbered[1]].append((int(numbered[2]), column))
        columns.append(column)
    columns += [_family(batches, prefix, members) for prefix, members in families.items()]
    # A constant column of labels is rightly small; of vectors it would be that of one point.
    size = batches.file.size
    return Table(
        batches.file,
        tuple(replace(one, packed=size) if len(one.shape) == 2 else one for one in columns),
    )


def _varies(kind: pa.DataType) -> bool:
    """Whether it is of numbers in lists whose length the schema does not tell."""
    return is_list(kind) and not types.is_fixed_size_list(kind) and kind.value_type in NUMBERS


def _column(batches: RecordBatches, field: pa.Field, rows: int, first: int) -> Column:
    """first: the length of the first list, where the type does not tell it."""
    kind, path = field.type, batches.file.path
    if isinstance(kind, pa.FixedShapeTensorType) and len(kind.shape) == 1:
        kind = kind.storage_type
    if is_list(kind):
        return _list_column(batches, field.name, kind, rows, first)
    dtype = plain_dtype(kind.value_type if types.is_dictionary(kind) else kind)
    if dtype is None:
        return Column(path, field.name, (rows,), None, str(kind), 0, _unreadable)
    nbytes = rows * (dtype.itemsize or 8)
    read = partial(column_values, batches, field.name, rows, dtype.kind in "US")
    return Column(path, field.name, (rows,), dtype, stored_name(dtype), nbytes, read)


def _list_column(
    batches: RecordBatches, name: str, kind: pa.DataType, rows: int, first: int
) -> Column:
    dtype, path = plain_dtype(kind.value_type), batches.file.path
    if dtype is None or dtype.kind not in "fiu":
        return Column(path, name, (rows,), None, str(kind), 0, _unreadable)
    fixed = types.is_fixed_size_list(kind)
    if fixed and kind.list_size < 0:
        raise InputRefused(f"{path}: column {name!r} has a damaged type.", "Save it again.")
    dim = kind.list_size if fixed else first
    nbytes = rows * dim * dtype.itemsize  # never the compressed size: 14 kB can be 1 GiB
    blocks = partial(vector_blocks, batches, name, (rows, dim))
    read = partial(stacked, blocks, (rows, dim), dtype)
    return Column(path, name, (rows, dim), dtype, dtype.name, nbytes, read, blocks)


def _unreadable() -> Array:
    raise AssertionError("a column without a dtype is refused before it is read")


def _family(batches: RecordBatches, prefix: str, members: list[tuple[int, Column]]) -> Column:
    """`emb_0 .. emb_n-1` as one column of vectors, named `emb_0..n-1`.

    Raises InputRefused where a number is missing; types that differ leave it without a dtype.
    """
    members = sorted(members, key=lambda member: member[0])
    numbers = [number for number, _ in members]
    if numbers != list(range(len(numbers))):
        missing = next(number for number, one in enumerate(numbers) if number != one)
        raise InputRefused(
            f"{batches.file.path}: the {len(numbers)} columns {prefix}_* are not numbered 0 to "
            f"{len(numbers) - 1}: {prefix}_{missing} is missing.",
            "Number them without gaps.",
        )
    columns = [column for _, column in members]
    rows, shape = columns[0].rows, (columns[0].rows, len(columns))
    stored = " and ".join(dict.fromkeys(column.stored for column in columns))
    dtype = columns[0].dtype if len({column.dtype for column in columns}) == 1 else None
    nbytes = sum(column.nbytes for column in columns)
    blocks = partial(family_blocks, batches, [column.name for column in columns], rows, dtype)
    read = partial(stacked, blocks, shape, dtype)
    name = f"{prefix}_0..{numbers[-1]}"
    return Column(batches.file.path, name, shape, dtype, stored, nbytes, read, blocks)

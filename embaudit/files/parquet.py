"""A `.parquet` file: vectors as lists or as one column a dimension, labels and ids beside them.

Described from the footer alone; the values then come in validated blocks of rows.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from embaudit.data import Array
from embaudit.errors import InputRefused, Problem
from embaudit.files.column import Column, Table, repeated, stored_name
from embaudit.files.faults import reading
from embaudit.files.lists import Flaws, first_length, is_list, matrix_of, plain_lists
from embaudit.files.source import StoredFile

FAULTS = (pa.ArrowException, ValueError, KeyError, OverflowError)
NUMBERS: dict[pa.DataType, "np.dtype[Any]"] = {  # `to_pandas_dtype` may want pandas itself
    pa.bool_(): np.dtype(bool),
    **{
        getattr(pa, f"{sign}int{bits}")(): np.dtype(f"{sign}int{bits}")
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    },
    **{getattr(pa, f"float{bits}")(): np.dtype(f"float{bits}") for bits in (16, 32, 64)},
}
BUFFER = 1 << 20  # bytes of a column chunk held at a time
BLOCK_VALUES = 1 << 22  # of vectors, converted at a time
NUMBERED = re.compile(r"(embedding|emb)_([0-9]{1,9})")


def describe(file: StoredFile) -> Table:
    """The table's columns from the file's footer; of values, only the first list of a column."""
    with reading(file.at, *FAULTS), _opened(file) as opened:
        schema, rows = opened.schema_arrow, opened.metadata.num_rows
        if problem := repeated(schema.names):
            raise InputRefused(f"{file.path}: {problem}.", "Rename them.")
        dims = _first_dims(opened, [field for field in schema if _varies(field.type)], file.path)
    columns, families = [], defaultdict(list)
    for field in schema:
        column = _describe_field(file, field, rows, dims.get(field.name, 0))
        numbered = NUMBERED.fullmatch(field.name)
        if numbered and len(column.shape) == 1:
            families[numbered[1]].append((int(numbered[2]), column))
        columns.append(column)
    joined = [_describe_family(file, name, members) for name, members in families.items()]
    # A constant column of labels is rightly small; of vectors it would be that of one point.
    packed = [replace(c, packed=file.size) if len(c.shape) == 2 else c for c in columns + joined]
    return Table(file, tuple(packed))


def _varies(kind: pa.DataType) -> bool:
    """Whether it is of numbers in lists whose length the schema does not tell."""
    return is_list(kind) and not types.is_fixed_size_list(kind) and kind.value_type in NUMBERS


def _describe_field(file: StoredFile, field: pa.Field, rows: int, first: int) -> Column:
    """first: the length of the first list, where the type does not tell it."""
    kind = field.type
    if isinstance(kind, pa.FixedShapeTensorType) and len(kind.shape) == 1:
        kind = kind.storage_type
    if is_list(kind):
        dtype = _dtype(kind.value_type)
        if dtype is None or dtype.kind not in "fiu":
            return Column(file.path, field.name, (rows,), None, str(kind), 0, _unreadable)
        fixed = types.is_fixed_size_list(kind)
        if fixed and kind.list_size < 0:
            raise InputRefused(
                f"{file.path}: column {field.name!r} has a damaged type.", "Save it again."
            )
        dim = kind.list_size if fixed else first
        nbytes = rows * dim * dtype.itemsize  # never the compressed size: 14 kB can be 1 GiB
        blocks = partial(_vector_blocks, file, field.name, (rows, dim))
        read = partial(_joined, blocks, (rows, dim), dtype)
        return Column(file.path, field.name, (rows, dim), dtype, dtype.name, nbytes, read, blocks)
    dtype = _dtype(kind.value_type if types.is_dictionary(kind) else kind)
    if dtype is None:
        return Column(file.path, field.name, (rows,), None, str(kind), 0, _unreadable)
    nbytes = rows * (dtype.itemsize or 8)
    read = partial(_read_values, file, field.name, rows, dtype.kind in "US")
    return Column(file.path, field.name, (rows,), dtype, stored_name(dtype), nbytes, read)


def _first_dims(opened: pq.ParquetFile, fields: list[pa.Field], path: str) -> dict[str, int]:
    """Length of the first list of each column, 0 without one: one look for all.

    The footer counts the values too, but asking pyarrow for that aborts the process where the
    footer is damaged: it checks the sizes then, and nothing catches its exception.
    """
    names = [field.name for field in fields]
    for batch in _batches_of(opened, names, 1, path) if names else ():
        firsts = map(first_length, map(plain_lists, batch.columns))
        return {name: first or 0 for name, first in zip(names, firsts, strict=True)}
    return {}


def _unreadable() -> Array:
    raise AssertionError("a column without a dtype is refused before it is read")


def _dtype(kind: pa.DataType) -> "np.dtype[Any] | None":
    """The numpy dtype of a plain type; None for nested types, decimals, times and nulls."""
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return np.dtype("U")
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return np.dtype("S")
    return NUMBERS.get(kind)


def _describe_family(file: StoredFile, prefix: str, members: list[tuple[int, Column]]) -> Column:
    """`emb_0 .. emb_n-1` as one column of vectors, named `emb_0..n-1`.

    Raises InputRefused where a number is missing or the types differ.
    """
    members = sorted(members, key=lambda member: member[0])
    numbers = [number for number, _ in members]
    if numbers != list(range(len(numbers))):
        missing = next(number for number, one in enumerate(numbers) if number != one)
        raise InputRefused(
            f"{file.path}: the {len(numbers)} columns {prefix}_* are not numbered 0 to "
            f"{len(numbers) - 1}: {prefix}_{missing} is missing.",
            "Number them without gaps.",
        )
    columns = [column for _, column in members]
    name = f"{prefix}_0..{numbers[-1]}"
    rows = columns[0].rows
    stored = " and ".join(dict.fromkeys(column.stored for column in columns))
    dtype = columns[0].dtype if len({column.dtype for column in columns}) == 1 else None
    nbytes = sum(column.nbytes for column in columns)
    shape = (rows, len(columns))
    blocks = partial(_family_blocks, file, [column.name for column in columns], rows, dtype)
    read = partial(_joined, blocks, shape, dtype)
    return Column(file.path, name, shape, dtype, stored, nbytes, read, blocks)


def _batches(
    file: StoredFile, names: list[str], *, rows: int = 65536, text: bool = False
) -> Iterator[pa.RecordBatch]:
    """The columns in validated blocks of rows. Text comes dictionary-encoded: small, and quick."""
    with _opened(file, names if text else None) as opened:
        yield from _batches_of(opened, names, rows, file.path)


def _batches_of(
    opened: pq.ParquetFile, names: list[str], rows: int, path: str
) -> Iterator[pa.RecordBatch]:
    for batch in opened.iter_batches(rows, columns=names, use_threads=False):
        batch.validate(full=True)
        if batch.schema.names != names:
            raise InputRefused(f"{path}: columns cannot be told apart by name.", "Rename them.")
        yield batch


@contextmanager
def _opened(file: StoredFile, texts: list[str] | None = None) -> Iterator[pq.ParquetFile]:
    """texts: columns to come dictionary-encoded. pyarrow gets no path, which it would open anew."""
    with (
        file.opened() as source,
        pq.ParquetFile(
            source,
            page_checksum_verification=True,
            read_dictionary=texts,
            buffer_size=BUFFER,
        ) as opened,
    ):
        yield opened


def _vector_blocks(file: StoredFile, name: str, shape: tuple[int, int]) -> Iterator[Array]:
    """Rows of a list column, lengths and nulls checked row by row; refused at the end."""
    rows, promised = shape
    flaws = Flaws(f"{file.path}, column {name!r}", rows)
    done, dim = 0, None
    with reading(file.at, *FAULTS):
        for batch in _batches(file, [name], rows=max(1, BLOCK_VALUES // max(1, promised))):
            lists = plain_lists(batch.column(0))
            dim = first_length(lists) if dim is None else dim
            values = matrix_of(lists, dim or 0, done, flaws)
            done += len(lists)
            if done > rows or (values is not None and dim != promised and not flaws.rows):
                raise InputRefused(_other_rows(file))
            if values is not None and not flaws.rows:
                yield values
    flaws.refuse()
    if done != rows:
        raise InputRefused(_other_rows(file))


def _family_blocks(
    file: StoredFile, names: list[str], rows: int, dtype: "np.dtype[Any] | None"
) -> Iterator[Array]:
    """Rows of one column a dimension; nulls are refused at the end."""
    flaws = Flaws(f"{file.path}, columns {names[0]!r} to {names[-1]!r}", rows)
    done = 0
    with reading(file.at, *FAULTS):
        for batch in _batches(file, names, rows=max(1, BLOCK_VALUES // len(names))):
            block = np.empty((len(batch), len(names)), dtype)
            for dimension, values in enumerate(batch.columns):
                null = values.is_null().to_numpy(zero_copy_only=False)
                if not flaws.note("null values", null, done):
                    block[:, dimension] = values.to_numpy()
            done += len(batch)
            if done > rows:
                raise InputRefused(_other_rows(file))
            if not flaws.rows:
                yield block
    flaws.refuse()
    if done != rows:
        raise InputRefused(_other_rows(file))


def _joined(
    blocks: Callable[[], Iterator[Array]], shape: tuple[int, int], dtype: "np.dtype[Any] | None"
) -> Array:
    """(N, n) of all blocks."""
    return np.concatenate([np.empty((0, shape[1]), dtype), *blocks()])


def _read_values(file: StoredFile, name: str, rows: int, text: bool) -> Array:
    """(N,) plain values; objects with None for null where there are nulls or text."""
    with reading(file.at, *FAULTS):
        try:
            blocks = [_values(batch.column(0)) for batch in _batches(file, [name], text=text)]
        except (OSError, pa.ArrowException):
            if not text:
                raise
            # Not every encoding comes so: of DELTA_BYTE_ARRAY, pyarrow has plain values only.
            blocks = _plain_text(file, name)
    if sum(map(len, blocks)) != rows:
        raise InputRefused(_other_rows(file))
    return np.concatenate(blocks) if blocks else np.empty(0, object)


def _plain_text(file: StoredFile, name: str) -> list[Array]:
    """Blocks of values that do not come dictionary-encoded.

    Raises InputRefused where the file's own schema declares a dictionary: pyarrow then insists.
    """
    try:
        return [_values(batch.column(0)) for batch in _batches(file, [name])]
    except OSError as error:
        if "DictAccumulator" not in str(error):
            raise
        told = f"{file.path}: column {name!r} is declared categorical, but is encoded as DELTA text"
        raise InputRefused(
            f"{told}, which pyarrow cannot read.",
            f"Save it as plain text, df[{name!r}].astype(str), or without that encoding.",
        ) from error


def _other_rows(file: StoredFile) -> Problem:
    return Problem(f"{file.path}: holds other rows than its footer says.", "Save it again.")


def _values(array: pa.Array) -> Array:
    if types.is_dictionary(array.type):  # by value: codes mean nothing beyond this block
        values: Array = np.empty(len(array.dictionary) + 1, object)  # the last stays None, for null
        values[:-1] = array.dictionary.to_pylist()
        return values[_codes(array)]
    if array.null_count or not types.is_primitive(array.type):
        return np.array([*array.to_pylist(), None], object)[:-1]
    plain: Array = array.to_numpy(zero_copy_only=False)
    return plain


def _codes(array: pa.Array) -> Array:
    """Indices into the dictionary, null as the one after its end."""
    codes: Array = array.indices.cast(pa.int64()).fill_null(len(array.dictionary)).to_numpy()
    return codes

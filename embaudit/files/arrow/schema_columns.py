"""The fields of a schema as columns: lists and numbered families as vectors, all else plain."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
from pyarrow import types

from embaudit.data import Array
from embaudit.data.array_coercion import squeezed
from embaudit.errors import InputRefused
from embaudit.files.arrow.arrow_to_numpy import decoded, plain_dtype
from embaudit.files.arrow.class_names import class_names, named
from embaudit.files.arrow.list_columns import first_length
from embaudit.files.arrow.record_batches import (
    FAULTS,
    RecordBatches,
    column_values,
    family_blocks,
    first_texts,
    stacked,
    validated,
    vector_blocks,
)
from embaudit.files.arrow.struct_fields import Leaf, leaves
from embaudit.files.arrow.text_vectors import is_text, looks_like_vector, text_lists
from embaudit.files.arrow.vector_forms import TEXT, VectorForm, form_of
from embaudit.files.column import Column, Table, repeated, stored_name
from embaudit.files.numerals.ambiguous_columns import refuse_undecided_values
from embaudit.files.read_faults import reading

NUMBERED = re.compile(r"(.{0,99}?)([0-9]{1,9})", re.DOTALL)  # `0`, `dim_0`, `emb_0`, `x0`
DECIDING = 1024  # rows from which it is told whether a numbered column may be no dimension
ALWAYS = ("embedding_", "emb_")  # are meant as dimensions whatever is missing


def first_lengths(
    schema: pa.Schema, look: Callable[[list[str]], Iterable[pa.RecordBatch]], path: str
) -> dict[str, int]:
    """Length of the first vector of each column whose type does not tell it, 0 without one.

    look: batches of these columns, of which the first is read: one look for all. Raises
    InputRefused for columns of one name, which no look could tell apart.
    """
    if problem := repeated(schema.names):
        raise InputRefused(f"{path}: {problem}.", "Rename them.")
    unknown = [(leaf, form) for leaf in leaves(schema) if (form := _untold(leaf.kind))]
    names = list(dict.fromkeys(leaf.path[0] for leaf, _ in unknown))
    for batch in validated(look(names), names, path) if names else ():
        return {
            leaf.name: first_length(form.lists(leaf.of(batch.column(leaf.path[0])))) or 0
            for leaf, form in unknown
        }
    return {}


def table_from(
    batches: RecordBatches, schema: pa.Schema, rows: int, lengths: dict[str, int]
) -> Table:
    """The table of a file of N rows; lengths: of the first vectors, by the name of their column."""
    columns, families = [], defaultdict(list)
    for leaf in leaves(schema):
        column = _column(batches, leaf, rows, lengths.get(leaf.name, 0), schema)
        numbered = NUMBERED.fullmatch(leaf.name)
        if numbered and len(leaf.path) == len(column.shape) == 1:
            families[numbered[1]].append((int(numbered[2]), column))
        columns.append(column)
    columns += _families(batches, families)
    # A constant column of labels is rightly small; of vectors it would be that of one point.
    size = batches.file.size
    return Table(
        batches.file,
        tuple(replace(one, packed=size) if len(one.shape) == 2 else one for one in columns),
    )


def _untold(kind: pa.DataType) -> VectorForm | None:
    """How it holds vectors, where the type does not tell their length."""
    form = form_of(kind)
    return None if form is None or form.dim is not None else form


def _column(batches: RecordBatches, leaf: Leaf, rows: int, first: int, schema: pa.Schema) -> Column:
    """first: the length of the first vector, where the type does not tell it."""
    kind, path = leaf.kind, batches.file.path
    form = form_of(kind)
    if form is not None:
        return _vectors(batches, leaf, form, (rows, first if form.dim is None else form.dim))
    plain = kind.value_type if types.is_dictionary(kind) else kind
    dtype = plain_dtype(plain)
    if dtype is None:
        return Column(path, leaf.name, (rows,), None, str(kind), 0, _unreadable)
    nbytes = rows * (dtype.itemsize or 8)
    read = partial(column_values, batches, leaf, rows, dtype.kind in "US")
    column = Column(path, leaf.name, (rows,), dtype, stored_name(dtype), nbytes, read)
    if is_text(kind):
        return replace(column, vectors=partial(_vectors_of_text, batches, leaf, rows))
    names = class_names(schema, leaf.path) if dtype.kind in "iu" else None
    if names is None:
        return column
    stored = f"{column.stored} (ClassLabel)"
    return replace(
        column, dtype=np.dtype("U"), stored=stored, read=lambda: named(read(), names), codes=read
    )


def _vectors(
    batches: RecordBatches, leaf: Leaf, form: VectorForm, shape: tuple[int, int]
) -> Column:
    """A column of vectors, (rows, dim)."""
    rows, dim = shape
    if dim < 0:
        raise InputRefused(
            f"{batches.file.path}: column {leaf.name!r} has a damaged type.", "Save it again."
        )
    nbytes = rows * dim * form.dtype.itemsize  # never the compressed size: 14 kB can be 1 GiB
    blocks = partial(vector_blocks, batches, leaf, form, shape)
    read = partial(stacked, blocks, shape, form.dtype)
    column = Column(
        batches.file.path,
        leaf.name,
        shape,
        form.dtype,
        form.dtype.name,
        nbytes,
        read,
        blocks,
    )
    if form.axes is None:
        return column
    return replace(column, notice=squeezed(column.where, (rows, *form.axes), shape))


def _vectors_of_text(batches: RecordBatches, leaf: Leaf, rows: int) -> Column | None:
    """A column of text as vectors, if the first text is one; read once such are looked for."""
    for text in first_texts(batches, leaf):
        if not looks_like_vector(text):
            return None
        dim = first_length(text_lists(pa.array([text]))) or 0
        column = _vectors(batches, leaf, TEXT, (rows, dim))
        return replace(column, stored="float64 as text", packed=batches.file.size)
    return None


def _unreadable() -> Array:
    raise AssertionError("a column without a dtype is refused before it is read")


def _families(
    batches: RecordBatches, found: Mapping[str, list[tuple[int, Column]]]
) -> Iterator[Column]:
    """A column of vectors for each set of columns that are numbered as dimensions are.

    Under the name of embeddings a gap is refused; other names may number what is no dimension.
    """
    for prefix, members in found.items():
        if prefix in ALWAYS:
            yield _family(batches, prefix, members)
            continue
        numbers = sorted(number for number, _ in members)
        numeric = all(c.dtype is not None and c.dtype.kind in "fiu" for _, c in members)
        if len(members) > 1 and numeric and numbers == list(range(len(numbers))):
            yield _family(batches, prefix, members)


def _family(batches: RecordBatches, prefix: str, members: list[tuple[int, Column]]) -> Column:
    """`emb_0 .. emb_n-1` as one column of vectors, named `emb_0..n-1`.

    Raises InputRefused where a number is missing; types that differ leave it without a dtype.
    """
    members = sorted(members, key=lambda member: member[0])
    numbers = [number for number, _ in members]
    if numbers != list(range(len(numbers))):
        missing = next(number for number, one in enumerate(numbers) if number != one)
        raise InputRefused(
            f"{batches.file.path}: the {len(numbers)} columns {prefix}* are not numbered 0 to "
            f"{len(numbers) - 1}: {prefix}{missing} is missing.",
            "Number them without gaps.",
        )
    columns = [column for _, column in members]
    rows, shape = columns[0].rows, (columns[0].rows, len(columns))
    stored = " and ".join(dict.fromkeys(column.stored for column in columns))
    dtype = columns[0].dtype if len({column.dtype for column in columns}) == 1 else None
    nbytes = sum(column.nbytes for column in columns)
    blocks = partial(family_blocks, batches, [column.name for column in columns], rows, dtype)
    read = partial(stacked, blocks, shape, dtype)
    name = f"{prefix}0..{numbers[-1]}"
    decide = None if prefix else partial(_decided, batches, [column.name for column in columns])
    return Column(
        batches.file.path, name, shape, dtype, stored, nbytes, read, blocks, vectors=decide
    )


def _decided(batches: RecordBatches, names: list[str]) -> None:
    """None: numbered columns have no other reading. Raises as `refuse_undecided_values`."""
    first, met = [], 0
    with reading(batches.file.at, *FAULTS):
        for batch in batches.of(names, DECIDING):
            first.append(np.stack([_numbers(values) for values in batch.columns], axis=1))
            met += len(batch)
            if met >= DECIDING:
                break
    if met:
        refuse_undecided_values(np.concatenate(first), batches.file.path)


def _numbers(values: pa.Array) -> Array:
    """As float64, NaN for null."""
    return np.asarray(decoded(values).to_numpy(zero_copy_only=False), np.float64)

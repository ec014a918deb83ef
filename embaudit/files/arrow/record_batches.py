"""Record batches of a file: validated, and as matrices of vectors block by block."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.data import Array
from embaudit.errors import InputRefused, Problem
from embaudit.files.arrow.arrow_to_numpy import decoded, plain_values
from embaudit.files.arrow.list_columns import Flaws, first_length, matrix_of
from embaudit.files.arrow.struct_fields import Leaf
from embaudit.files.arrow.vector_forms import BLOCK_VALUES, VectorForm
from embaudit.files.file_status import StoredFile
from embaudit.files.read_faults import reading

FAULTS = (pa.ArrowException, ValueError, KeyError, OverflowError)  # of a damaged file
ROWS = 65536  # of labels, at a time
FIRST_ROWS = 64  # in which a first value is looked for


@dataclass(frozen=True)
class RecordBatches:
    """The way to the values of a file.

    read(names, rows): these columns, in this order, in batches of at most so many rows.
    texts: the blocks of a column of text as plain values, where the format has a quicker way.
    fields: whether `read` also takes a field of a struct, as `struct.field`.
    """

    file: StoredFile
    read: Callable[[list[str], int], Iterable[pa.RecordBatch]]
    texts: Callable[[str], list[Array]] | None = None
    fields: bool = False

    def of(self, names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The batches of these columns, validated."""
        return validated(self.read(names, rows), names, self.file.path)

    def of_leaf(self, leaf: Leaf, rows: int) -> Iterator[pa.Array]:
        """The values of one column or field, batch by batch."""
        asked = leaf.name if self.fields else leaf.path[0]
        for batch in validated(self.read([asked], rows), [leaf.path[0]], self.file.path):
            yield leaf.of(batch.column(0))


def validated(
    batches: Iterable[pa.RecordBatch], names: list[str], path: str
) -> Iterator[pa.RecordBatch]:
    """The batches, each found sound and of exactly these columns."""
    for batch in batches:
        batch.validate(full=True)
        if batch.schema.names != names:
            raise InputRefused(f"{path}: columns cannot be told apart by name.", "Rename them.")
        yield batch


def vector_blocks(
    batches: RecordBatches, leaf: Leaf, form: VectorForm, shape: tuple[int, int]
) -> Iterator[Array]:
    """Rows of a column of vectors, lengths and nulls checked row by row; refused at the end."""
    rows, promised = shape
    flaws = Flaws(f"{batches.file.path}, column {leaf.name!r}", rows)
    done, dim = 0, None
    with reading(batches.file.at, *FAULTS):
        for values in batches.of_leaf(leaf, max(1, form.at_once // max(1, promised))):
            lists = form.lists(values)
            dim = first_length(lists) if dim is None else dim
            matrix = matrix_of(lists, dim or 0, done, flaws, form.unfit)
            done += len(lists)
            if done > rows or (matrix is not None and dim != promised and not flaws.rows):
                raise InputRefused(_other_rows(batches.file))
            if matrix is not None and not flaws.rows:
                yield matrix
    flaws.refuse()
    _check_rows(done, rows, batches.file)


def first_texts(batches: RecordBatches, leaf: Leaf) -> Iterator[str]:
    """The first text of a column that is not null, if there is one in its first rows."""
    with reading(batches.file.at, *FAULTS):
        for values in itertools.islice(batches.of_leaf(leaf, FIRST_ROWS), 1):
            yield from values.drop_null().slice(0, 1).to_pylist()


def family_blocks(
    batches: RecordBatches, names: list[str], rows: int, dtype: "np.dtype[Any] | None"
) -> Iterator[Array]:
    """Rows of one column a dimension; nulls are refused at the end."""
    flaws = Flaws(f"{batches.file.path}, columns {names[0]!r} to {names[-1]!r}", rows)
    done = 0
    with reading(batches.file.at, *FAULTS):
        for batch in batches.of(names, max(1, BLOCK_VALUES // len(names))):
            block = np.empty((len(batch), len(names)), dtype)
            for dimension, values in enumerate(batch.columns):
                null = values.is_null().to_numpy(zero_copy_only=False)
                if not flaws.note("null values", null, done):
                    block[:, dimension] = decoded(values).to_numpy()
            done += len(batch)
            if done > rows:
                raise InputRefused(_other_rows(batches.file))
            if not flaws.rows:
                yield block
    flaws.refuse()
    _check_rows(done, rows, batches.file)


def stacked(
    blocks: Callable[[], Iterator[Array]], shape: tuple[int, int], dtype: "np.dtype[Any] | None"
) -> Array:
    """(N, n) of all blocks."""
    return np.concatenate([np.empty((0, shape[1]), dtype), *blocks()])


def column_values(batches: RecordBatches, leaf: Leaf, rows: int, text: bool) -> Array:
    """(N,) plain values; objects with None for null where there are nulls or text."""
    with reading(batches.file.at, *FAULTS):
        if text and batches.texts is not None and len(leaf.path) == 1:
            blocks = batches.texts(leaf.name)
        else:
            blocks = [plain_values(values) for values in batches.of_leaf(leaf, ROWS)]
    _check_rows(sum(map(len, blocks)), rows, batches.file)
    return np.concatenate(blocks) if blocks else np.empty(0, object)


def _check_rows(done: int, rows: int, file: StoredFile) -> None:
    if done != rows:
        raise InputRefused(_other_rows(file))


def _other_rows(file: StoredFile) -> Problem:
    return Problem(f"{file.path}: holds other rows than its footer says.", "Save it again.")

"""Record batches of a file: validated, and as matrices of vectors block by block."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.data import Array
from embaudit.errors import InputRefused, Problem
from embaudit.files.arrow.list_columns import Flaws, first_length, matrix_of, plain_lists
from embaudit.files.arrow.plain import plain_values
from embaudit.files.file_status import StoredFile
from embaudit.files.read_faults import reading

FAULTS = (pa.ArrowException, ValueError, KeyError, OverflowError)  # of a damaged file
ROWS = 65536  # of labels, at a time
BLOCK_VALUES = 1 << 22  # of vectors, converted at a time


@dataclass(frozen=True)
class RecordBatches:
    """The way to the values of a file.

    read(names, rows): these columns, in this order, in batches of at most so many rows.
    texts: the blocks of a column of text as plain values, where the format has a quicker way.
    """

    file: StoredFile
    read: Callable[[list[str], int], Iterable[pa.RecordBatch]]
    texts: Callable[[str], list[Array]] | None = None

    def of(self, names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
        """The batches of these columns, validated."""
        return validated(self.read(names, rows), names, self.file.path)


def validated(
    batches: Iterable[pa.RecordBatch], names: list[str], path: str
) -> Iterator[pa.RecordBatch]:
    """The batches, each found sound and of exactly these columns."""
    for batch in batches:
        batch.validate(full=True)
        if batch.schema.names != names:
            raise InputRefused(f"{path}: columns cannot be told apart by name.", "Rename them.")
        yield batch


def vector_blocks(batches: RecordBatches, name: str, shape: tuple[int, int]) -> Iterator[Array]:
    """Rows of a list column, lengths and nulls checked row by row; refused at the end."""
    rows, promised = shape
    flaws = Flaws(f"{batches.file.path}, column {name!r}", rows)
    done, dim = 0, None
    with reading(batches.file.at, *FAULTS):
        for batch in batches.of([name], max(1, BLOCK_VALUES // max(1, promised))):
            lists = plain_lists(batch.column(0))
            dim = first_length(lists) if dim is None else dim
            values = matrix_of(lists, dim or 0, done, flaws)
            done += len(lists)
            if done > rows or (values is not None and dim != promised and not flaws.rows):
                raise InputRefused(_other_rows(batches.file))
            if values is not None and not flaws.rows:
                yield values
    flaws.refuse()
    _check_rows(done, rows, batches.file)


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
                    block[:, dimension] = values.to_numpy()
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


def column_values(batches: RecordBatches, name: str, rows: int, text: bool) -> Array:
    """(N,) plain values; objects with None for null where there are nulls or text."""
    with reading(batches.file.at, *FAULTS):
        if text and batches.texts is not None:
            blocks = batches.texts(name)
        else:
            blocks = [plain_values(batch.column(0)) for batch in batches.of([name], ROWS)]
    _check_rows(sum(map(len, blocks)), rows, batches.file)
    return np.concatenate(blocks) if blocks else np.empty(0, object)


def _check_rows(done: int, rows: int, file: StoredFile) -> None:
    if done != rows:
        raise InputRefused(_other_rows(file))


def _other_rows(file: StoredFile) -> Problem:
    return Problem(f"{file.path}: holds other rows than its footer says.", "Save it again.")

"""What Python holds, as the tables of files: chosen, checked and read the same way.

Who holds it is told by protocol: what speaks Arrow (`__arrow_c_stream__`, `__arrow_c_array__`), or
is a data set of which Arrow is a format. No library of theirs is imported.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import types

from embaudit.core.location import Location
from embaudit.data import Array
from embaudit.data.finite_values import row_blocks
from embaudit.errors import InputRefused
from embaudit.files.arrow.list_columns import is_list
from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
from embaudit.files.arrow.schema_columns import first_lengths, table_from
from embaudit.files.column import Column, Table, stored_name
from embaudit.files.column_roles import EMBEDDINGS, LABELS
from embaudit.files.file_status import Status, StoredFile

STREAM, ARRAY = "__arrow_c_stream__", "__arrow_c_array__"
UNNAMED_INDEX = re.compile(r"__index_level_[0-9]+__")  # as pandas hands over an index
WRONG = (*FAULTS, TypeError, AttributeError, NotImplementedError)  # of what is no table after all


@dataclass(frozen=True)
class HeldFile(StoredFile):
    """In the place of a file: what is held does not change, and has no bytes but its values."""

    digest: Callable[[], str] = str

    def sha256(self) -> str:
        """Of the values."""
        return self.digest()

    def check_unchanged(self) -> None:
        """It is held."""


def held_table(values: Any, role: str, *, labelled_apart: bool) -> Table | None:
    """The table of a frame, of record batches, of a data set or of a column of vectors, else None.

    labelled_apart: whether its labels are given elsewhere. None as well for what is plain numbers
    and no more: numpy has it as a matrix. Raises InputRefused for what cannot be had as Arrow.
    """
    if not (_is_dataset(values) or hasattr(values, STREAM) or hasattr(values, ARRAY)):
        return None
    try:
        table = _arrow(values)
    except MemoryError:
        raise
    except WRONG as error:
        if hasattr(values, "__array__"):
            return None  # numpy may have a way, and says what is wrong
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise InputRefused(
            f"{role}: cannot be had as a table of Arrow: {reason[:200].rstrip('. ')}.",
            "Give a matrix: numpy.stack(df['embedding']).",
        ) from error
    if table is None or _is_matrix(table, labelled_apart):
        return None
    path = "<table>" if role == "embeddings" else f"<{role}>"
    file = _held(path, "table", table.nbytes, partial(_digest_of_table, table))
    lengths = first_lengths(table.schema, partial(_batches, table, rows=1), path)
    return table_from(
        RecordBatches(file, partial(_batches, table)), table.schema, len(table), lengths
    )


def held_array(array: Array, path: str, digest: Callable[[], str]) -> Table:
    """The table of one array (N, n) or (N,), which has no name."""
    file = _held(path, "array", array.nbytes, digest)
    kind = stored_name(array.dtype)
    blocks = partial(row_blocks, array) if array.ndim == 2 else None
    read: Callable[[], Any] = partial(np.asarray, array)
    column = Column(path, "", array.shape, array.dtype, kind, array.nbytes, read, blocks)
    return Table(file, (column,))


def held_labels(labels: Sequence[Any], path: str, digest: Callable[[], str]) -> Table:
    """The table of plain labels, one a row."""
    file = _held(path, "array", len(labels), digest)
    shape, dtype = (len(labels),), np.dtype(object)
    column = Column(path, "", shape, dtype, "labels", 0, lambda: list(labels))
    return Table(file, (column,))


def _held(path: str, kind: str, nbytes: int, digest: Callable[[], str]) -> HeldFile:
    return HeldFile(Location(path), kind, Status("file", nbytes, ()), digest=digest)


def _is_dataset(values: Any) -> bool:
    """Whether it is a data set that gives itself in the format that is asked for."""
    return hasattr(values, "with_format") and hasattr(values, "features")


def _arrow(values: Any) -> pa.Table | None:
    """The table, or the vectors as its only column; None for a column of something else."""
    if _is_dataset(values):
        return values.with_format("arrow")[:]
    named = any(hasattr(values, name) for name in ("column_names", "columns", "schema"))
    if named:
        table = pa.table(values)
        unnamed = [name for name in table.column_names if UNNAMED_INDEX.fullmatch(name)]
        return table.drop_columns(unnamed)
    column = pa.chunked_array(values) if hasattr(values, STREAM) else pa.array(values)
    kind = (
        column.type.storage_type if isinstance(column.type, pa.BaseExtensionType) else column.type
    )
    return pa.table({EMBEDDINGS.names[0]: column}) if is_list(kind) else None


def _is_matrix(table: pa.Table, labelled_apart: bool) -> bool:
    """Whether its columns are the dimensions: plain numbers that nothing tells to be otherwise."""
    if not all(types.is_integer(kind) or types.is_floating(kind) for kind in table.schema.types):
        return False
    told = (*EMBEDDINGS.names, *(() if labelled_apart else LABELS.names))
    return not any(name.split("_")[0] in told or name in told for name in table.column_names)


def _batches(table: pa.Table, names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    yield from table.select(names).to_batches(max_chunksize=rows)


def _digest_of_table(table: pa.Table) -> str:
    """SHA-256 of its values, as a stream of Arrow has them, in their chunks."""
    digest = hashlib.sha256()

    class Sink:
        closed = False

        def write(self, part: Any) -> int:
            digest.update(part)
            return len(part)

        def flush(self) -> None: ...

    with pa.ipc.new_stream(pa.PythonFile(Sink(), mode="w"), table.schema) as stream:
        stream.write(table)
    return digest.hexdigest()

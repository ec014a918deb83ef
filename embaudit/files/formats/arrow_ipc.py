"""An `.arrow`, `.ipc` or `.feather` file: a stream of record batches, with a footer or not.

Nothing is mapped: where a file shrinks, a read would crash.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pyarrow as pa
from pyarrow import ipc

from embaudit.files.arrow.fields import first_lengths, table_from
from embaudit.files.arrow.ipc_messages import DAMAGE, extent_of
from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
from embaudit.files.column import FREELY, Table
from embaudit.files.file_status import StoredFile
from embaudit.files.read_faults import reading


def describe(file: StoredFile) -> Table:
    """The columns of its schema; rows and sizes from the headers of its messages.

    A batch is read whole, so that of a file of vast ones a column counts as read whole.
    """
    with reading(file.at, *FAULTS, *DAMAGE):
        with file.opened() as handle:
            extent = extent_of(handle, file)
        with _opened(file, extent.start, None) as stream:
            schema = stream.schema
        batches = partial(_batches, file, schema, extent.start)
        lengths = first_lengths(schema, partial(batches, rows=1), file.path)
    table = table_from(RecordBatches(file, batches), schema, extent.rows, lengths)
    if extent.largest <= FREELY:
        return table
    return replace(table, columns=tuple(replace(one, whole=True) for one in table.columns))


def _batches(
    file: StoredFile, schema: pa.Schema, start: int, names: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    with _opened(file, start, [schema.names.index(name) for name in names]) as stream:
        for batch in stream:
            for at in range(0, len(batch), rows):
                yield batch.slice(at, rows).select(names)


@contextmanager
def _opened(
    file: StoredFile, start: int, fields: list[int] | None
) -> Iterator[ipc.RecordBatchStreamReader]:
    """The stream in it. fields: those that are decompressed."""
    options = ipc.IpcReadOptions(use_threads=False, included_fields=fields or [])
    with file.opened() as handle:
        handle.seek(start)
        with ipc.open_stream(pa.PythonFile(handle, mode="r"), options=options) as stream:
            yield stream

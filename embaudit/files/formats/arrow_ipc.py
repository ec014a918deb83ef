"""An `.arrow`, `.ipc` or `.feather` file: a stream of record batches, with a footer or not.

Nothing is mapped: where a file shrinks, a read would crash.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pyarrow as pa
from pyarrow import ipc

from embaudit.files.arrow.ipc_messages import DAMAGE, extent_of
from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
from embaudit.files.arrow.schema_columns import first_lengths, table_from
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
        with _opened(file, extent.footed, None) as (found, _):
            schema = found
        batches = partial(_batches, file, schema, extent.footed)
        lengths = first_lengths(schema, partial(batches, rows=1), file.path)
    table = table_from(RecordBatches(file, batches), schema, extent.rows, lengths)
    if extent.largest <= FREELY:
        return table
    return replace(table, columns=tuple(replace(one, whole=True) for one in table.columns))


def _batches(
    file: StoredFile, schema: pa.Schema, footed: bool, names: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    with _opened(file, footed, [schema.names.index(name) for name in names]) as (_, batches):
        for batch in batches:
            for at in range(0, len(batch), rows):
                yield batch.slice(at, rows).select(names)


@contextmanager
def _opened(
    file: StoredFile, footed: bool, fields: list[int] | None
) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """Its schema and batches. fields: those that are decompressed."""
    options = ipc.IpcReadOptions(use_threads=False, included_fields=fields or [])
    with file.opened() as handle:
        source = pa.PythonFile(handle, mode="r")
        if footed:
            with ipc.open_file(source, options=options) as listed:
                yield listed.schema, map(listed.get_batch, range(listed.num_record_batches))
        else:
            with ipc.open_stream(source, options=options) as stream:
                yield stream.schema, iter(stream)

"""A `.parquet` file: described from its footer, its values in validated blocks of rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq

from embaudit.data import Array
from embaudit.errors import InputRefused
from embaudit.files.arrow.arrow_to_numpy import plain_values
from embaudit.files.arrow.record_batches import FAULTS, ROWS, RecordBatches, validated
from embaudit.files.arrow.schema_columns import first_lengths, table_from
from embaudit.files.column import Table
from embaudit.files.file_status import StoredFile
from embaudit.files.read_faults import reading

BUFFER = 1 << 20  # bytes of a column chunk held at a time


def describe(file: StoredFile) -> Table:
    """The table's columns from the file's footer; of values, only the first list of a column.

    The footer counts the values too, but asking pyarrow for that aborts the process where the
    footer is damaged: it checks the sizes then, and nothing catches its exception.
    """
    with reading(file.at, *FAULTS), _opened(file) as opened:
        schema, rows = opened.schema_arrow, opened.metadata.num_rows
        lengths = first_lengths(schema, partial(_from, opened, rows=1), file.path)
    batches = RecordBatches(file, partial(_batches, file), partial(_texts, file), fields=True)
    return table_from(batches, schema, rows, lengths)


def _batches(
    file: StoredFile, names: list[str], rows: int, *, coded: bool = False
) -> Iterator[pa.RecordBatch]:
    """coded: text comes dictionary-encoded: small, and quick."""
    with _opened(file, names if coded else None) as opened:
        yield from _from(opened, names, rows)


def _from(opened: pq.ParquetFile, names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    batches: Iterator[pa.RecordBatch] = opened.iter_batches(rows, columns=names, use_threads=False)
    return batches


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


def _texts(file: StoredFile, name: str) -> list[Array]:
    """Blocks of the values of a column of text.

    Not every encoding comes as a dictionary: of DELTA_BYTE_ARRAY, pyarrow has plain values only.
    Raises InputRefused where the file's own schema declares a dictionary: pyarrow then insists.
    """
    try:
        return _blocks_of(file, name, coded=True)
    except (OSError, pa.ArrowException):
        pass
    try:
        return _blocks_of(file, name, coded=False)
    except OSError as error:
        if "DictAccumulator" not in str(error):
            raise
        cause = (
            f"{file.path}: column {name!r} is declared categorical, but is encoded as DELTA text"
        )
        raise InputRefused(
            f"{cause}, which pyarrow cannot read.",
            f"Save it as plain text, df[{name!r}].astype(str), or without that encoding.",
        ) from error


def _blocks_of(file: StoredFile, name: str, *, coded: bool) -> list[Array]:
    batches = validated(_batches(file, [name], ROWS, coded=coded), [name], file.path)
    return [plain_values(batch.column(0)) for batch in batches]

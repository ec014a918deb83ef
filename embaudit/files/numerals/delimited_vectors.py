"""Vectors in delimited text: a column a dimension, or a cell of text a vector."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from embaudit.errors import InputRefused, first_few
from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
from embaudit.files.arrow.schema_columns import table_from
from embaudit.files.arrow.text_vectors import text_lists
from embaudit.files.column import Column, Table
from embaudit.files.file_status import StoredFile
from embaudit.files.numerals.delimited_layout import THOUSANDS, Layout, plain_numbers
from embaudit.files.numerals.number_width import NumberWidth
from embaudit.files.read_faults import reading

BLOCK_BYTES = 4 << 20  # of text, parsed at a time; no record may be longer
NULLS = ["", "NA", "N/A", "null", "NULL", "None"]
FAULT = re.compile(r"(?:In CSV column #(\d+): )?(?:CSV parse error: )?Row #(\d+): (.*)", re.DOTALL)
ABBREVIATED = re.compile(r"\.\.\.|…")
LONG_RECORD = "straddl"
DECIMAL_COMMA = re.compile(r"invalid value '(-?[0-9]+(?:,[0-9]+)+)")


def described(file: StoredFile, layout: Layout) -> Table:
    """The table of a text with vectors, all other columns of it as text.

    All of the text is read once: it has no header that tells how many rows there are.
    """
    vectors = [*layout.families, *layout.cells]
    rows, width, dims = 0, NumberWidth(), dict.fromkeys(vectors, 0)
    unfit = _Unfit(file, layout)
    with _told(file, layout):
        for batch in _parsed(file, layout, vectors, pa.float64()):
            for name, column in zip(vectors, batch.columns, strict=True):
                unfit.note(name, column, rows)
                known = column.flatten().drop_null()
                width.note(known.to_numpy(zero_copy_only=False))
                dims[name] = dims[name] or len(column[0].as_py() or ())
            rows += len(batch)
    kind = pa.from_numpy_dtype(width.dtype)
    types = {name: _list_type(layout, name, kind) for name in vectors}
    schema = pa.schema({**{name: pa.string() for name in layout.texts}, **types})
    batches = RecordBatches(file, partial(_batches, file, layout, kind))
    table = table_from(batches, schema, rows, dims)
    columns = (unfit.told(replace(one, untyped=len(one.shape) == 1), rows) for one in table.columns)
    return replace(table, columns=tuple(columns))


def _list_type(layout: Layout, name: str, kind: pa.DataType) -> pa.DataType:
    names = layout.families.get(name)
    return pa.large_list(kind) if names is None else pa.list_(kind, len(names))


def _batches(
    file: StoredFile, layout: Layout, kind: pa.DataType, names: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    with _told(file, layout):
        for batch in _parsed(file, layout, names, kind):
            for start in range(0, len(batch), rows):
                yield batch.slice(start, rows)


def _parsed(
    file: StoredFile, layout: Layout, names: list[str], kind: pa.DataType
) -> Iterator[pa.RecordBatch]:
    """Blocks of these columns, vectors among them as lists of `kind`."""
    types: dict[str, pa.DataType] = {}
    for name in names:
        for column in layout.families.get(name, (name,)):
            types[column] = kind if name in layout.families else pa.string()
    if not types:
        return
    with file.opened() as handle:
        source = _Quotes(handle, layout.quoted)
        reader = csv.open_csv(
            pa.PythonFile(source, mode="r"),
            csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                column_names=list(layout.columns),
                skip_rows_after_names=layout.header,
            ),
            csv.ParseOptions(
                delimiter=layout.delimiter,
                quote_char='"' if layout.quoted else False,
                newlines_in_values=True,
                ignore_empty_lines=False,
            ),
            csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                strings_can_be_null=False,
                null_values=NULLS,
            ),
        )
        with reader as blocks:
            for block in blocks:
                columns = [_column(block, layout, name, kind) for name in names]
                yield pa.RecordBatch.from_arrays(columns, names)
        source.check(file)


def _column(block: pa.RecordBatch, layout: Layout, name: str, kind: pa.DataType) -> pa.Array:
    members = layout.families.get(name)
    if members is not None:
        values = [block.column(member) for member in members]
        matrix = np.column_stack([_plain(column) for column in values]).reshape(-1)
        null = np.column_stack([_null(column) for column in values]).reshape(-1)
        flat = pa.array(matrix, kind, mask=null if null.any() else None)
        return pa.FixedSizeListArray.from_arrays(flat, len(members))
    if name in layout.cells:
        return text_lists(block.column(name)).cast(pa.large_list(kind))
    column = block.column(name)
    return compute.utf8_ltrim_whitespace(column) if layout.spaced else column


def _plain(column: pa.Array) -> Any:
    return column.fill_null(0).to_numpy(zero_copy_only=False)


def _null(column: pa.Array) -> Any:
    return column.is_null().to_numpy(zero_copy_only=False)


class _Quotes:
    """A file that is read, and how many quotes were met: an open one swallows what follows."""

    def __init__(self, handle: Any, quoted: bool) -> None:
        self._handle, self._quoted, self._count = handle, quoted, 0
        self._ends = b""  # of lines: blank ones at the end of the file are no rows
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        while more := self._handle.read(size if size < 0 else max(1, size - len(self._ends))):
            self._count += more.count(b'"') if self._quoted else 0
            data: bytes = self._ends + more
            kept = data.rstrip(b"\r\n")
            if not kept and 0 <= size <= len(data):  # more blank lines than are held back
                kept = data
            self._ends = data[len(kept) :]
            if kept:
                return kept
        return b""

    def close(self) -> None:
        self.closed = True

    def check(self, file: StoredFile) -> None:
        if self._count % 2:
            raise InputRefused(
                f"{file.path}: is no valid CSV (a quote is never closed).", "Close it."
            )


class _Unfit:
    """Cells that are no vector, of each column of such cells."""

    def __init__(self, file: StoredFile, layout: Layout) -> None:
        self.path = file.path
        self.file, self.layout = file, layout
        self.rows: dict[str, list[int]] = {name: [] for name in layout.cells}

    def note(self, name: str, lists: pa.Array, start: int) -> None:
        if name in self.rows:
            self.rows[name] += (start + np.flatnonzero(_null(lists))).tolist()

    def told(self, column: Column, total: int) -> Column:
        """A column that is refused once it is read, where it has such cells: it may not be."""
        rows = self.rows.get(column.name)
        if not rows:
            return column
        refuse = partial(self._refuse, column, rows, total)
        return replace(column, read=refuse, blocks=refuse)

    def _refuse(self, column: Column, rows: list[int], total: int) -> NoReturn:
        raise InputRefused(
            f"{column.where}: texts that are no vector of numbers in {len(rows)} of {total} rows "
            f"(row {first_few(rows)}).",
            self._remedy(column.name, rows[0]),
        )

    def _remedy(self, name: str, row: int) -> str:
        if ABBREVIATED.search(_cell(self.file, self.layout, name, row)):
            return "numpy left values out with '...': save row.tolist() instead of row."
        return "Remove or re-embed them."


def _cell(file: StoredFile, layout: Layout, name: str, row: int) -> str:
    """The text of one cell."""
    plain = Layout(layout.delimiter, layout.quoted, layout.header, layout.columns, {}, ())
    for batch in _parsed(file, plain, [name], pa.float64()):
        if row < len(batch):
            return str(batch.column(0)[row].as_py())
        row -= len(batch)
    return ""


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")[:200].rstrip(". ")


@contextmanager
def _told(file: StoredFile, layout: Layout) -> Iterator[None]:
    """What the parser finds wrong, in words of ours: the record and the column."""
    with reading(file.at, *FAULTS):
        try:
            yield
        except pa.ArrowInvalid as error:
            told = FAULT.match(str(error))
            if LONG_RECORD in str(error):
                raise InputRefused(
                    f"{file.path}: a record is longer than {BLOCK_BYTES >> 20} MiB.",
                    "Is a quote never closed? Else save the vectors as .npy or .parquet.",
                ) from error
            if told is None:
                raise
            column = f", column {layout.columns[int(told[1])]!r}" if told[1] else ""
            if comma := DECIMAL_COMMA.search(told[3]):
                thousands = THOUSANDS.fullmatch(comma[1]) is not None
                what = "commas between thousands" if thousands else "a decimal comma"
                raise InputRefused(
                    f"{file.path}: record {told[2]}{column}: a number with {what}.",
                    plain_numbers(file.path, layout.delimiter, thousands=thousands),
                ) from error
            raise InputRefused(
                f"{file.path}: record {told[2]}{column}: {_first_line(told[3])}.",
                "Fix that record.",
            ) from error

"""A `.csv` or `.tsv` file: labels as text, in columns that the first line names."""

import csv
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from embaudit.errors import InputRefused
from embaudit.files.column import Table, repeated
from embaudit.files.file_status import StoredFile
from embaudit.files.formats import lines
from embaudit.files.separated_fields import separator_of

FIELD_LIMIT = threading.Lock()  # the csv module has one limit for the whole process


def describe(file: StoredFile) -> Table:
    """One column of text a header name.

    A .csv is as RFC 4180 has it; a BOM and CRLF are accepted, and semicolons, tabs, bars or blanks
    instead of commas. A .tsv is as the embedding projector
    has it: tabs between the fields and no quotes, and without any tab one label a line.
    Raises InputRefused for ragged rows, blank lines and stray quotes, naming the line.
    """
    text = lines.decoded(file)
    if file.format == "csv":  # newline="" keeps line ends inside quotes as they are
        lines_of = io.StringIO(text, newline="")
        return _described(file, csv.reader(lines_of, delimiter=separator_of(text), strict=True))
    if "\t" not in text:
        return lines.describe(file)
    unquoted = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    return _described(file, unquoted)


def _described(file: StoredFile, records: Any) -> Table:
    """The columns that a reader of records finds."""
    rows: list[list[str]] = []
    try:
        with _fields_of_any_length():
            header: list[str] = next(records, [])
            for row in records:
                if len(row) != len(header):
                    held = f"has {len(row)} fields" if row else "is empty"
                    raise InputRefused(
                        f"{file.path}: the record ending in line {records.line_num} {held}, the "
                        f"header has {len(header)}.",
                        "Fix that line.",
                    )
                rows.append(row)
    except csv.Error as error:
        raise InputRefused(
            f"{file.path}: line {records.line_num} is no valid CSV ({error}).", "Fix that line."
        ) from error
    if not header:
        raise InputRefused(f"{file.path}: has no header.", "Name the columns in the first line.")
    if problem := repeated(header):
        raise InputRefused(f"{file.path}: {problem}.", "Rename them.")
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    columns = (lines.text_column(file, *named) for named in zip(header, values, strict=True))
    return Table(file, tuple(columns))


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    with FIELD_LIMIT:
        before = csv.field_size_limit(sys.maxsize)
        try:
            yield
        finally:
            csv.field_size_limit(before)

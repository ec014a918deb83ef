"""A `.csv` or `.tsv` file: labels as text, in columns that the first line names, or vectors."""

import csv
import io
from typing import Any

from embaudit.errors import InputRefused
from embaudit.files.column import Table, repeated
from embaudit.files.delimiter_sniffer import separator_of
from embaudit.files.file_status import StoredFile
from embaudit.files.formats import txt
from embaudit.files.numerals.delimited_layout import HEAD, fields_of_any_length, layout_of
from embaudit.files.read_faults import reading


def describe(file: StoredFile) -> Table:
    """One column of text a header name.

    A .csv is as RFC 4180 has it; a BOM and CRLF are accepted, and semicolons, tabs, bars or blanks
    instead of commas. A .tsv is as the embedding projector
    has it: tabs between the fields and no quotes, and without any tab one label a line.
    Where its first records hold vectors, these are read as numbers, in blocks, and all else as
    text; any delimiter will do, and of numbers alone no header is needed.
    Raises InputRefused for ragged rows, blank lines and stray quotes, naming the line.
    """
    with reading(file.at), file.opened() as handle:
        head = handle.read(HEAD)
    quoted = file.format == "csv" or b'\t"[' in head or head[:2] == b'"['
    if (layout := layout_of(head, file.path, quoted=quoted)) is not None:
        from embaudit.files.numerals import delimited_vectors  # labels alone cost no pyarrow

        return delimited_vectors.described(file, layout)
    text = txt.decoded(file)
    if file.format == "csv":  # newline="" keeps line ends inside quotes as they are
        lines_of = io.StringIO(text, newline="")
        mark = separator_of(text)
        first = text.partition("\n")[0]
        spaced = mark != " " and first.count(mark) == first.count(f"{mark} ") > 0
        reader = csv.reader(lines_of, delimiter=mark, strict=True, skipinitialspace=spaced)
        return _described(file, reader)
    if "\t" not in text:
        return txt.describe(file)
    unquoted = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    return _described(file, unquoted)


def _described(file: StoredFile, records: Any) -> Table:
    """The columns that a reader of records finds."""
    rows: list[list[str]] = []
    try:
        with fields_of_any_length():
            header: list[str] = next(records, [])
            blank = 0
            for row in records:
                if not row:  # at the end it says nothing
                    blank = blank or records.line_num
                    continue
                if blank:
                    raise InputRefused(
                        f"{file.path}: the record ending in line {blank} is empty, the header has "
                        f"{len(header)}.",
                        "Fix that line.",
                    )
                if len(row) != len(header):
                    raise InputRefused(
                        f"{file.path}: the record ending in line {records.line_num} has "
                        f"{len(row)} fields, the header has {len(header)}.",
                        "Fix that line.",
                    )
                rows.append(row)
    except csv.Error as error:
        raise InputRefused(
            f"{file.path}: line {records.line_num} is no valid CSV ({error}).", "Fix that line."
        ) from error
    if not header and not any(rows):
        raise InputRefused(f"{file.path}: is empty: its lines are blank.", "Save a line a row.")
    if not header:
        raise InputRefused(f"{file.path}: has no header.", "Name the columns in the first line.")
    if problem := repeated(header):
        raise InputRefused(f"{file.path}: {problem}.", "Rename them.")
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    columns = (txt.text_column(file, *named) for named in zip(header, values, strict=True))
    return Table(file, tuple(columns))

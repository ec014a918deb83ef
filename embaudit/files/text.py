"""Labels as text: a `.csv` with a header, or a `.txt` with one label a line.

Everything stays text: '1', 'NA' and 'nan' are names of classes, not numbers or nulls.
"""

import csv
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from embaudit.errors import InputRefused
from embaudit.files.column import Column, Table, repeated
from embaudit.files.faults import reading
from embaudit.files.source import StoredFile
from embaudit.machine import readable

LARGEST_TEXT = 256 << 20  # its values as Python objects take some ten times that
FIELD_LIMIT = threading.Lock()  # the csv module has one limit for the whole process


def describe_csv(file: StoredFile) -> Table:
    """One column of text a header name (RFC 4180; a BOM and CRLF are accepted).

    Raises InputRefused for ragged rows, blank lines and stray quotes, naming the line.
    """
    # newline="" keeps line ends inside quotes as they are
    return _described(file, csv.reader(io.StringIO(_decoded(file), newline=""), strict=True))


def describe_tsv(file: StoredFile) -> Table:
    """The same with tabs between the fields and no quotes, as the embedding projector has it.

    Where there are no tabs, it is one label a line without a header, as there.
    """
    text = _decoded(file)
    if "\t" not in text:
        return describe_txt(file)
    lines = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    return _described(file, lines)


def _described(file: StoredFile, lines: Any) -> Table:
    """The columns that a reader of records finds."""
    rows: list[list[str]] = []
    try:
        with _fields_of_any_length():
            header: list[str] = next(lines, [])
            for row in lines:
                if len(row) != len(header):
                    held = f"has {len(row)} fields" if row else "is empty"
                    raise InputRefused(
                        f"{file.path}: the record ending in line {lines.line_num} {held}, the "
                        f"header has {len(header)}.",
                        "Fix that line.",
                    )
                rows.append(row)
    except csv.Error as error:
        raise InputRefused(
            f"{file.path}: line {lines.line_num} is no valid CSV ({error}).", "Fix that line."
        ) from error
    if not header:
        raise InputRefused(f"{file.path}: has no header.", "Name the columns in the first line.")
    if problem := repeated(header):
        raise InputRefused(f"{file.path}: {problem}.", "Rename them.")
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    return Table(file, tuple(_text(file, *named) for named in zip(header, values, strict=True)))


def describe_txt(file: StoredFile) -> Table:
    """One nameless column; a final newline is no label, an empty line is an error."""
    text = _decoded(file)
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    empty = [number for number, line in enumerate(lines, 1) if not line.strip()]
    if empty:
        shown = ", ".join(map(str, empty[:5])) + (", ..." if len(empty) > 5 else "")
        raise InputRefused(
            f"{file.path}: {len(empty)} empty lines (line {shown}).", "Every line is one label."
        )
    return Table(file, (_text(file, "", lines),))


def _text(file: StoredFile, name: str, values: list[str]) -> Column:
    return Column(file.path, name, (len(values),), np.dtype("U"), "str", file.size, lambda: values)


def _decoded(file: StoredFile) -> str:
    if file.size > LARGEST_TEXT:
        raise InputRefused(
            f"{file.path}: {readable(file.size)} of text are more than the "
            f"{readable(LARGEST_TEXT)} that are read.",
            "Store the labels as .npy or .parquet.",
        )
    with reading(file.at), file.opened() as handle:
        data = handle.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputRefused(
            f"{file.path}: line {line} is not UTF-8.", "Save the file as UTF-8."
        ) from error


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    with FIELD_LIMIT:
        before = csv.field_size_limit(sys.maxsize)
        try:
            yield
        finally:
            csv.field_size_limit(before)

"""A `.txt` file: one label a line, without a header; or a path and a label; or vectors.

Labels stay text: '1', 'NA' and 'nan' are names of classes, not numbers or nulls.
"""

from dataclasses import replace

import numpy as np

from embaudit.core.machine import readable
from embaudit.data import Notice
from embaudit.errors import InputRefused, first_few
from embaudit.files.column import Column, Table
from embaudit.files.delimiter_sniffer import fields_in
from embaudit.files.file_status import StoredFile
from embaudit.files.formats import format_of
from embaudit.files.numerals.delimited_layout import HEAD, Layout
from embaudit.files.numerals.txt_layout import layout_of_lines
from embaudit.files.read_faults import reading

LARGEST_TEXT = 256 << 20  # its values as Python objects take some ten times that


def describe(file: StoredFile) -> Table:
    """One nameless column; blank lines at the end are no labels, others are an error.

    Where lines are no labels but hold one, as `path label` does, a column a field. Where they are
    vectors, as numpy.savetxt, GloVe and word2vec write them, these, and what stands before each.
    """
    with reading(file.at), file.opened() as handle:
        head = handle.read(HEAD)
    if (found := layout_of_lines(head, file.path)) is not None:
        return _vectors(file, *found)
    lines = [line.removesuffix("\r") for line in decoded(file).split("\n")]
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    empty = [number for number, line in enumerate(lines, 1) if not line.strip()]
    if len(empty) == len(lines):
        raise InputRefused(f"{file.path}: is empty: its lines are blank.", "Save a line a row.")
    if empty:
        raise InputRefused(
            f"{file.path}: {len(empty)} empty lines (line {first_few(empty)}).",
            "Every line is one label.",
        )
    fields = fields_in(lines)
    if fields is None:
        return Table(file, (text_column(file, "", lines),))
    told = f"{file.path}: each line has {len(fields)} fields; labels are those that lines share."
    notice = Notice("fields_of_lines", told)
    columns = (text_column(file, *named) for named in fields.items())
    return Table(file, tuple(replace(column, notice=notice) for column in columns))


def _vectors(file: StoredFile, layout: Layout, promised: int | None) -> Table:
    from embaudit.files.numerals import delimited_vectors  # labels alone cost no pyarrow

    table = delimited_vectors.described(file, layout)
    rows = table.columns[0].rows
    if promised not in (None, rows):
        raise InputRefused(
            f"{file.path}: line 1 promises {promised} vectors, and {rows} follow.",
            "Save or copy it again.",
        )
    return table


def text_column(file: StoredFile, name: str, values: list[str]) -> Column:
    """A column of values that are read already."""
    return Column(
        file.path,
        name,
        (len(values),),
        np.dtype("U"),
        "str",
        file.size,
        lambda: values,
        untyped=not format_of(file.format).typed,
    )


def decoded(file: StoredFile) -> str:
    """All text of a file. Raises InputRefused where it is too large, or not UTF-8."""
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

"""What is on disk or in a store: read into validated sets, and written whole or not at all.

From the path to the set, each step knows those below it only:

    choose             headers alone: which columns play which role, all that is wrong with them
    read               the values: labels, ids, joined rows and vectors, in blocks
    shards             a file or a directory, the same tables either way
    formats/           one format a file and a row of FORMATS; arrow/ is what those of Arrow share
    library_process    a library in a process of its own; library_rows: what it reads there
    in_memory_tables   what Python holds, as the tables of files
    column, column_roles   what a table holds, and what it may be wanted for
    file_status        the bytes: unchanged since they were first seen; store: those of a network;
                       folder_as_file: of files that are one value together
    atomic_write       the atomic writer; writable: whether it may, asked early;
                       written_table: what is written as Parquet and .npy

A format is added in `formats/`, as its overview says. The room imports `data` and what is below it.
Its names are imported on first use, so that help costs no numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embaudit.files.atomic_write import create_ignored, write_atomically
    from embaudit.files.chosen_columns import Choice, Names
    from embaudit.files.column_choice import choose
    from embaudit.files.file_status import content_of, identity, kind_of
    from embaudit.files.format_check import stored_file
    from embaudit.files.gallery_columns import choose_gallery
    from embaudit.files.hmac_key import private_key
    from embaudit.files.in_memory_tables import held_array, held_labels, held_table
    from embaudit.files.set_reader import count_classes, read, sources_of
    from embaudit.files.shards import natural
    from embaudit.files.writable import check_writable
    from embaudit.files.written_table import (
        about_table,
        arrow_table,
        npy_of,
        parquet_of,
        plain_columns,
        table_of,
    )

_HOMES = {
    "Choice": "chosen_columns",
    "Names": "chosen_columns",
    "about_table": "written_table",
    "arrow_table": "written_table",
    "check_writable": "writable",
    "choose": "column_choice",
    "choose_gallery": "gallery_columns",
    "content_of": "file_status",
    "count_classes": "set_reader",
    "create_ignored": "atomic_write",
    "held_array": "in_memory_tables",
    "held_labels": "in_memory_tables",
    "held_table": "in_memory_tables",
    "identity": "file_status",
    "kind_of": "file_status",
    "natural": "shards",
    "npy_of": "written_table",
    "parquet_of": "written_table",
    "plain_columns": "written_table",
    "private_key": "hmac_key",
    "read": "set_reader",
    "sources_of": "set_reader",
    "stored_file": "format_check",
    "table_of": "written_table",
    "write_atomically": "atomic_write",
}
__all__ = [
    "Choice",
    "Names",
    "about_table",
    "arrow_table",
    "check_writable",
    "choose",
    "choose_gallery",
    "content_of",
    "count_classes",
    "create_ignored",
    "held_array",
    "held_labels",
    "held_table",
    "identity",
    "kind_of",
    "natural",
    "npy_of",
    "parquet_of",
    "plain_columns",
    "private_key",
    "read",
    "sources_of",
    "stored_file",
    "table_of",
    "write_atomically",
]


def __getattr__(name: str) -> Any:
    """Import on first use."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A Lance dataset, a folder: its columns as those of Parquet are, read in batches (an extra).

https://lance.org/format/table. The library reads in a process of its own: of what is damaged it may
end the process that it is in, and it writes to standard error.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pyarrow as pa
from pyarrow import ipc

from embaudit.core.machine import more_memory
from embaudit.errors import BudgetExceeded, InputRefused
from embaudit.files import lance_rows
from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
from embaudit.files.arrow.schema_columns import first_lengths, table_from
from embaudit.files.column import Table
from embaudit.files.extra_library import check_installed, elsewhere
from embaudit.files.file_status import StoredFile
from embaudit.files.folder_as_file import StoredFolder
from embaudit.files.read_faults import reading

OF_MEMORY = re.compile(
    r"memory allocation of \d+ bytes|malloc of size|MemoryError|out of memory", re.I
)
RAISED = re.compile(r"^[\w.]+: (.+?)(, /.*)?\s*\Z", re.MULTILINE)  # the end of a traceback


def describe(file: StoredFile) -> Table:
    """The columns of the newest version. Needs embaudit[lance]."""
    check_installed("lance", "lance", file)
    if not file.at.local or not isinstance(file, StoredFolder):
        what = "is in a store" if not file.at.local else "is a file, and a dataset is a folder"
        raise InputRefused(
            f"{file.path}: {what}: Lance is read from a folder of this machine.",
            f"Give that folder. {elsewhere('lance', file)}",
        )
    with reading(file.at, *FAULTS), _stream(file, -1, None, 1) as told:
        schema, first = told.schema, [*told]
    known = schema.metadata
    if known[lance_rows.CLONE]:
        raise InputRefused(
            f"{file.path}: is a clone, whose rows are in another folder.",
            "Make one that holds them: dataset.deep_clone(path).",
        )
    rows, version = int(known[lance_rows.ROWS]), int(known[lance_rows.VERSION])
    batches = partial(_batches, file, version)
    with reading(file.at, *FAULTS):
        lengths = first_lengths(
            schema, lambda names: [one.select(names) for one in first], file.path
        )
    return table_from(RecordBatches(file, batches), schema, rows, lengths)


def _batches(
    file: StoredFile, version: int, names: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    file.check_unchanged()
    with _stream(file, version, names, rows) as batches:
        yield from batches


@contextmanager
def _stream(
    file: StoredFile, version: int, names: list[str] | None, rows: int
) -> Iterator[ipc.RecordBatchStreamReader]:
    """The batches that the other process writes. Refused unless that comes to its end."""
    command = [sys.executable, "-P", lance_rows.__file__, os.path.abspath(file.at)]
    command += [str(version), json.dumps(names), str(rows)]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process:
            try:
                yield ipc.open_stream(process.stdout)
                code = process.wait()
            except pa.ArrowInvalid:  # nothing came
                code = process.wait() or 1
            finally:
                process.kill()
        if code:
            said.seek(0)
            told = said.read().decode("utf-8", "replace")
            if OF_MEMORY.search(told):
                message = f"{file.path}: reading it needs more memory than there is."
                raise BudgetExceeded(message, more_memory())
            raised = RAISED.search(told)
            why = raised[1][:200].rstrip(". ") if raised else "the library broke off"
            again = f"Save or copy it again. {elsewhere('lance', file)}"
            raise InputRefused(f"{file.path}: cannot be read: {why}.", again)

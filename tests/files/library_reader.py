"""A library as `library_process` runs it, that does what its file says."""

import os
import threading
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from embaudit.errors import InputRefused
from embaudit.files.library_rows import LibraryRows

SCHEMA = pa.schema([("emb_0", pa.float32()), ("emb_1", pa.float32()), ("label", pa.int64())])
ROWS = 7


def read_as_told(source: IO[bytes], at: int = 0) -> LibraryRows:
    """at: what was told of the first look."""
    print("libraries print", flush=True)
    todo = source.read().decode()
    done(todo, "open")

    def read(names: list[str], rows: int) -> Iterator[pa.RecordBatch]:
        table = pa.table({name: range(ROWS) for name in SCHEMA.names}, SCHEMA)
        for start in range(0, ROWS, rows):
            if start:
                done(todo, "read")
            yield table.select(names).slice(start, rows).to_batches()[0]

    return LibraryRows(SCHEMA, ROWS, read, {"at": at + os.getpid()})


def done(todo: str, when: str) -> None:
    """Whatever is to be done by then."""
    match todo.split(maxsplit=2):
        case [moment, "abort", said] if moment == when:
            os.write(2, said.encode())
            os.abort()
        case [moment, "sleep", _] if moment == when:
            threading.Event().wait()
        case [moment, "raise", said] if moment == when:
            raise ValueError(said)
        case [moment, "refuse", said] if moment == when:
            raise InputRefused(said, "Do better.")

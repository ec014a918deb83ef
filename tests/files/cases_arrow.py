"""Arrow IPC: streams, files with a footer, Feather; cut short, sizes that lie, what expands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather, ipc

from tests.files.corpus import NAMES, Case, X, Y, alone, labels, raw
from tests.files.writers import arrow, ipc_file, stream

LISTS = {"embedding": X.tolist(), "label": NAMES}


def table(path: Path, columns: Any, **how: Any) -> Path:
    feather.write_feather(pa.table(columns), path, **how)
    return path


def good(name: str, **columns: Any) -> Case:
    return Case(f"arrow {name}", alone(lambda t: table(t / "x.feather", columns)))


def bad(name: str, columns: Any, *says: str) -> Case:
    return Case(f"arrow {name}", alone(lambda t: table(t / "x.feather", columns)), says)


def damaged(name: str, change: Callable[[bytes], bytes], *says: str, write: Any = stream) -> Case:
    def build(tmp: Path) -> Path:
        path = tmp / "x.arrow"
        write(path, X, Y)
        return raw(path, change(path.read_bytes()))

    return Case(f"arrow {name}", alone(build), ("x.arrow", *says))


def stream_of(path: Path, content: pa.Table) -> Path:
    with ipc.new_stream(path, content.schema) as into:
        into.write_table(content)
    return path


FIXED = pa.array(X.tolist(), pa.list_(pa.float32(), 4))
HOLE = [*LISTS["embedding"][:3], None, *LISTS["embedding"][4:]]
RAGGED = [*LISTS["embedding"][:3], [1.0], *LISTS["embedding"][4:]]

CASES = [
    good("list", **LISTS),
    good("fixed", embedding=FIXED, label=Y),
    good("columns", **{f"emb_{i}": X[:, i] for i in range(4)}, label=Y),
    good("categories", embedding=FIXED, label=pa.array(NAMES).dictionary_encode()),
    Case("arrow stream", alone(lambda t: stream_of(t / "x.arrow", arrow(X, Y)))),
    Case("arrow labels", labels(lambda t: table(t / "y.arrow", {"label": NAMES}))),
    bad("null vector", {**LISTS, "embedding": HOLE}, "x.feather", "null vectors", "row 3"),
    bad("ragged", {**LISTS, "embedding": RAGGED}, "x.feather", "another length", "row 3"),
    bad("no labels", {"embedding": FIXED}, "x.feather", "no labels"),
    bad("text", {"embedding": NAMES, "label": Y}, "x.feather", "holds str"),
    damaged("no arrow", lambda data: b"hello there, this is text", "no message begins"),
    damaged("cut short", lambda data: data[:-400], "cut short"),
    damaged("cut in a header", lambda data: data[: len(data) // 2 - 60], "cut short"),
    damaged("file cut short", lambda data: data[:700], "cut short", write=ipc_file),
    damaged("of feather 1", lambda data: b"FEA1" + data, "version 1", "write_feather"),
    damaged("without an end", lambda data: data[:-8], "cut short"),
    damaged("header beyond the file", lambda d: d[:4] + b"\xff\xff\xff\x7f" + d[8:], "header of"),
]

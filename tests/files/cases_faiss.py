"""Indexes of FAISS: the vectors that they keep, and files that lie about them."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from tests.files.corpus import Arguments, Case, X, Y, files, raw
from tests.files.writers import indexed


def saved(kind: str) -> Callable[[Path], Path]:
    def build(tmp: Path) -> Path:
        path = tmp / "x.faiss"
        indexed(kind)(path, X, Y)
        return path

    return build


def good(kind: str) -> Case:
    return Case(f"faiss {kind}", files(saved(kind)))


def coded(kind: str, *says: str) -> Case:
    return Case(f"faiss {kind}", files(saved(kind)), ("x.faiss", *says, "that were added to it"))


def damaged(name: str, change: Callable[[bytearray], Any], *says: str, kind: str = "Flat") -> Case:
    """change: of a sound file, in place."""

    def build(tmp: Path) -> Path:
        path = saved(kind)(tmp)
        data = bytearray(path.read_bytes())
        change(data)
        return raw(path, bytes(data))

    return Case(f"faiss {name}", files(build), ("x.faiss", *says))


def put(at: int, form: str, value: int) -> Callable[[bytearray], None]:
    return lambda data: struct.pack_into(f"<{form}", data, at, value)


def by_ids(tmp: Path) -> Arguments:
    """With ids of their own, by which the labels are joined."""
    index = faiss.index_factory(4, "IDMap,Flat")
    ids = np.arange(20)[::-1] + 100
    index.add_with_ids(X, ids)
    faiss.write_index(index, str(tmp / "x.faiss"))
    table = "".join(f"{one},{label}\n" for one, label in sorted(zip(ids, Y, strict=True)))
    beside = raw(tmp / "y.csv", f"id,label\n{table}".encode())
    return {"path": tmp / "x.faiss", "labels": beside, "join": "id"}


def nested(tmp: Path) -> Path:
    """Maps of ids within maps, without end."""
    head = b"IxMp" + struct.pack("<iqqqBi", 4, 20, 0, 0, 1, 1)
    return raw(tmp / "x.faiss", head * 100_000)


ROWS, COUNT = 8, 37  # where a flat index has the number of rows, and of values

CASES = [
    *map(good, ("Flat", "IVF3,Flat", "HNSW4,Flat", "SQ8", "SQfp16", "IVF3,SQ8", "IDMap,SQ6")),
    Case("faiss ids", by_ids),
    coded("PQ2x2", "product quantisation"),
    coded("LSH", "hashes"),
    coded("PCA2,Flat", "transformed"),
    damaged("of noise", lambda data: data.__setitem__(slice(4), b"abcd"), "its kind is b'abcd'"),
    damaged("cut short", lambda data: data.pop(), "cut short"),
    damaged("with more behind it", lambda data: data.append(0), "1 bytes follow"),
    damaged("of negative dimension", put(4, "i", -4), "-4 dimensions"),
    damaged("of vast dimension", put(4, "i", 2**30), "dimensions"),
    damaged("of negative rows", put(ROWS, "q", -1), "-1 rows"),
    damaged("of more rows than values", put(ROWS, "q", 2**62), "bytes for"),
    damaged("of more values than bytes", put(COUNT, "Q", 2**62), "cut short"),
    damaged("of a metric with an argument", put(33, "i", 20), "x.faiss"),
    damaged("cut in its lists", lambda data: data.pop(), "cut short", kind="IVF3,Flat"),
    damaged("cut in its graph", lambda data: data.pop(), "cut short", kind="HNSW4,Flat"),
    Case("faiss nested", files(nested), ("x.faiss", "indexes within indexes")),
    Case("faiss no vectors", files(lambda t: raw(t / "x.faiss", b"null")), ("without vectors",)),
]

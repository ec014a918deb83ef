"""`.fvecs`, `.bvecs`, `.ivecs`: every vector behind its length, each of which may lie."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.files.corpus import Case, X, Y, files, labels, raw
from tests.files.writers import counted


def kept(name: str, data: bytes, *says: str, suffix: str = "fvecs") -> Case:
    return Case(f"vecs {name}", files(lambda t: raw(t / f"x.{suffix}", data)), says)


def ragged(row: int, length: int) -> bytes:
    """Sound but for the length that one vector is said to have."""
    data = bytearray(counted(X))
    data[row * 20 : row * 20 + 4] = length.to_bytes(4, "little", signed=True)
    return bytes(data)


def codes(kind: Any) -> bytes:
    return counted((X * 40 + 100).clip(0, 255).astype(kind))


def shorter(tmp: Path) -> Path:
    return raw(tmp / "y.ivecs", counted(Y[:5, None].astype(np.int32)))


CASES = [
    kept("float32", counted(X)),
    kept("bytes", codes("u1"), suffix="bvecs"),
    kept("integers", codes("i4"), suffix="ivecs"),
    Case(
        "vecs labels",
        labels(lambda t: raw(t / "y.ivecs", counted(Y[:, None].astype("i4")))),
        notices=("flattened_labels",),
    ),
    Case("vecs labels of other number", labels(shorter), ("y.ivecs", "5 labels")),
    kept("cut short", counted(X)[:-1], "x.fvecs", "no vectors of 4 values"),
    kept("cut in a length", counted(X)[:2], "x.fvecs", "no vectors"),
    kept("of negative length", ragged(0, -4), "x.fvecs", "no vectors of -4 values"),
    kept("of vast length", ragged(0, 2**31 - 1), "x.fvecs", "no vectors of 2147483647"),
    kept("a length that lies", ragged(3, 5), "x.fvecs", "another length", "row 3"),
    kept("of text", b"hello, this is no vector", "x.fvecs", "no vectors"),
    kept("NaN", counted(np.where(np.arange(20)[:, None] == 3, np.float32("nan"), X)), "rows 3"),
]

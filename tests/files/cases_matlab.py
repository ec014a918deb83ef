"""MAT-files: arrays by their names, texts, and what is nested, deflated or lies."""

import struct
import zlib
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.io import savemat

from tests.files.corpus import NAMES, Case, X, Y, alone, files, labels, raw

CELLS = np.array(NAMES, object)
CELLS_OF_VECTORS = np.empty(20, object)
CELLS_OF_VECTORS[:] = [*X]


def mat(how: dict[str, Any] | None = None, **arrays: Any) -> Callable[[Path], Path]:
    def build(tmp: Path) -> Path:
        path = tmp / "x.mat"
        savemat(path, arrays, **(how or {}))
        return path

    return build


deflated = partial(mat, {"do_compression": True})


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def array(
    kind: int, shape: tuple[int, ...], name: str, body: bytes, flags: int = 0, order: str = "<"
) -> bytes:
    """An array as the file has it: flags, dimensions, name, and what follows."""
    head = element(6, struct.pack("<II", kind | flags, 0))
    head += element(5, struct.pack(f"<{len(shape)}i", *shape)) + element(1, name.encode())
    return element(14, head + body)


def content(*arrays: bytes) -> bytes:
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x100) + b"IM" + b"".join(arrays)


def made(*arrays: bytes) -> Callable[[Path], Path]:
    return lambda tmp: raw(tmp / "x.mat", content(*arrays))


def doubles(count: int) -> bytes:
    return element(9, bytes(8 * count))


def nested(depth: int) -> bytes:
    """Cells within cells, made from the inside, each of which knows its length."""
    head = array(1, (1, 1), "", b"")[8:]
    inner, parts, size = array(6, (1, 1), "", doubles(1)), [], 0
    size = len(inner)
    for _ in range(depth):
        parts.append(struct.pack("<II", 14, len(head) + size) + head)
        size += 8 + len(head)
    return array(1, (20, 1), "label", b"".join(reversed(parts)) + inner)


def packed(data: bytes) -> bytes:
    squeezed = zlib.compress(data)
    return struct.pack("<II", 15, len(squeezed)) + squeezed


def cut(tmp: Path) -> Path:
    path = mat(emb=X, label=Y)(tmp)
    return raw(path, path.read_bytes()[:-100])


def flipped(tmp: Path) -> Path:
    """A byte in the sum behind what is deflated."""
    path = deflated(emb=X, label=Y)(tmp)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    return raw(path, bytes(data))


def swapped(tmp: Path) -> Path:
    """As a machine writes it that begins with the highest byte."""
    path = mat(emb=X.astype("f8"), label=Y.astype("f8"))(tmp)
    data = path.read_bytes()
    out, at = data[:124] + b"\1\0MI", 128

    def turned(part: bytes, width: int) -> bytes:
        return np.frombuffer(part, f"u{width}").byteswap().tobytes()

    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 14:
            length = 0
        if kind >> 16:
            kind, length = kind & 0xFFFF, kind >> 16
            out += struct.pack(">II", length << 16 | kind, 0)[:4]
            width = {6: 4, 5: 4, 9: 8}.get(kind, 1)
            inside = data[at + 4 : at + 8]
            out += turned(inside, width) if width > 1 else inside
            at += 8
            continue
        out += turned(data[at : at + 8], 4)
        width = {6: 4, 5: 4, 9: 8}.get(kind, 1)
        part = data[at + 8 : at + 8 + length + -length % 8]
        out += turned(part, width) if width > 1 else part
        at += 8 + len(part)
    return raw(path, out)


def newer(write: Callable[[Any], object]) -> Callable[[Path], Path]:
    """A file of MATLAB 7.3: HDF5 behind a header, its axes the other way round."""

    def build(tmp: Path) -> Path:
        import h5py

        path = tmp / "x.mat"
        with h5py.File(path, "w", userblock_size=512) as root:
            write(root)
        with path.open("r+b") as handle:
            handle.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
        return path

    return build


def put(root: Any, name: str, values: Any, kind: str) -> Any:
    root[name] = values
    root[name].attrs["MATLAB_class"] = np.bytes_(kind)
    return root[name]


def codes(text: str) -> Any:
    return np.array([[ord(character)] for character in text], "u2")


def by_name(root: Any) -> None:
    put(root, "embeddings", X.T, "single")
    put(root, "label", Y[None].astype("f8"), "double")


def in_characters(root: Any) -> None:
    put(root, "embeddings", X.T, "single")
    wide = np.array([[ord(one) for one in f"{name:20}"] for name in NAMES], "u2")
    put(root, "label", wide.T, "char")


def in_cells(root: Any, odd: bool = False) -> None:
    import h5py

    put(root, "embeddings", X.T, "single")
    put(root, "hidden/names", X, "double")
    found = [put(root, f"#refs#/{row}", codes(name), "char") for row, name in enumerate(NAMES)]
    if odd:
        found[7] = put(root, "#refs#/odd", X[:1], "double")
    root.create_dataset("label", (1, 20), h5py.ref_dtype)
    root["label"][0] = [one.ref for one in found]
    root["label"].attrs["MATLAB_class"] = np.bytes_("cell")


FLOATS = ("float_labels",)
ALL = element(9, X.astype("<f8").tobytes("F"))
OBJECT = element(14, element(6, struct.pack("<II", 17, 0)) + element(1, b"emb"))
CASES = [
    Case("matlab by name", alone(mat(embeddings=X, labels=Y))),
    Case("matlab deflated", alone(deflated(embeddings=X, labels=Y))),
    Case("matlab column", alone(mat({"oned_as": "column"}, emb=X, label=Y))),
    Case("matlab doubles", alone(mat(emb=X, label=Y.astype("f8"))), notices=FLOATS),
    Case("matlab whole numbers", alone(mat(emb=(X * 9).round().astype("f8"), label=Y))),
    Case("matlab logical", alone(mat(emb=X, label=Y > 0))),
    Case("matlab characters", alone(mat(emb=X, label=np.array(NAMES)))),
    Case("matlab cells", alone(mat(emb=X, label=CELLS[:, None]))),
    Case("matlab cells deflated", alone(deflated(emb=X, label=CELLS))),
    Case("matlab big-endian", alone(swapped), notices=FLOATS),
    Case("matlab struct beside", alone(mat(emb=X, label=Y, info={"a": 1}))),
    Case("matlab labels", labels(mat(labels=CELLS))),
    Case(
        "matlab struct", alone(mat(emb={"a": X}, label=Y)), ("'emb'", "struct", "save its fields")
    ),
    Case("matlab sparse", alone(mat(emb=sparse.eye(20).tocsc(), label=Y)), ("sparse", "full(x)")),
    Case("matlab complex", alone(mat(emb=X + 1j, label=Y)), ("'emb'", "complex")),
    Case(
        "matlab cell of vectors",
        alone(mat(emb=X, label=CELLS_OF_VECTORS)),
        ("cell 0 of 'label'", "no text"),
    ),
    Case("matlab nothing", alone(mat()), ("x.mat", "no arrays")),
    Case("matlab cut short", alone(cut), ("x.mat", "cut short")),
    Case("matlab wrong sum", alone(flipped), ("x.mat", "incorrect data check")),
    Case("matlab twice", files(made(*[array(6, (20, 4), "emb", ALL)] * 2)), ("several arrays",)),
    Case("matlab by hand", files(made(array(6, (20, 4), "emb", ALL)))),
    Case(
        "matlab lying shape", files(made(array(6, (20, 5), "emb", ALL))), ("640 bytes", "(20, 5)")
    ),
    Case("matlab negative", files(made(array(6, (-20, 4), "emb", ALL))), ("dimensions",)),
    Case("matlab vast", files(made(array(6, (2**31 - 1,) * 2, "emb", ALL))), ("640 bytes",)),
    Case("matlab nested cells", files(made(nested(9))), ("'label'", "holds str")),
    Case(
        "matlab labels nested without end",
        labels(made(nested(200_000))),
        ("cell 0 of 'label'", "no text"),
    ),
    Case(
        "matlab bomb",
        files(made(packed(array(6, (20, 2**19), "emb", element(9, bytes(20 << 22)))))),
        ("'emb'", "expand to"),
    ),
    Case("matlab object", files(made(OBJECT)), ("'emb'", "cellstr")),
    Case("matlab of old", files(lambda t: raw(t / "x.mat", bytes(200))), ("x.mat", "-v7")),
]
if find_spec("h5py") is not None:
    CASES += [
        Case("matlab 7.3 by name", alone(newer(by_name)), notices=FLOATS),
        Case("matlab 7.3 characters", alone(newer(in_characters))),
        Case("matlab 7.3 cells", alone(newer(in_cells))),
        Case("matlab 7.3 odd cell", alone(newer(partial(in_cells, odd=True))), ("cell 7",)),
    ]
else:
    HEAD = bytes(512) + b"\x89HDF\r\n\x1a\n"
    CASES += [
        Case("matlab 7.3 without h5py", files(lambda t: raw(t / "x.mat", HEAD)), (".[hdf5]",))
    ]

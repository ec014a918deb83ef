"""`.npz` files: members found by name, and zips that lie."""

import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.cases_npy import described, header
from tests.files.corpus import NAMES, Arguments, Case, X, Y, alone, files, labels, npy, raw


def npz(path: Path, **members: Any) -> Path:
    np.savez(path, **members)
    return path


def zipped(path: Path, members: list[tuple[str, bytes]], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", how) as archive:
        warnings.simplefilter("ignore")  # of duplicate names
        for name, data in members:
            archive.writestr(name, data)
    return path


def good(**members: Any) -> Any:
    return alone(lambda tmp: npz(tmp / "x.npz", **members))


def lying_size(tmp: Path) -> Path:
    """A member of a few bytes whose zip directory and .npy header both claim a gibibyte."""
    content = header(described(shape=f"({2**26}, 4)"), b"\0" * 64)
    path = zipped(tmp / "x.npz", [("emb.npy", content)])
    data = path.read_bytes()
    claimed = struct.pack("<I", 2**30 + len(content) - 64)
    real = struct.pack("<I", len(content))
    return raw(path, data.replace(real, claimed))


def flipped(tmp: Path) -> Path:
    data = bytearray(npz(tmp / "x.npz", emb=X, y=Y).read_bytes())
    data[data.index(X.tobytes()[:16])] ^= 0xFF
    return raw(tmp / "x.npz", bytes(data))


def encrypted(tmp: Path) -> Path:
    data = bytearray(npz(tmp / "x.npz", emb=X, y=Y).read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    return raw(tmp / "x.npz", bytes(data))


def named(tmp: Path) -> Arguments:
    path = npz(tmp / "x.npz", a=X, b=X * 2, truth=Y, other=Y)
    return {"path": path, "embedding_column": "a", "label_column": "truth"}


BYTES = header(described(), X.tobytes())
OBJECTS = np.array([{"a": 1}, None], dtype=object)

CASES = [
    Case("npz by name", good(embeddings=X, labels=Y)),
    Case("npz by shape", good(features=X, y=Y)),
    Case("npz names win over shapes", good(emb=X, hidden=X * 2, target=Y)),
    Case("npz text labels", good(emb=X, label=np.array(NAMES))),
    Case("npz (N, 1) labels", good(emb=X, label=Y[:, None]), notices=("flattened_labels",)),
    Case("npz Fortran", good(emb=np.asfortranarray(X), y=Y)),
    Case("npz ids", good(emb=X, y=Y, id=np.arange(20))),
    Case("npz ids of other length", good(emb=X, y=Y, id=np.arange(3)), notices=("ids_ignored",)),
    Case("npz other members are left alone", good(emb=X, y=Y, config=OBJECTS)),
    Case("npz asked for", named),
    Case(
        "npz one member each",
        lambda t: {"path": npz(t / "x.npz", a=X), "labels": npz(t / "y.npz", b=Y)},
    ),
    Case(
        "npz compressed",
        alone(
            lambda t: zipped(
                t / "x.npz", [("emb.npy", BYTES), ("y.npy", npy(t / "y.npy", Y).read_bytes())]
            )
        ),
    ),
    Case(
        "npz labels beside a file",
        files(lambda t: npz(t / "x.npz", emb=X, y=Y)),
        notices=("labels_ignored",),
    ),
    Case("npz several candidates", good(a=X, b=X, y=Y), ("x.npz", "'a', 'b'", "choose")),
    Case("npz several names", good(emb=X, vector=X, y=Y), ("'emb', 'vector'", "choose")),
    Case("npz several labels", good(emb=X, y=Y, target=Y), ("'y', 'target'", "--label-column")),
    Case("npz no labels", good(emb=X, species=Y), ("no labels", "'species'", "--label-column")),
    Case("npz no embeddings", good(a=Y, y=Y), ("x.npz", "no column is obviously", "'a', 'y'")),
    Case("npz object embeddings", good(emb=np.array([[{}]] * 20), y=Y), ("'emb'", "pickled")),
    Case("npz object labels", good(emb=X, y=np.array([{}] * 20)), ("'y'", "object")),
    Case("npz lengths differ", good(emb=X, y=Y[:5]), ("x.npz", "5 labels", "20 embeddings")),
    Case(
        "npz missing column",
        alone(lambda t: npz(t / "x.npz", emb=X, y=Y), label_column="z"),
        ("x.npz", "no column 'z'", "'emb', 'y'"),
    ),
    Case(
        "npz duplicate members",
        files(lambda t: zipped(t / "x.npz", [("emb.npy", BYTES)] * 2)),
        ("x.npz", "several members", "'emb'"),
    ),
    Case(
        "npz without arrays",
        files(lambda t: zipped(t / "x.npz", [("a.txt", b"hello")])),
        ("x.npz", "no arrays"),
    ),
    Case("npz empty zip", files(lambda t: zipped(t / "x.npz", [])), ("x.npz", "no arrays")),
    Case("npz no zip", files(lambda t: raw(t / "x.npz", BYTES)), ("x.npz", "zip")),
    Case(
        "npz member with bytes after",
        files(lambda t: zipped(t / "x.npz", [("emb.npy", BYTES + b"\0")])),
        ("x.npz", "'emb'", "follow the data"),
    ),
    Case(
        "npz member cut",
        files(lambda t: zipped(t / "x.npz", [("emb.npy", BYTES[:-9])])),
        ("x.npz", "'emb'", "truncated"),
    ),
    Case(
        "npz member is no npy",
        files(lambda t: zipped(t / "x.npz", [("emb.npy", b"hello")])),
        ("x.npz", "'emb'", "no .npy data"),
    ),
    Case("npz lying size", files(lying_size), ("x.npz", "'emb'", "cannot hold")),
    Case("npz flipped byte", alone(flipped), ("x.npz", "CRC")),
    Case("npz encrypted", alone(encrypted), ("x.npz", "encrypted")),
    Case(
        "npz bzip2",
        files(lambda t: zipped(t / "x.npz", [("emb.npy", BYTES)], zipfile.ZIP_BZIP2)),
        ("x.npz", "deflated"),
    ),
    Case(
        "npz labels ambiguous",
        labels(lambda t: npz(t / "y.npz", a=Y, b=Y)),
        ("y.npz", "several columns", "'a', 'b'"),
    ),
]

"""Zarr: arrays by their paths, and headers that lie or name code; where zarr is installed."""

import json
import shutil
import warnings
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.corpus import NAMES, Case, X, Y, alone, files, labels, raw

Store = Callable[[Path], Path]


def stored(version: int = 3, name: str = "x.zarr", **arrays: Any) -> Store:
    """A group of arrays, each in chunks of seven rows."""

    def build(tmp: Path) -> Path:
        import zarr

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of types that version 3 has not settled yet
            root = zarr.open_group(tmp / name, mode="w", zarr_format=version)
            for path, array in arrays.items():
                chunks = (7, *np.shape(array)[1:])
                root.create_array(path, data=np.asarray(array), chunks=chunks)
        return tmp / name

    return build


def alike(version: int) -> Store:
    """Texts of any length."""

    def build(tmp: Path) -> Path:
        import zarr

        root = zarr.open_group(stored(version, emb=X)(tmp), mode="a")
        root.create_array("label", shape=(20,), dtype=str)[:] = np.array(NAMES, object)
        return tmp / "x.zarr"

    return build


def whole(version: int) -> Store:
    """An array that is the store."""

    def build(tmp: Path) -> Path:
        import zarr

        zarr.create_array(tmp / "x.zarr", data=X, zarr_format=version, chunks=(7, 3))
        return tmp / "x.zarr"

    return build


def sharded(tmp: Path) -> Path:
    import zarr

    root = zarr.open_group(stored(label=Y)(tmp), mode="a")
    root.create_array("emb", data=X, chunks=(2, 2), shards=(8, 4))
    return tmp / "x.zarr"


def changed(version: int, change: Callable[[Any], object], array: Any = X) -> Store:
    """The header of the embeddings, with a change."""

    def build(tmp: Path) -> Path:
        path = stored(version, emb=array)(tmp)
        header = path / "emb" / ("zarr.json" if version == 3 else ".zarray")
        told = json.loads(header.read_text())
        change(told)
        header.write_text(json.dumps(told))
        return path

    return build


def setting(*path: Any, to: Any) -> Callable[[Any], object]:
    """A change: what is at the end of a path becomes this."""

    def change(told: Any) -> None:
        for name in path[:-1]:
            told = told[name]
        told[path[-1]] = to

    return change


def without(*names: str) -> Store:
    def build(tmp: Path) -> Path:
        path = stored(emb=X, label=Y)(tmp)
        for name in names:
            (path / name).unlink()
        return path

    return build


def nested(tmp: Path) -> Path:
    path = stored(emb=X)(tmp)
    return raw(path / "emb" / "zarr.json", b"[" * 10**5).parents[1]


def chunk(data: bytes) -> Store:
    def build(tmp: Path) -> Path:
        path = stored(emb=X)(tmp)
        return raw(path / "emb" / "c" / "1" / "0", data).parents[3]

    return build


def zipped(build: Store, how: int = zipfile.ZIP_STORED) -> Store:
    def packed(tmp: Path) -> Path:
        path = build(tmp)
        with zipfile.ZipFile(tmp / "x.zip", "w", how) as archive:
            for file in sorted(path.rglob("*")):
                archive.write(file, file.relative_to(path))
        shutil.rmtree(path)
        return tmp / "x.zip"

    return packed


def other_zip(tmp: Path) -> Path:
    with zipfile.ZipFile(tmp / "x.zip", "w") as archive:
        archive.writestr("emb.npy", X.tobytes())
    return tmp / "x.zip"


def swollen(tmp: Path) -> Path:
    """A chunk of 80 MiB of zeros, deflated to some ten thousand bytes."""
    path = zipped(stored(emb=X))(tmp)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("emb/c/9/0", bytes(80 << 20))
    return path


def several(tmp: Path) -> Path:
    folder = tmp / "shards"
    folder.mkdir()
    for number in range(10):
        part = slice(2 * number, 2 * number + 2)
        stored(emb=X[part], label=Y[part], name=f"part-{number}.zarr")(folder)
    return folder


PICKLE = [{"id": "pickle", "protocol": 5}]
VAST = [2**28, 2**10]
MISSING = ("missing_chunks",)
CASES = [
    Case("zarr 2", alone(stored(2, embeddings=X, labels=Y))),
    Case("zarr 3", alone(stored(3, embeddings=X, labels=Y))),
    Case("zarr of any name", alone(stored(name="embeddings", emb=X, label=Y))),
    Case("zarr text labels", alone(stored(emb=X, label=np.array(NAMES)))),
    Case("zarr 2 text labels", alone(stored(2, emb=X, label=np.array(NAMES)))),
    Case("zarr texts of any length", alone(alike(3))),
    Case("zarr 2 texts of any length", alone(alike(2))),
    Case("zarr whole", files(whole(3))),
    Case("zarr 2 whole", files(whole(2))),
    Case("zarr in shards", alone(sharded)),
    Case("zarr big-endian", alone(stored(2, emb=X.astype(">f4"), label=Y))),
    Case("zarr labels", labels(stored(label=Y))),
    Case("zarr in a zip", alone(zipped(stored(emb=X, label=Y)))),
    Case("zarr in a deflated zip", alone(zipped(stored(2, emb=X, label=Y), zipfile.ZIP_DEFLATED))),
    Case("zarr several stores", alone(several)),
    Case("zarr without a chunk", alone(without("emb/c/1/0")), notices=("missing_chunks",)),
    Case("zarr pickle", files(changed(2, setting("filters", to=PICKLE))), ("'pickle'",)),
    Case(
        "zarr pickle of numcodecs",
        files(changed(3, setting("codecs", 0, "name", to="numcodecs.pickle"))),
        ("'emb'", "numcodecs.pickle"),
    ),
    Case(
        "zarr objects",
        files(changed(2, setting("dtype", to="|O"))),
        ("'emb'", "type that is not known"),
    ),
    Case("zarr unknown type", files(changed(3, setting("data_type", to="x"))), ("type",)),
    Case("zarr complex", files(stored(emb=X + 1j)), ("'emb'", "complex")),
    Case("zarr bomb", files(changed(3, setting("shape", to=VAST))), ("'emb'", "expand to")),
    Case(
        "zarr vast chunks",
        files(changed(3, setting("chunk_grid", "configuration", "chunk_shape", to=VAST))),
        ("'emb'", "chunks of"),
    ),
    Case("zarr negative", files(changed(3, setting("shape", 0, to=-20))), ("malformed",)),
    Case("zarr other axes", files(changed(3, setting("shape", to=[20]))), ("malformed",)),
    Case("zarr nested header", files(nested), ("'emb/zarr.json'", "malformed")),
    Case("zarr damaged chunk", files(chunk(b"damage")), ("x.zarr", "cannot be read")),
    Case("zarr empty chunk", files(chunk(b"")), ("x.zarr", "cannot be read")),
    Case("zarr zip bomb", files(swollen), ("x.zip", "'emb/c/9/0' expands from", "80.0 MiB")),
    Case("zarr nothing", files(stored()), ("x.zarr", "no Zarr array")),
    Case("zarr other zip", files(other_zip), ("x.zip", "no Zarr array")),
    Case("zarr no zip", files(lambda t: raw(t / "x.zarr", b"x")), ("x.zarr", "cannot be read")),
]
if find_spec("zarr") is None:
    CASES = [Case("zarr without zarr", files(lambda t: raw(t / "x.zarr", b"x")), (".[zarr]",))]

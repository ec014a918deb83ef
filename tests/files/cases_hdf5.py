"""HDF5: datasets by their paths, and what reaches beyond the file; where h5py is installed."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.corpus import NAMES, Case, X, Y, alone, files, labels, npy, raw


def held(write: Callable[[Any, Path], object]) -> Callable[[Path], Path]:
    """A file of what `write` puts into it."""

    def build(tmp: Path) -> Path:
        import h5py

        path = tmp / "x.h5"
        with h5py.File(path, "w") as root:
            write(root, tmp)
        return path

    return build


def sets(**arrays: Any) -> Callable[[Path], Path]:
    def write(root: Any, _: Path) -> None:
        for name, array in arrays.items():
            root[name] = array

    return held(write)


def packed(root: Any, _: Path) -> None:
    root.create_dataset("emb", data=X, chunks=(3, 2), compression="gzip", shuffle=True)
    root.create_dataset("label", data=Y, compression="lzf")


def grouped(root: Any, _: Path) -> None:
    root["train/embeddings"] = X
    root["train/again"] = root["train"]  # a circle
    root["label"] = NAMES


def elsewhere(root: Any, tmp: Path) -> None:
    import h5py

    with h5py.File(tmp / "other.h5", "w") as other:
        other["emb"] = X
    root["emb"] = h5py.ExternalLink(str(tmp / "other.h5"), "emb")
    root["label"] = Y


def outside(root: Any, tmp: Path) -> None:
    raw(tmp / "data", X.tobytes())
    root.create_dataset("emb", X.shape, "f4", external=str(tmp / "data"))
    root["label"] = Y


def virtual(root: Any, tmp: Path) -> None:
    import h5py

    layout = h5py.VirtualLayout(X.shape, "f4")
    layout[:] = h5py.VirtualSource(npy(tmp / "x.npy", X), "emb", X.shape)
    root.create_virtual_dataset("emb", layout)
    root["label"] = Y


def bomb(root: Any, _: Path) -> None:
    """A tebibyte that was never written."""
    root.create_dataset("emb", (2**28, 2**10), "f4", chunks=(64, 2**10))
    root["label"] = Y


def cut(tmp: Path) -> Path:
    path = sets(emb=X, label=Y)(tmp)
    return raw(path, path.read_bytes()[:-100])


OBJECTS = np.array([(1, 2.0)] * 20, [("a", "i4"), ("b", "f8")])

CASES = [
    Case("hdf5 by name", alone(sets(embeddings=X, labels=Y))),
    Case("hdf5 text labels", alone(sets(emb=X, label=NAMES))),
    Case("hdf5 in chunks", alone(held(packed))),
    Case("hdf5 in groups", alone(held(grouped), embedding_column="train/embeddings")),
    Case("hdf5 alone", files(sets(vectors=X))),
    Case("hdf5 labels", labels(sets(label=np.array(NAMES, "S")))),
    Case(
        "hdf5 of ann-benchmarks",
        files(sets(train=X, test=X[:5], neighbors=Y, distances=X)),
        ("x.h5", "several columns", "'train'", "--embedding-column"),
    ),
    Case("hdf5 compound", alone(sets(emb=OBJECTS, label=Y)), ("'emb'",)),
    Case("hdf5 scalar", alone(sets(emb=1.5, label=Y)), ("'emb'", "has shape ()")),
    Case("hdf5 nothing", alone(held(lambda *_: None)), ("x.h5", "no datasets")),
    Case("hdf5 link to another file", alone(held(elsewhere)), ("x.h5",)),
    Case("hdf5 data of another file", alone(held(outside)), ("'emb'", "data of other files")),
    Case("hdf5 virtual", alone(held(virtual)), ("'emb'", "data of other files")),
    Case("hdf5 bomb", alone(held(bomb)), ("'emb'", "expand to")),
    Case("hdf5 cut short", alone(cut), ("x.h5", "cannot be read")),
    Case("hdf5 no HDF5", files(lambda t: raw(t / "x.h5", b"x" * 600)), ("x.h5", "cannot be read")),
]
if find_spec("h5py") is None:
    CASES = [Case("hdf5 without h5py", files(lambda t: raw(t / "x.h5", b"x")), (".[hdf5]",))]

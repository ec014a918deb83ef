"""A way to save vectors under each suffix that is read: what holds of all formats begins here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.files.writers import (
    WRITERS,
    Writer,
    counted,
    csv_columns,
    hdf5,
    indexed,
    ipc_file,
    jsonl,
    lance,
    lines,
    mat,
    safetensors,
    stream,
    tsv_lists,
    word2vec,
    zarr,
    zarr_in_zip,
)

X = np.random.default_rng(0).normal(size=(200, 64)).astype(np.float32)
Y = np.arange(200) % 4
LIBRARIES = {"h5": "h5py", "hdf5": "h5py", "zarr": "zarr", "zip": "zarr", "lance": "lance"}


def told(y: Any) -> str:
    return "".join(f"{label}\n" for label in y)


def label_lines(path: Path, x: Any, y: Any) -> None:
    path.write_text(told(y))


def of_classes(kind: str) -> Writer:
    """A writer of vectors of one integer, where the format has nothing else."""
    return lambda path, x, y: path.write_bytes(counted(y[:, None].astype(kind)))


def parquet(path: Path, x: Any, y: Any) -> None:
    pq.write_table(
        pa.table({"emb": pa.array(x.tolist(), pa.list_(pa.float32())), "label": y}), path
    )


SAVED: dict[str, Callable[[Path, Any, Any], object]] = {
    "npy": lambda path, x, y: np.save(path, x),
    "npz": lambda path, x, y: np.savez(path, emb=x, label=y),
    "parquet": parquet,
    "pq": parquet,
    "arrow": stream,
    "ipc": ipc_file,
    "feather": WRITERS["feather"][1],
    "h5": hdf5,
    "hdf5": hdf5,
    "mat": mat,
    "zarr": zarr,
    "zip": zarr_in_zip,
    "lance": lance,
    "fvecs": lambda path, x, y: path.write_bytes(counted(x)),
    "bvecs": of_classes("u1"),
    "ivecs": of_classes("i4"),
    "faiss": indexed("IVF4,Flat"),
    "index": indexed("IDMap,SQ8"),
    "safetensors": safetensors,
    "json": WRITERS["json records"][1],
    "jsonl": jsonl,
    "ndjson": jsonl,
    "csv": csv_columns,
    "tsv": tsv_lists,
    "txt": lambda path, x, y: np.savetxt(path, x),
    "vec": word2vec,
}


def rows_of_files(path: Path, x: Any, y: Any) -> None:
    path.mkdir()
    for number, row in enumerate(x):
        np.save(path / f"{number}.npy", row)


def classes_of_files(path: Path, x: Any, y: Any) -> None:
    path.mkdir()
    for label in dict.fromkeys(y.tolist()):
        rows_of_files(path / str(label), x[y == label], y)


def projector(path: Path, x: Any, y: Any) -> None:
    path.mkdir()
    (path / "vectors.tsv").write_text(lines(x, "\t"))
    (path / "metadata.tsv").write_text(told(y))


def saved_dataset(path: Path, x: Any, y: Any) -> None:
    path.mkdir()
    stream(path / "data.arrow", x, y)
    (path / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data.arrow"}]}))
    (path / "dataset_info.json").write_text("{}")


FOLDERS: dict[str, Writer] = {  # that are no shards
    "a file a row": rows_of_files,
    "a folder a class": classes_of_files,
    "projector": projector,
    "save_to_disk": saved_dataset,
}


LABELS: dict[str, tuple[str, Writer]] = {  # files of text that hold nothing else
    "labels in lines": ("txt", label_lines),
    "labels in a column": ("csv", lambda path, x, y: path.write_text(f"label\n{told(y)}")),
}


def saved(folder: Path, suffix: str, x: Any = X, y: Any = Y, stem: str = "x") -> Path:
    """A file or folder of a kind; left out without the library that writes it."""
    if suffix in LIBRARIES:
        pytest.importorskip(LIBRARIES[suffix])
    named = "" if suffix in FOLDERS else f".{LABELS.get(suffix, (suffix,))[0]}"
    path = folder / f"{stem}{named}"
    write = LABELS[suffix][1] if suffix in LABELS else (SAVED | FOLDERS)[suffix]
    write(path, x, y)
    return path


def files_of(path: Path) -> list[Path]:
    """The file, or those below a folder."""
    return [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())

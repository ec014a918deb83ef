"""Each format as people write it: a name, and what saves vectors and labels under a path.

`WRITERS` are those of vectors in one file; the numbers that are read back must be those that were
saved, and the labels too, as text where the format has nothing else.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pyarrow as pa
from pyarrow import feather, ipc

Writer = Callable[[Path, Any, Any], object]


def lines(rows: Any, delimiter: str = ",") -> str:
    return "".join(delimiter.join(map(str, row)) + "\n" for row in rows)


def csv_columns(path: Path, x: Any, y: Any) -> None:
    header = [*(f"emb_{i}" for i in range(x.shape[1])), "label"]
    path.write_text(lines([header, *([*row, label] for row, label in zip(x, y, strict=True))]))


def csv_lists(path: Path, x: Any, y: Any) -> None:
    rows = (f'"{row.tolist()}",{label}\n' for row, label in zip(x, y, strict=True))
    path.write_text("embedding,label\n" + "".join(rows))


def tsv_lists(path: Path, x: Any, y: Any) -> None:
    rows = (f"{label}\t{row.tolist()}\n" for row, label in zip(x, y, strict=True))
    path.write_text("label\tembedding\n" + "".join(rows))


def savetxt(path: Path, x: Any, y: Any) -> None:
    np.savetxt(path, x)


def glove(path: Path, x: Any, y: Any) -> None:
    path.write_text(
        lines([f"word{row}", *vector] for row, vector in enumerate(x)).replace(",", " ")
    )


def word2vec(path: Path, x: Any, y: Any) -> None:
    """As its own tool writes it: a blank ends each line."""
    rows = (
        f"word{row} " + "".join(f"{value} " for value in vector) for row, vector in enumerate(x)
    )
    path.write_text(f"{len(x)} {x.shape[1]}\n" + "\n".join(rows) + "\n")


def records(x: Any, y: Any) -> list[dict[str, Any]]:
    both = zip(x.tolist(), y.tolist(), strict=True)
    return [{"embedding": row, "label": label} for row, label in both]


def jsonl(path: Path, x: Any, y: Any) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records(x, y)))


def dumped(value: Callable[[Any, Any], Any], **how: Any) -> Writer:
    """A writer of JSON of what `value` makes."""
    return lambda path, x, y: path.write_text(json.dumps(value(x, y), **how))


def by_id(x: Any, y: Any) -> dict[str, Any]:
    return {f"img{row}": vector for row, vector in enumerate(x.tolist())}


def as_columns(x: Any, y: Any) -> dict[str, Any]:
    return {"model": "m", "embeddings": x.tolist(), "labels": y.tolist()}


def as_pandas(x: Any, y: Any) -> dict[str, Any]:
    columns = {"embedding": x.tolist(), "label": y.tolist()}
    return {name: dict(enumerate(values)) for name, values in columns.items()}


def arrow(x: Any, y: Any) -> pa.Table:
    lists = pa.array(x.tolist(), pa.list_(pa.from_numpy_dtype(x.dtype)))
    return pa.table({"embedding": lists, "label": pa.array(y)})


def stream(path: Path, x: Any, y: Any) -> None:
    """In batches of seven rows, as the shards of a data set are saved."""
    table = arrow(x, y)
    with ipc.new_stream(path, table.schema) as into:
        into.write_table(table, max_chunksize=7)


def ipc_file(path: Path, x: Any, y: Any) -> None:
    table = arrow(x, y)
    options = ipc.IpcWriteOptions(compression="zstd")
    with ipc.new_file(path, table.schema, options=options) as into:
        into.write_table(table, max_chunksize=7)


TENSORS = {"f4": "F32", "f8": "F64", "f2": "F16", "i8": "I64", "i1": "I8", "V2": "BF16"}


def tensors(held: dict[str, Any]) -> bytes:
    """Arrays as safetensors lays them out: the length of a header, which is JSON, and values."""
    header, values = {}, b""
    for name, array in held.items():
        kind, begin = TENSORS[array.dtype.str[1:]], len(values)
        values += array.tobytes()
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [begin, len(values)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + values


def safetensors(path: Path, x: Any, y: Any) -> None:
    path.write_bytes(tensors({"embeddings": x, "labels": y}))


def hdf5(path: Path, x: Any, y: Any) -> None:
    import h5py

    with h5py.File(path, "w") as root:
        root.create_dataset("embeddings", data=x, compression="gzip")
        root["labels"] = y


def mat(path: Path, x: Any, y: Any) -> None:
    from scipy.io import savemat

    savemat(path, {"embeddings": x, "labels": y})


def zarr(path: Path, x: Any, y: Any, version: int = 3) -> None:
    import zarr

    root = zarr.open_group(path, mode="w", zarr_format=version)
    root.create_array("embeddings", data=x, chunks=(7, 3))
    root.create_array("labels", data=y)


def zarr_in_zip(path: Path, x: Any, y: Any) -> None:
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w") as archive:
        zarr(Path(folder), x, y)
        for file in sorted(Path(folder).rglob("*")):
            archive.write(file, file.relative_to(folder))


def lance(path: Path, x: Any, y: Any) -> None:
    """In files of seven rows."""
    import lance

    lance.write_dataset(arrow(x, y), path, mode="overwrite", max_rows_per_file=7)


def counted(x: Any) -> bytes:
    """Each row behind its length, as `.fvecs` has it."""
    return b"".join(len(row).to_bytes(4, "little") + row.tobytes() for row in x)


def indexed(kind: str) -> Writer:
    """A writer of an index of FAISS, as its factory calls the kind."""

    def write(path: Path, x: Any, y: Any) -> None:
        index = faiss.index_factory(x.shape[1], kind)
        index.train(x)
        if kind.startswith("IDMap"):
            index.add_with_ids(x, np.arange(len(x)))
        else:
            index.add(x)
        faiss.write_index(index, str(path))

    return write


FLOAT32_ONLY = ("fvecs", "faiss flat", "faiss lists", "faiss graph")
WRITERS: dict[str, tuple[str, Writer]] = {
    "csv columns": ("csv", csv_columns),
    "csv lists": ("csv", csv_lists),
    "csv of numpy.savetxt": ("csv", savetxt),
    "tsv lists": ("tsv", tsv_lists),
    "arrow stream": ("arrow", stream),
    "arrow file": ("ipc", ipc_file),
    "feather": ("feather", lambda path, x, y: feather.write_feather(arrow(x, y), path)),
    "safetensors": ("safetensors", safetensors),
    "fvecs": ("fvecs", lambda path, x, y: path.write_bytes(counted(x))),
    "faiss flat": ("faiss", indexed("Flat")),
    "faiss lists": ("faiss", indexed("IVF2,Flat")),
    "faiss graph": ("index", indexed("HNSW4,Flat")),
    "jsonl records": ("jsonl", jsonl),
    "json of lines": ("json", jsonl),
    "json records": ("json", dumped(records, indent=1)),
    "json lists": ("json", dumped(lambda x, y: x.tolist())),
    "json by id": ("json", dumped(by_id)),
    "json columns": ("json", dumped(as_columns)),
    "json of pandas": ("json", dumped(as_pandas)),
    "tsv of the projector": ("tsv", lambda path, x, y: path.write_text(lines(x, "\t"))),
    "mat": ("mat", mat),
    "txt of numpy.savetxt": ("txt", savetxt),
    "txt of GloVe": ("txt", glove),
    "vec of word2vec": ("vec", word2vec),
}
if find_spec("h5py") is not None:
    WRITERS["hdf5"] = ("h5", hdf5)
if find_spec("zarr") is not None:
    WRITERS["zarr"] = ("zarr", zarr)
    WRITERS["zarr 2"] = ("zarr", lambda path, x, y: zarr(path, x, y, 2))
    WRITERS["zarr in a zip"] = ("zip", zarr_in_zip)
if find_spec("lance") is not None:
    WRITERS["lance"] = ("lance", lance)

"""What stands in the place of a file, or is another thing than its name says: told with the way."""

import gzip
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tests.files.cases_parquet import ROWS, table
from tests.files.corpus import NAMES, Case, X, Y, files, labels, npy, raw
from tests.files.writers import lines

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGE = b"\n<!DOCTYPE html><html><body>Sign in</body></html>"
CSV = "label\n" + "".join(f"c{y}\n" for y in Y)
MASKED = np.ma.MaskedArray(X, mask=X > 2)


def held(name: str, data: bytes) -> Any:
    return files(lambda tmp: raw(tmp / name, data))


def partitioned(tmp: Path) -> Path:
    for name in ("cat", "dog"):
        (tmp / "hive" / f"label={name}").mkdir(parents=True)
        table(tmp / "hive" / f"label={name}" / "0.parquet", {"embedding": ROWS})
    assert pq.read_table(tmp / "hive").num_rows == 40
    return tmp / "hive"


def numbers(*, decimal: str = ".") -> bytes:
    return lines([range(4), *X.tolist()], ";").replace(".", decimal).encode()


CASES = [
    *(
        Case(f"pointer of LFS, {suffix}", held(f"x.{suffix}", POINTER), ("Git LFS", "git lfs pull"))
        for suffix in ("npy", "npz", "parquet", "h5", "csv", "txt", "json", "faiss", "safetensors")
    ),
    *(
        Case(f"page of HTML, {suffix}", held(f"x.{suffix}", PAGE), ("page of HTML", "Download"))
        for suffix in ("npy", "parquet", "csv", "txt", "json")
    ),
    Case("UTF-16 csv", labels(lambda t: raw(t / "y.csv", CSV.encode("utf-16"))), ("iconv -f",)),
    Case("UTF-16 txt", labels(lambda t: raw(t / "y.txt", CSV.encode("utf-16"))), ("UTF-16",)),
    Case("UTF-16 json", held("x.json", "[[1, 2]]".encode("utf-16")), ("UTF-16", "iconv -f")),
    Case("gzip by name", held("x.csv.gz", gzip.compress(b"a")), ("packed", "gunzip -k ")),
    Case("tar by name", held("x.tgz", gzip.compress(b"a")), ("packed", "tar -xf ")),
    Case("gzip in a csv", held("x.csv", gzip.compress(CSV.encode())), ("gzip", "gunzip -c ")),
    Case("gzip in a npy", held("x.npy", gzip.compress(X.tobytes())), ("gzip", "unpacked.npy")),
    Case(
        "pickle in a npy",
        held("x.npy", pickle.dumps(X)),
        ("pickle", "run code", "numpy.save('array.npy'"),
    ),
    Case("masked in a npy", held("x.npy", MASKED.dumps()), ("pickle", ".filled(numpy.nan)")),
    Case("npy of booleans", files(lambda t: npy(t / "x.npy", X > 0)), ("x.astype('uint8')",)),
    Case("npy of long doubles", files(lambda t: npy(t / "x.npy", X.astype("g"))), ("'float64'",)),
    Case("npy of complex numbers", files(lambda t: npy(t / "x.npy", X + 1j)), ("x.real, x.imag",)),
    Case(
        "npy of fields",
        files(lambda t: npy(t / "x.npy", np.zeros(20, [("emb", "f4", 4), ("y", "i8")]))),
        ("numpy.savez(path", "x.dtype.names"),
    ),
    Case("partitions", files(partitioned), ("partitioned", "'label=cat'", "partitioning='hive'")),
    Case("decimal commas", held("x.csv", numbers(decimal=",")), ("decimal commas", "decimal=','")),
    Case("decimal points, by semicolons", held("x.csv", numbers())),
    Case(
        "txt of a header and labels",
        labels(lambda t: raw(t / "y.txt", "\n".join(["label", *NAMES]).encode())),
        ("21 labels", "first line a header", ".csv"),
    ),
    Case("home", files(lambda tmp: "~/embeddings.npy"), ("no such file", "write it out")),
]

"""`.npy` embeddings, sound and hostile, and paths that are none."""

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.corpus import NAMES, Arguments, Case, X, Y, alone, files, labels, npy, raw

DTYPES = ("f2", "f4", "f8", ">f2", ">f4", ">f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


def header(text: str, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """A .npy with any header at all."""
    width = "<H" if version == (1, 0) else "<I"
    encoded = text.encode("latin1")
    return b"\x93NUMPY" + bytes(version) + struct.pack(width, len(encoded)) + encoded + data


def described(descr: str = "'<f4'", order: str = "False", shape: str = "(20, 4)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


def hostile(name: str, content: bytes, *says: str) -> Case:
    return Case(f"npy {name}", files(lambda tmp: raw(tmp / "x.npy", content)), ("x.npy", *says))


def stored(name: str, array: Any, *says: str) -> Case:
    return Case(f"npy {name}", files(lambda tmp: npy(tmp / "x.npy", array)), says)


def changed(row: int, value: float, dtype: str = "f4") -> np.ndarray:
    vectors = X.astype(dtype)
    vectors[row, 1] = value
    return vectors


def fifo(tmp: Path) -> Path:
    os.mkfifo(tmp / "x.npy")
    return tmp / "x.npy"


def loop(tmp: Path) -> Path:
    (tmp / "x.npy").symlink_to(tmp / "y.lnk")
    (tmp / "y.lnk").symlink_to(tmp / "x.npy")
    return tmp / "x.npy"


def linked(tmp: Path) -> Path:
    npy(tmp / "elsewhere.npy", X)
    (tmp / "x.npy").symlink_to(tmp / "elsewhere.npy")
    return tmp / "x.npy"


def both_wrong(tmp: Path) -> Arguments:
    return {
        "path": raw(tmp / "x.npy", header(described(), X.tobytes()[:-1])),
        "labels": npy(tmp / "y.npy", np.eye(20)),
    }


def length_and_type(tmp: Path) -> Arguments:
    values = X.copy()
    values[5, 1] = np.nan
    return {"path": npy(tmp / "x.npy", values), "labels": npy(tmp / "y.npy", Y + 0.5)}


DATA = X.tobytes()
HUGE = f"(0x{'f' * 5000}, 3)"
STRUCTURED = np.zeros(20, [("a", "f4"), ("b", "i4")])
LONG_DOUBLE = [stored("long double", X.astype("longdouble"), "x.npy", "holds float")]
if np.dtype("longdouble").itemsize == 8:  # on some machines it is a float64
    LONG_DOUBLE = []

CASES = [
    Case(
        "npy bfloat16",
        files(lambda t: raw(t / "x.npy", header(described("'<V2'"), bytes(160)))),
        ("x.npy", "bfloat16 (ml_dtypes)", "x.astype('float32')"),
    ),
    *(stored(f"of {dtype}", (X * 10 + 50).astype(dtype)) for dtype in DTYPES),
    stored("in Fortran order", np.asfortranarray(X)),
    stored("of one dimension", X[:, :1]),
    Case("npy version 2", files(lambda t: raw(t / "x.npy", header(described(), DATA, (2, 0))))),
    Case("npy version 3", files(lambda t: raw(t / "x.npy", header(described(), DATA, (3, 0))))),
    Case("npy in upper case", files(lambda t: npy(t / "x.npy", X).rename(t / "X.NPY"))),
    Case("npy behind a symlink", files(linked)),
    Case("npy path as str", files(lambda tmp: str(npy(tmp / "x.npy", X)))),
    Case("npy identical rows", files(lambda tmp: npy(tmp / "x.npy", np.ones((20, 3))))),
    Case(
        "npy float64 beyond float32", files(lambda tmp: npy(tmp / "x.npy", X.astype("f8") * 1e200))
    ),
    # values
    stored("NaN", changed(3, np.nan), "x.npy", "1 of 20 rows", "rows 3", "NaN"),
    stored("infinity", changed(11, -np.inf), "x.npy", "rows 11", "infinite"),
    stored("infinity in float16", changed(11, np.inf, "f2"), "x.npy", "rows 11"),
    stored("overflowing distances", changed(2, 1e301, "f8"), "rows 2", "rescale"),
    stored("integers beyond float64", changed(2, 0, "i8") + (1 << 60), "20 rows", "rescale"),
    # what would run code, or is no matrix of numbers
    stored("pickled objects", np.array([[object()] * 2] * 20), "x.npy", "pickled"),
    stored("structured", STRUCTURED, "x.npy", "structured"),
    stored("complex", X.astype("c8"), "x.npy", "complex"),
    stored("text", X.astype("U5"), "x.npy", "holds str"),
    stored("bytes", X.astype("S5"), "x.npy", "holds bytes"),
    stored("dates", X.astype("M8[s]"), "x.npy", "datetime"),
    stored("time differences", X.astype("m8[s]"), "x.npy", "timedelta"),
    *LONG_DOUBLE,
    stored("booleans", X > 0, "x.npy", "holds bool"),
    stored("1-D", X[:, 0], "x.npy", "shape (20,)", "2-D", "x[None, :]"),
    stored("3-D", X[None], "x.npy", "shape (1, 20, 4)", "x.reshape(20, 4)"),
    stored("0-D", X[0, 0], "x.npy", "shape ()"),
    stored("without rows", X[:0], "nothing to audit", "is empty"),
    stored("without dimensions", X[:, :0], "x.npy", "nothing to audit", "0 dimensions"),
    # the header, before numpy sees it
    hostile("another file", b"PK\x03\x04 something else", "no .npy data"),
    hostile("cut in the magic", b"\x93NUMPY", "no .npy data"),
    hostile("unknown version", b"\x93NUMPY\x09\x00" + DATA, "version", "numpy.save"),
    hostile("long header", header(described() + " " * 20000, DATA), "header is 200", "10000"),
    hostile("huge header", b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "header is 4294967295"),
    hostile("cut in the header", header(described())[:40], "truncated within its header"),
    hostile("code in the header", header("__import__('os')", DATA), "malformed"),
    hostile("nested header", header("(" * 9000, DATA), "malformed"),
    hostile("not a dictionary", header("[1, 2]", DATA), "malformed"),
    hostile("missing key", header("{'descr': '<f4', 'shape': (20, 4)}", DATA), "malformed"),
    hostile("more keys", header(described()[:-2] + "'x': 1}", DATA), "malformed"),
    hostile("unhashable header", header("{[]: 1}", DATA), "malformed"),
    hostile("order as a number", header(described(order="1"), DATA), "malformed"),
    hostile("shape as a list", header(described(shape="[20, 4]"), DATA), "malformed"),
    hostile("negative dimension", header(described(shape="(-20, -4)"), DATA), "dimension -20"),
    hostile("fractional dimension", header(described(shape="(20.0, 4)"), DATA), "dimension 20.0"),
    hostile("boolean dimension", header(described(shape="(True, 4)"), DATA), "dimension True"),
    hostile("dimension beyond 64 bits", header(described(shape=f"({2**64}, 0)")), "dimension"),
    hostile("overflowing product", header(described(shape=f"({2**62}, 4)"), b""), "truncated"),
    hostile("wrapping product", header(described(shape=f"({2**62 + 20}, 4)"), DATA), "truncated"),
    hostile("huge and empty", header(described(shape=f"({2**62}, 0)")), "20 labels for the"),
    hostile("unknown dtype", header(described("'<q9'"), DATA), "unknown dtype"),
    hostile("dtype with fields", header(described("'f4,f4'"), DATA), "x.npy"),
    hostile("object dtype", header(described("'|O'"), b"cposix\nsystem\n"), "pickled"),
    hostile("dimension of 20,000 bits", header(described(shape=HUGE)), "dimension a huge int"),
    hostile("dimensions in a tuple", header(described(shape=f"({HUGE},)")), "dimension a huge"),
    hostile("huge and complex header", header("0x1" + "0" * 5000 + "+1j", DATA), "malformed"),
    hostile("dtype that numpy dies of", header(described("'M8[Y/0]'"), DATA), "unknown dtype"),
    hostile("dtype with a line end", header(described("'f4\\n'"), DATA), "unknown dtype"),
    hostile("text wider than numpy has", header(described("'<U999999999'")), "unknown dtype"),
    Case(
        "npy labels of no width",
        lambda tmp: {
            "path": npy(tmp / "x.npy", X),
            "labels": raw(tmp / "y.npy", header(described("'<U0'", shape="(20,)"))),
        },
        ("y.npy", "text of no width", "one label a row"),
    ),
    hostile("one byte short", header(described(), DATA[:-1]), "truncated", "promises 320"),
    hostile("one byte more", header(described(), DATA + b"\0"), "1 bytes follow the data"),
    hostile("two arrays", header(described(), DATA) * 2, "two arrays in one file"),
    # paths
    Case("path missing", files(lambda tmp: tmp / "none.npy"), ("none.npy", "no such file")),
    Case("path with NUL", files(lambda tmp: f"{tmp}/a\0b.npy"), ("no file name",)),
    Case("path too long", files(lambda tmp: tmp / ("a" * 5000)), ("cannot be read",)),
    Case("path under a file", files(lambda t: npy(t / "x.npy", X) / "z.npy"), ("cannot be read",)),
    Case("path of a pipe", files(fifo), ("no regular file",)),
    Case("path of a device", files(lambda tmp: "/dev/zero"), ("/dev/zero", "no regular file")),
    Case("path in a loop", files(loop), ("x.npy", "cannot be read")),
    Case(
        "suffix unknown",
        files(lambda t: raw(t / "x.pkl", b"cos\n")),
        (".pkl", "run code", "numpy.save('x.npy'"),
    ),
    Case("suffix missing", files(lambda tmp: raw(tmp / "x", b"")), ("suffix", ".parquet")),
    Case(
        "suffix of labels",
        files(lambda tmp: raw(tmp / "x.csv", b"a\nb\n")),
        ("x.csv", "holds str", "vectors as text"),
    ),
    # several problems at once
    Case("both files wrong", both_wrong, ("x.npy", "truncated", "y.npy", "one-hot")),
    Case("values of both wrong", length_and_type, ("x.npy", "NaN", "y.npy", "fractional")),
    Case("labels missing", alone(lambda tmp: npy(tmp / "x.npy", X)), ("x.npy", "--labels")),
    Case(
        "column of a npy",
        lambda t: {**files(lambda t: npy(t / "x.npy", X))(t), "embedding_column": "a"},
        ("x.npy", "no columns", "--embedding-column"),
    ),
    Case(
        "lengths differ",
        labels(lambda tmp: npy(tmp / "y.npy", Y[:-1])),
        ("y.npy", "19 labels", "20 embeddings", "x.npy"),
    ),
    Case(
        "one class",
        labels(lambda tmp: npy(tmp / "y.npy", Y * 0)),
        ("y.npy", "only one class", "negatives"),
    ),
    Case(
        "all singletons",
        labels(lambda tmp: npy(tmp / "y.npy", np.arange(20))),
        ("y.npy", "positives", "ids rather than labels"),
    ),
    Case(
        "some singletons",
        labels(lambda tmp: npy(tmp / "y.npy", [*Y[:-1].tolist(), 77])),
        notices=("singleton_classes",),
    ),
    Case("names as labels", labels(lambda tmp: npy(tmp / "y.npy", NAMES))),
]

"""Labels in files of their own: what is a class, and what is not."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, Arguments, Case, X, Y, labels, npy, raw


def stored(name: str, values: Any, *says: str, notices: tuple[str, ...] = ()) -> Case:
    return Case(f"labels {name}", labels(lambda t: npy(t / "y.npy", values)), says, notices)


def csv(name: str, content: str | bytes, *says: str, notices: tuple[str, ...] = ()) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(f"csv {name}", labels(lambda t: raw(t / "y.csv", data)), says, notices)


def txt(name: str, content: str | bytes, *says: str, notices: tuple[str, ...] = ()) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(f"txt {name}", labels(lambda t: raw(t / "y.txt", data)), says, notices)


def lines(values: Any, end: str = "\n") -> str:
    return "".join(f"{value}{end}" for value in values)


def spoilt(values: np.ndarray, at: int, value: Any) -> np.ndarray:
    values = values.copy()
    values[at] = value
    return values


def broken_text(value: int) -> np.ndarray:
    """Fixed-width text with a number in it that is no character."""
    text = np.array(["ab", "cd"] * 10)
    text.view(np.uint32)[7] = value
    return text


def both_columns(tmp: Path) -> Arguments:
    path = raw(
        tmp / "y.csv", lines(["id,a,b", *(f"{i},{i % 3},{i % 4}" for i in range(20))]).encode()
    )
    return {"path": npy(tmp / "x.npy", X), "labels": path, "label_column": "b"}


def column_of_txt(tmp: Path) -> Arguments:
    path = table(tmp / "x.parquet", {"emb": X.tolist(), "species": NAMES})
    return {
        "path": path,
        "labels": raw(tmp / "y.txt", lines(NAMES).encode()),
        "label_column": "species",
    }


PATHS = [f"a/{i}.png {y}" for i, y in enumerate(Y)]
FLOATS = Y.astype("f8")
QUOTED = ['"' + name.replace('"', '""') + '"' for name in NAMES]
TWINS = ["Cat", "cat ", "caf\u00e9", "cafe\u0301"] * 5

CASES = [
    *(stored(f"as {kind}", abs(Y).astype(kind)) for kind in ("i1", "u2", ">i4", "u8")),
    stored("as booleans", Y > 0),
    stored("beyond int64", Y.astype("u8") + np.uint64(2**63)),
    stored("smallest int64", np.where(Y < 0, -(2**63), Y)),
    stored("as text", np.array(NAMES)),
    stored("big-endian text", np.array(NAMES).astype(">U16")),
    stored("as bytes", np.array(["a", "b"] * 10, "S"), notices=("bytes_labels",)),
    stored("whole floats", FLOATS, notices=("float_labels",)),
    stored("whole float16", FLOATS.astype("f2"), notices=("float_labels",)),
    stored("(N, 1)", Y[:, None], notices=("flattened_labels",)),
    stored("twins", np.array(TWINS), notices=("label_twins",)),
    stored("empty text", np.array(["", "a"] * 10), notices=("empty_labels",)),
    stored("NaN", spoilt(FLOATS, 4, np.nan), "y.npy", "1 label is null", "row 4"),
    stored("infinite", spoilt(FLOATS, 4, np.inf), "y.npy", "row 4"),
    stored("fractional", spoilt(FLOATS, 2, 0.5), "y.npy", "fractional", "row 2", "regression"),
    stored("NaN and fractional", spoilt(spoilt(FLOATS, 2, 0.5), 3, np.nan), "row 2", "row 3"),
    stored("floats too large", FLOATS * 2.0**54, "y.npy", "too large"),
    stored("one-hot", np.eye(3)[Y % 3], "y.npy", "(20, 3)", "one-hot", "argmax"),
    stored("3-D", Y[:, None, None], "y.npy", "3-D"),
    stored("0-D", np.array(3), "y.npy", "0-D"),
    stored("(1, N)", Y[None], "y.npy", "(1, 20)"),
    stored("dates", Y.astype("M8[D]"), "y.npy", "datetime"),
    stored("complex", Y.astype("c8"), "y.npy", "complex"),
    stored("objects", np.array(NAMES, object), "y.npy", "pickled"),
    stored("structured", np.zeros(20, [("a", "i4")]), "y.npy", "structured"),
    stored("lone surrogate", broken_text(0xD800), "y.npy", "no Unicode", "row 3"),
    stored("no code point", broken_text(0x110000), "y.npy", "no Unicode", "row 3"),
    stored("bad bytes", np.array([b"\xff", b"a"] * 10), "y.npy", "not UTF-8", "row 0, 2"),
    stored("none", Y[:0], "y.npy", "is empty"),
    Case("labels in npz", labels(lambda t: npz(t / "y.npz", a=Y))),
    Case("labels in parquet", labels(lambda t: table(t / "y.parquet", {"species": NAMES}))),
    Case(
        "labels in parquet with ids",
        labels(lambda t: table(t / "y.parquet", {"id": np.arange(20), "species": NAMES})),
    ),
    Case("labels missing file", labels(lambda t: t / "y.csv"), ("y.csv", "no such file")),
    Case("labels of unknown suffix", labels(lambda t: raw(t / "y.xyz", b"[]")), (".xyz", ".txt")),
    # csv
    csv("plain", lines(["label", *Y])),
    csv("with CRLF", lines(["label", *Y], "\r\n")),
    csv("with a BOM", b"\xef\xbb\xbf" + lines(["label", *Y]).encode()),
    csv("without a final newline", lines(["label", *Y])[:-1]),
    csv("quoted", lines(["label", *QUOTED])),
    csv("newline in a label", lines(["label", *(['"a\nb"', "c"] * 10)])),
    csv("one column of any name", lines(["species", *Y])),
    csv("ids and one other", lines(["id,species", *(f"{i},{y}" for i, y in enumerate(Y))])),
    csv("with the label by name", lines(["n,label", *(f"{i},{y}" for i, y in enumerate(Y))])),
    csv("nulls stay text", lines(["label", *(["NA", "nan", "null", "1"] * 5)])),
    csv("leading zeros stay", lines(["label", *(["01", "1"] * 10)])),
    csv("long labels", lines(["label", *(["x" * 200_000, "y"] * 10)]), notices=("long_texts",)),
    csv("empty fields", lines(["id,label", *(["1,", "2,a"] * 10)]), notices=("empty_labels",)),
    Case("csv column asked for", both_columns),
    csv("without a header", lines(Y), "y.csv", "19 labels", "header missing"),
    csv("ragged", lines(["id,label", "1,2", "3"]), "y.csv", "line 3", "1 fields", "header has 2"),
    csv("ragged after a quoted newline", 'id,label\n1,"a\nb"\n1,2,3\n', "line 4", "3 fields"),
    csv("blank line", "label\na\n\nb\n", "y.csv", "line 3", "empty"),
    csv("stray quote", 'label\n"a"b\n', "y.csv", "line 2", "no valid CSV"),
    csv("open quote", 'label\n"a\n', "y.csv", "no valid CSV"),
    csv("not UTF-8", b"label\na\n\xff\n", "y.csv", "line 3", "UTF-8"),
    csv("header only", "label\n", "y.csv", "is empty"),
    csv("duplicate columns", "label,label\n1,2\n", "y.csv", "'label'", "rename"),
    csv("ambiguous", "a,b\n1,2\n", "y.csv", "several columns", "'a', 'b'"),
    csv("ambiguous names", "label,target\n1,2\n", "'label', 'target'"),
    # txt
    txt("plain", lines(NAMES)),
    txt("without a final newline", lines(NAMES)[:-1]),
    txt("with CRLF", lines(Y, "\r\n")),
    txt("with a BOM", b"\xef\xbb\xbf" + lines(Y).encode()),
    txt("line separators are text", lines(["a\u2028b", "c\x0bd"] * 10)),
    txt("empty line", lines([*Y[:5], "", *Y[5:]]), "y.txt", "1 empty lines", "line 6"),
    txt("two final newlines", lines(Y) + "\n"),
    txt("only spaces", lines([*Y[:5], "  ", *Y[5:]]), "y.txt", "line 6"),
    txt("not UTF-8", b"a\nb\n\xe9\n", "y.txt", "line 3", "UTF-8"),
    txt("empty file", "", "y.txt", "empty"),
    *(
        csv(
            f"separated by {mark!r}",
            lines([f"id{mark}label", *(f"{i}{mark}{y}" for i, y in enumerate(Y))]),
        )
        for mark in (";", "\t", "|", " ")
    ),
    csv("quoted semicolon", lines(["id;label", *(f'{i};"a;{y}"' for i, y in enumerate(Y))])),
    csv("blanks within labels", lines(["polar bear", *(["grey wolf", "red fox"] * 10)])),
    csv("semicolons within labels", lines(["label", *(["a;b", "c;d"] * 10)])),
    csv("semicolons ragged", lines(["id;label", "1;2", "3"]), "y.csv", "labels for the 20"),
    txt("path and label", lines(PATHS), notices=("fields_of_lines",)),
    txt(
        "label and path",
        lines(line.split()[1] + " " + line.split()[0] for line in PATHS),
        notices=("fields_of_lines",),
    ),
    txt(
        "path with blanks and label",
        lines(f"my photos of {i % 2 * 'a '}{i} {y}" for i, y in enumerate(Y)),
        notices=("fields_of_lines",),
    ),
    *(
        txt(
            f"path and label by {mark!r}",
            lines(line.replace(" ", mark) for line in PATHS),
            notices=("fields_of_lines",),
        )
        for mark in (";", "\t", ",", ", ")
    ),
    txt("labels with blanks", lines(["polar bear", "red fox"] * 10)),
    txt(
        "three fields, two shared",
        lines(f"{line} c{i % 3}" for i, line in enumerate(PATHS)),
        "several columns",
        "'2', '3'",
        "--label-column",
    ),
    txt("paths alone", lines(f"a/{i}.png" for i in range(20)), "every class has a single row"),
    Case(
        "txt field asked for",
        lambda t: {
            "path": npy(t / "x.npy", X),
            "labels": raw(
                t / "y.txt", lines(f"{line} c{i % 3}" for i, line in enumerate(PATHS)).encode()
            ),
            "label_column": "3",
        },
        notices=("fields_of_lines",),
    ),
    Case("txt has no columns", column_of_txt, ("y.txt", "no columns", "--label-column")),
]

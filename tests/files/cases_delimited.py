"""Vectors in `.csv` and `.tsv`: a column a dimension, or a cell a vector."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.files.corpus import Case, X, Y, alone, files, raw
from tests.files.writers import lines

ASKED_1, ASKED_5 = (("no header", f"column {at} of 5", "whole numbers") for at in (1, 5))
NAMED = [f"emb_{i}" for i in range(4)]
SHOWN = [f"[ {a}  {b}\t{c} {d}],{y}" for (a, b, c, d), y in zip(X, Y, strict=True)]
CELLS = [str(row) for row in X.tolist()]


def text(
    name: str, content: str | bytes, *says: str, beside: bool = True, suffix: str = "csv"
) -> Case:
    """beside: labels have a file of their own."""
    data = content.encode() if isinstance(content, str) else content
    build = (files if beside else alone)(lambda t: raw(t / f"x.{suffix}", data))
    return Case(f"{suffix} vectors {name}", build, says)


def spoilt(row: int, line: str, rows: Any = X) -> str:
    """A line of the text in the place of another."""
    found = lines(rows).splitlines()
    found[row] = line
    return "\n".join(found)


def cells(*changes: tuple[int, str], delimiter: str = ",", quote: str = '"') -> str:
    rows = [f"{quote}{cell}{quote}{delimiter}{y}" for cell, y in zip(CELLS, Y, strict=True)]
    for row, line in changes:
        rows[row] = line
    return "\n".join([f"embedding{delimiter}label", *rows, ""])


def with_labels(*, header: Any = (), y: Any = Y) -> str:
    rows = [[*row, label] for row, label in zip(X, y, strict=True)]
    return lines([header, *rows] if header else rows)


def with_rows() -> Any:
    return ([*row, f"c{label}"] for row, label in zip(X, Y, strict=True))


def numbered(prefix: str, start: int = 0) -> str:
    return with_labels(header=[*(f"{prefix}{i + start}" for i in range(4)), "label"])


def abbreviated(tmp: Path) -> Path:
    rows = "".join(f'"[0.1 0.2 ... {i}.5]",{y}\n' for i, y in enumerate(Y))
    return raw(tmp / "x.csv", f"embedding,label\n{rows}".encode())


CASES = [
    text("a column a dimension", numbered("embedding_"), beside=False),
    text("numbered by pandas", lines([["", *range(4)], *([i, *r] for i, r in enumerate(X))])),
    text("numbered from 1", numbered("x", 1), beside=False),
    text("without a header", lines(X)),
    text("with CRLF and a BOM", b"\xef\xbb\xbf" + lines(X).replace("\n", "\r\n").encode()),
    text("without a final newline", lines(X)[:-1]),
    text("by semicolons", lines(X, ";")),
    text(
        "of decimal commas",
        lines([NAMED, *X.tolist()], ";").replace(".", ","),
        "decimal comma",
        "decimal points",
    ),
    text("by tabs", lines(X, "\t"), suffix="tsv"),
    text("by blanks", lines(X, " ")),
    text(
        "in long cells",
        "label,embedding\n" + "".join(f'{i % 2},"{[0.1 + i] * 9000}"\n' for i in range(4)),
        beside=False,
    ),
    text("in cells", cells(), beside=False),
    text("in cells, by semicolons", cells(delimiter=";", quote=""), beside=False),
    text("in cells as numpy shows them", "\n".join(["embedding,label", *SHOWN]), beside=False),
    text("ragged", spoilt(3, "1,2,3"), "x.csv", "record 4", "expected 4 columns, got 3"),
    text("with a word", spoilt(3, "1,2,3,x"), "x.csv", "record 4, column 'f3'", "'x'"),
    text("with an empty field", spoilt(3, "1,2,,4"), "null values in 1 of 20 rows (row 3)"),
    text("with an empty line", spoilt(3, ""), "null values in 1 of 20 rows (row 3)"),
    text("with NaN", spoilt(3, "1,2,nan,4"), "NaN or infinite", "rows 3"),
    text("beyond float64", spoilt(3, "1,2,1e999,4"), "NaN or infinite", "rows 3"),
    text("with an open quote", spoilt(3, '1,2,3,"4'), "x.csv"),
    text("with an open quote at the end", numbered("emb_")[:-1] + '"x\n', "never closed"),
    text("not UTF-8", b"emb_0,emb_1,label\n1,2,a\n1,2,\xff\n", "UTF8", beside=False),
    text("with a gap", lines([["emb_0", "emb_2"], *X[:, :2]]), "emb_1 is missing", "gaps"),
    text("labels last, without names", with_labels(), "no header", "column 5 of 5", "whole"),
    text(
        "labels first, without names", lines([[y, *x] for x, y in zip(X, Y, strict=True)]), *ASKED_1
    ),
    text("labels last, as floats", with_labels(y=Y.astype(float)), *ASKED_5),
    text(
        "labels last, of numpy.savetxt",
        lines([[f"{v:.18e}" for v in [*x, y]] for x, y in zip(X, Y, strict=True)]),
        *ASKED_5,
    ),
    text(
        "ids first and labels last, without names",
        lines([[i, *x, y] for i, (x, y) in enumerate(zip(X, Y, strict=True))]),
        "column 6 of 6",
    ),
    text(
        "labels last behind an idle dimension",
        lines([[*x, 0, 0.5, y] for x, y in zip(X, Y, strict=True)]),
        "column 7 of 7",
    ),
    text(
        "labels last, numbered by pandas",
        with_labels(header=range(5)),
        "no names but numbers",
        "column 5 of 5",
    ),
    text(
        "columns of any names",
        lines([["length", "width", "mass", "age", "kind"], *with_rows()]),
        "each dimension a column",
        "emb_0, emb_1",
    ),
    text("idle dimensions", lines([[*x[:2], 0.0, *x[2:], 0.0] for x in X])),
    text("whole numbers", lines(np.arange(80).reshape(20, 4) * 7)),
    text("cells of another length", cells((2, '"[1, 2]",a')), "(4 values)", "row 2"),
    text("cells of words", cells((2, '"[1, x, 3, 4]",a')), "no vector of numbers", "row 2"),
    text("cells nested", cells((2, '"[[1, 2], [3, 4]]",a')), "no vector of numbers", "row 2"),
    text("cells of code", cells((2, "\"[__import__('os')]\",a")), "no vector of numbers"),
    Case(
        "csv vectors abbreviated by numpy", alone(abbreviated), ("numpy left values out", "row 0")
    ),
]

"""Each format as people write it: a name, and what saves vectors and labels under a path.

`WRITERS` are those of vectors in one file; the numbers that are read back must be those that were
saved, and the labels too, as text where the format has nothing else.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

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


WRITERS: dict[str, tuple[str, Writer]] = {
    "csv columns": ("csv", csv_columns),
    "csv lists": ("csv", csv_lists),
    "csv of numpy.savetxt": ("csv", savetxt),
    "tsv lists": ("tsv", tsv_lists),
    "tsv of the projector": ("tsv", lambda path, x, y: path.write_text(lines(x, "\t"))),
}

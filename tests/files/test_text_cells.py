"""Vectors that are cells of delimited text, however they were written: the same numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.corpus import NAMES, X, Y, npy, raw

CELLS: dict[str, Callable[[Any], str]] = {
    "Python": lambda x: str(x.tolist()),
    "numpy": str,
    "numpy 2": lambda x: "[" + ", ".join(f"np.float32({v})" for v in x) + "]",
    "array": lambda x: f"array({x.tolist()}, dtype=float32)",
    "tensor": lambda x: f"tensor({x.tolist()})",
    "PostgreSQL": lambda x: "{" + ",".join(map(str, x)) + "}",
    "commas": lambda x: ",".join(map(str, x)),
    "blanks": lambda x: " ".join(map(str, x)),
    "semicolons": lambda x: "; ".join(map(str, x)),
    "bars": lambda x: "|".join(map(str, x)),
}
ORDERS = {"first": ("embedding", "label"), "last": ("label", "embedding")}


def table(cell: Callable[[Any], str], order: str, mark: str, quote: str, header: bool) -> str:
    rows = []
    for x, y in zip(X, NAMES, strict=True):
        fields = {"embedding": f"{quote}{cell(x)}{quote}", "label": y.split(",")[0]}
        rows.append(mark.join(fields[name] for name in ORDERS[order]))
    return "\n".join([*([mark.join(ORDERS[order])] if header else []), *rows, ""])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("form", CELLS)
@pytest.mark.parametrize(
    ("suffix", "mark", "quote"), [("csv", ",", '"'), ("csv", ";", '"'), ("tsv", "\t", "")]
)
def test_cells_are_the_vectors_that_were_written(
    suffix: str, mark: str, quote: str, form: str, order: str, tmp_path: Path
) -> None:
    text = table(CELLS[form], order, mark, quote, header=True)
    path = raw(tmp_path / f"x.{suffix}", text.encode())
    loaded = embaudit.load(path)
    assert np.allclose(loaded.vectors, X[loaded.rows], rtol=1e-6)
    assert len(loaded.classes) == len({*NAMES})


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("form", ["Python", "numpy", "PostgreSQL"])
@pytest.mark.parametrize(("suffix", "mark", "quote"), [("csv", ",", '"'), ("tsv", "\t", "")])
def test_cells_need_no_header(
    suffix: str, mark: str, quote: str, form: str, order: str, tmp_path: Path
) -> None:
    text = table(CELLS[form], order, mark, quote, header=False)
    path = raw(tmp_path / f"x.{suffix}", text.encode())
    loaded = embaudit.load(path, npy(tmp_path / "y.npy", Y))
    assert np.allclose(loaded.vectors, X[loaded.rows], rtol=1e-6)


@pytest.mark.parametrize("names", [["0 1", "1 0"], ["1.5 2.5", "2.5 3.5"], ["3, 4", "5, 6"]])
def test_labels_of_two_numbers_are_no_vectors(names: list[str], tmp_path: Path) -> None:
    rows = [f'{k},"{names[k % 2]}"' for k in range(20)]
    labels = raw(tmp_path / "y.csv", "\n".join(["id,label", *rows, ""]).encode())
    assert embaudit.load(npy(tmp_path / "x.npy", X), labels).classes == tuple(names)


def test_cells_that_are_no_vector_matter_where_they_are_read(tmp_path: Path) -> None:
    """Of a file of labels other columns may hold what they like."""
    rows = [f'c{k % 2},"{"" if k == 7 else [0.1, k]}"' for k in range(20)]
    labels = raw(tmp_path / "y.csv", "\n".join(["label,box", *rows, ""]).encode())
    assert embaudit.load(npy(tmp_path / "x.npy", X), labels).classes == ("c0", "c1")
    with pytest.raises(InputRefused, match=r"'box'.*no vector of numbers in 1 of 20 rows \(row 7"):
        embaudit.load(labels)

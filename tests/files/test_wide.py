"""Files of very many columns: the work grows with their number, and no faster."""

import ast
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import embaudit
from embaudit import errors
from embaudit.errors import InputRefused
from embaudit.files.column import repeated
from embaudit.files.format_check import stored_file
from embaudit.files.formats import delimited, npz, parquet
from tests.files.cases_npz import npz as save_npz
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, X, Y, raw


class Counted(str):
    """A text that counts how often it is compared."""

    compared: ClassVar[int] = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> type[Counted]:
    monkeypatch.setattr(Counted, "compared", 0)
    return Counted


def test_names_are_compared_a_few_times_each(compared: type[Counted]) -> None:
    names = [Counted(f"c{number}") for number in range(3000)]
    assert repeated(names) is None
    assert compared.compared < 3 * len(names)
    told = repeated([*names, Counted("c7")])
    assert told is not None
    assert told.startswith("several columns are named 'c7' (of 'c0', 'c1', ")
    assert len(told) < 300


def test_a_csv_of_many_columns(
    tmp_path: Path, compared: type[Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Reader:
        """csv.reader, its texts counted."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            self.lines = sound(*arguments, **options)

        def __iter__(self) -> Iterator[list[str]]:
            return self

        def __next__(self) -> list[str]:
            return [Counted(field) for field in next(self.lines)]

        @property
        def line_num(self) -> int:
            return int(self.lines.line_num)

    sound = csv.reader
    monkeypatch.setattr(delimited.csv, "reader", Reader)
    names = ["label", *(f"c{number}_" for number in range(3000))]
    path = raw(tmp_path / "y.csv", "\n".join([",".join(names), ",".join("1" * 3001)]).encode())
    assert len(delimited.describe(stored_file(path, ("csv",))).columns) == 3001
    assert compared.compared < 3 * len(names)


@pytest.mark.parametrize("columns", [1, 40])
def test_a_parquet_is_opened_as_often_whatever_its_columns(
    tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = pa.array(X.tolist(), pa.list_(pa.float32()))
    more = {f"list {number}": lists for number in range(columns)}
    numbers = {f"number {number}": Y for number in range(columns)}
    path = table(tmp_path / "x.parquet", {"emb": lists, "label": NAMES, **more, **numbers})
    opened: list[Any] = []
    sound = pq.ParquetFile

    def counted(*arguments: Any, **options: Any) -> Any:
        opened.append(arguments)
        return sound(*arguments, **options)

    monkeypatch.setattr(parquet.pq, "ParquetFile", counted)
    found = parquet.describe(stored_file(path, ("parquet",)))
    assert {column.shape for column in found.columns if column.stored == "float32"} == {(20, 4)}
    assert len(opened) == 1
    loaded = embaudit.load(path)
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    assert len(opened) == 4  # described again, its labels, its vectors


def test_first_lists_that_are_null_or_empty_are_told_apart_from_others(tmp_path: Path) -> None:
    kind = pa.list_(pa.float32())
    rows = X.tolist()
    columns = {"emb": pa.array(rows, kind), "a": pa.array([None, *rows[1:]], kind), "label": Y}
    path = table(tmp_path / "x.parquet", {**columns, "b": pa.array([[], *rows[1:]], kind)})
    shapes = {c.name: c.shape for c in parquet.describe(stored_file(path, ("parquet",))).columns}
    assert shapes == {"emb": (20, 4), "a": (20, 0), "label": (20,), "b": (20, 0)}
    with pytest.raises(InputRefused, match="null vectors in 1 of 20 rows"):
        embaudit.load(path, embedding_column="a")


def test_members_that_say_the_same_are_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_npz(tmp_path / "x.npz", emb=X, **{f"m{number}": Y for number in range(50)})
    parsed: list[Any] = []
    sound = ast.literal_eval

    def counted(literal: str) -> Any:
        parsed.append(literal)
        return sound(literal)

    monkeypatch.setattr(ast, "literal_eval", counted)
    assert len(npz.describe(stored_file(path, ("npz",))).columns) == 51
    assert len(parsed) <= 2


def test_a_wrong_name_is_compared_with_the_first_of_very_many() -> None:
    def names() -> Iterator[str]:
        yield "label"
        yield from map(str, range(errors.MOST_COMPARED - 1))
        pytest.fail("one more was asked for")

    assert errors.did_you_mean("lable", names()) == "Did you mean label?"

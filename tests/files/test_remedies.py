"""Refusals whose remedy works as it is told; blank lines at the end and blanks need none."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.cases_parquet import table
from tests.files.corpus import X, Y, npy, raw

NAMES = [f"c{label}" for label in Y]


def text(path: Path, lines: list[str]) -> Path:
    return raw(path, "\n".join(lines).encode())


def refusal(*given: Any) -> str:
    with pytest.raises(InputRefused) as refused:
        embaudit.load(*given)
    return str(refused.value)


def numbered(values: Any, write: Any = "{:.6f}".format, mark: str = ",") -> list[str]:
    head = mark.join([*(f"emb_{at}" for at in range(X.shape[1])), "label"])
    rows = zip(values, NAMES, strict=True)
    return [head, *(mark.join([*map(write, row), name]) for row, name in rows)]


def test_commas_between_thousands_are_told_from_decimal_commas(tmp_path: Path) -> None:
    values = np.round(X * 1e5).astype(int) + 2_000_000
    told = refusal(text(tmp_path / "x.csv", numbered(values, '"{:,}"'.format)))
    assert "commas between thousands" in told
    assert "thousands=','" in told
    decimal = text(tmp_path / "y.csv", numbered(X, lambda v: f"{v:.4f}".replace(".", ","), ";"))
    told = refusal(decimal)
    assert "decimal commas" in told
    assert "sep=';', decimal=','" in told


def test_a_number_with_commas_in_a_later_record_is_told_as_what_it_is(tmp_path: Path) -> None:
    lines = numbered(X)
    lines[5] = ",".join(['"12,345"', *lines[5].split(",")[1:]])
    assert "commas between thousands" in refusal(text(tmp_path / "x.csv", lines))


@pytest.mark.parametrize("suffix", ["bin", "raw", "dat", "npy_1"])
def test_a_file_of_ours_under_another_suffix_is_to_be_renamed(suffix: str, tmp_path: Path) -> None:
    path = npy(tmp_path / "x.npy", X)
    labels = npy(tmp_path / "y.npy", Y)
    other = Path(shutil.move(path, tmp_path / f"x.{suffix}"))
    told = refusal(other, labels)
    assert f"mv {other} {path}" in told
    columns = {"embedding": X.tolist(), "label": Y}
    held = Path(shutil.move(table(tmp_path / "t.parquet", columns), tmp_path / f"t.{suffix}"))
    assert "t.parquet" in refusal(held)


BLANK = ["", "\n", "\n\n\n", "\r\n\r\n"]


@pytest.mark.parametrize("end", BLANK)
def test_blank_lines_at_the_end_are_no_rows(end: str, tmp_path: Path) -> None:
    vectors = npy(tmp_path / "x.npy", X)
    expected = [*embaudit.load(vectors, npy(tmp_path / "y.npy", np.array(NAMES))).rows]
    rows = [" ".join(f"{value:.6f}" for value in row) for row in X]
    files = {
        "table.csv": numbered(X),
        "plain.csv": ["label", *NAMES],
        "plain.txt": NAMES,
        "vectors.txt": rows,
    }
    at = {n: raw(tmp_path / n, ("\n".join(one) + end).encode()) for n, one in files.items()}
    for given in (
        (at["table.csv"],),
        (vectors, at["plain.csv"]),
        (vectors, at["plain.txt"]),
        (at["vectors.txt"], at["plain.txt"]),
    ):
        assert [*embaudit.load(*given).rows] == expected


def test_blank_lines_between_rows_are_refused(tmp_path: Path) -> None:
    vectors = npy(tmp_path / "x.npy", X)
    gap = [*NAMES[:3], "", *NAMES[3:], ""]
    assert "line 5" in refusal(vectors, text(tmp_path / "y.csv", ["label", *gap]))
    assert "line 4" in refusal(vectors, text(tmp_path / "y.txt", gap))


def test_blank_lines_within_a_table_are_refused(tmp_path: Path) -> None:
    lines = numbered(X)
    lines[3:3] = [""] * 5
    told = refusal(text(tmp_path / "x.csv", lines))
    assert "null values in 5 of 25 rows" in told


def test_blanks_behind_the_commas_of_a_header_are_no_part_of_names(tmp_path: Path) -> None:
    lines = [line.replace(",", ", ") for line in numbered(X)]
    loaded = embaudit.load(text(tmp_path / "x.csv", lines))
    assert {*loaded.classes} == {*NAMES}
    labels = ["id, label", *(f"r{row}, {name}" for row, name in enumerate(NAMES))]
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), text(tmp_path / "y.csv", labels))
    assert {*loaded.classes} == {*NAMES}


def test_rows_that_are_objects_are_saved_as_numbers_by_the_remedy(tmp_path: Path) -> None:
    rows = np.empty(len(X), object)
    rows[:] = [row.astype(object) for row in X]
    np.save(tmp_path / "x.npy", rows, allow_pickle=True)
    assert "numpy.stack(rows).astype('float32')" in refusal(tmp_path / "x.npy")
    assert np.stack(rows).astype("float32").dtype == np.float32


def test_mixed_types_of_one_file_are_of_no_shards(tmp_path: Path) -> None:
    mixed = [str(label) if row % 2 else int(label) for row, label in enumerate(Y)]
    labels = raw(tmp_path / "y.json", json.dumps(mixed).encode())
    told = refusal(npy(tmp_path / "x.npy", X), labels)
    assert "differ in type: int and str" in told
    assert "shard" not in told

"""Columns that go along with the rows keep their values and their places."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.cases_join import IDS, TURNED
from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, X, npy

TEXTS = [f"text {row}" if row % 3 else None for row in range(20)]
SCORES = [row / 7 for row in range(20)]


def stored(folder: Path) -> Path:
    columns = {"emb": X.tolist(), "label": NAMES, "text": TEXTS, "score": SCORES}
    return table(folder / "x.parquet", columns, row_group_size=7)


def test_values_are_kept_in_the_order_of_the_input(tmp_path: Path) -> None:
    loaded = embaudit.load(stored(tmp_path), keep_columns=["score", "text"])
    assert dict(loaded.columns) == {"score": tuple(SCORES), "text": tuple(TEXTS)}


def test_a_sample_keeps_the_values_of_its_rows(tmp_path: Path) -> None:
    loaded = embaudit.load(stored(tmp_path), keep_columns=["text"], sample=12)
    assert loaded.kept is not None
    assert loaded.columns["text"] == tuple(TEXTS[row] for row in loaded.kept)


def test_columns_of_the_labels_file_are_found(tmp_path: Path) -> None:
    beside = npz(tmp_path / "y.npz", label=np.array(NAMES), score=np.array(SCORES))
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), beside, keep_columns=["score"])
    assert loaded.columns["score"] == tuple(SCORES)


def test_a_join_puts_columns_of_the_labels_file_in_order_too(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"emb": X.tolist(), "id": IDS, "score": SCORES})
    turned = {"key": [IDS[r] for r in TURNED], "species": [NAMES[r] for r in TURNED]}
    beside = table(tmp_path / "y.parquet", {**turned, "text": [TEXTS[r] for r in TURNED]})
    loaded = embaudit.load(
        path, beside, join="key", label_column="species", keep_columns=["text", "score"]
    )
    assert loaded.columns["text"] == tuple(TEXTS)
    assert loaded.columns["score"] == tuple(SCORES)


@pytest.mark.parametrize(
    ("columns", "names", "message"),
    [
        ({}, ["texte"], "no column 'texte'.*'text'"),
        ({"when": pa.array([0] * 20, pa.timestamp("s"))}, ["when"], "holds timestamp"),
        ({"pair": [[1, 2]] * 20}, ["pair"], "one text, number or boolean a row"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path, columns, names, message) -> None:
    values = {"emb": X.tolist(), "label": NAMES, "text": TEXTS, **columns}
    path = table(tmp_path / "x.parquet", values)
    with pytest.raises(InputRefused, match=message):
        embaudit.load(path, keep_columns=names, embedding_column="emb")


def test_another_number_of_values_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", emb=X, label=np.array(NAMES), score=np.arange(19.0))
    with pytest.raises(InputRefused, match="19 values for 20 embeddings"):
        embaudit.load(path, keep_columns=["score"])


def test_text_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    texts = np.array(["a"] * 19 + ["\ud800"])
    path = npz(tmp_path / "x.npz", emb=X, label=np.array(NAMES), text=texts)
    with pytest.raises(InputRefused, match=r"1 texts with code points .*row 19"):
        embaudit.load(path, keep_columns=["text"])

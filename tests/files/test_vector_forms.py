"""Vectors that were saved as something else: the same numbers as a plain matrix has."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embaudit
from embaudit.errors import InputRefused
from embaudit.files.arrow.spark_vectors import spark_lists
from embaudit.files.arrow.text_vectors import text_lists
from tests.combined import in_part
from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.cases_vectors import (
    DUCKDB,
    ROWS,
    SPARK,
    dense,
    labelled_by_class,
    sparse,
)
from tests.files.corpus import X, Y, npy

NONZERO = np.where(np.abs(X) < 0.5, 0, X).astype("f4")
WRITTEN = {  # how a vector is written, by who writes it
    "JSON": lambda row: json.dumps(row.tolist()),
    "Python": lambda row: str(tuple(row.tolist())),
    "numpy 2": lambda row: str([*row]),
    "numpy": lambda row: np.array2string(row, floatmode="unique", max_line_width=20),
    "repr of numpy": lambda row: (
        f"array({np.array2string(row, separator=', ', floatmode='unique')}, dtype=float32)"
    ),
    "PostgreSQL": lambda row: "{" + ",".join(map(str, row)) + "}",
    "blanks": lambda row: " ".join(map(str, row)),
    "semicolons": lambda row: ";".join(map(str, row)),
}


def sparse_of(row: Any) -> dict[str, Any]:
    at = np.flatnonzero(row)
    return sparse(len(row), at.tolist(), row[at].tolist())


def structs(values: Any, kind: Any) -> dict[str, Any]:
    return {"embedding": pa.array(values, kind), "label": Y}


FORMS = {  # how the rows of a matrix are stored
    "spark dense": lambda x: structs([dense(row.tolist()) for row in x], SPARK),
    "spark sparse": lambda x: structs([sparse_of(row) for row in x], SPARK),
    "spark mixed": lambda x: structs(
        [sparse_of(row) if i % 3 else dense(row.tolist()) for i, row in enumerate(x)], SPARK
    ),
    "duckdb": lambda x: structs([[{"element": v} for v in row.tolist()] for row in x], DUCKDB),
    "field": lambda x: {
        "label": Y,
        "embedding": pa.array([{"a": {"dense": r.tolist()}} for r in x]),
    },
    "text": lambda x: structs([json.dumps(row.tolist()) for row in x], pa.string()),
    "tensor": lambda x: {"embedding": pa.FixedShapeTensorArray.from_numpy_ndarray(x), "label": Y},
    "numbered": lambda x: {**{f"dim_{i}": x[:, i] for i in range(4)}, "label": Y},
}


@pytest.mark.parametrize("form", FORMS)
def test_vectors_do_not_depend_on_how_a_table_holds_them(form: str, tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", FORMS[form](NONZERO), row_group_size=7)
    column = "embedding.a.dense" if form == "field" else None
    loaded = embaudit.load(path, embedding_column=column)
    assert np.array_equal(loaded.vectors, NONZERO[loaded.rows])


@pytest.mark.parametrize("form", in_part(FORMS, 3))
def test_the_report_is_that_of_the_matrix(form: str, tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", FORMS[form](NONZERO), row_group_size=7)
    column = "embedding.a.dense" if form == "field" else None
    loaded = embaudit.load(path, embedding_column=column)
    plain = embaudit.load(
        npy(tmp_path / "x.npy", NONZERO.astype(loaded.vectors.dtype)), npy(tmp_path / "y.npy", Y)
    )
    reports = [embaudit.audit(one).model_dump() for one in (loaded, plain)]
    for field in ("inputs", "environment", "timing", "digest", "run_id"):
        assert [one.pop(field, None) for one in reports]
    assert reports[0] == reports[1]


@pytest.mark.parametrize("writer", WRITTEN)
def test_text_is_read_whoever_wrote_it(writer: str, tmp_path: Path) -> None:
    texts = pa.array([WRITTEN[writer](row) for row in X])
    loaded = embaudit.load(table(tmp_path / "x.parquet", {"embedding": texts, "label": Y}))
    assert np.array_equal(loaded.vectors.astype("f4"), X[loaded.rows])


@given(st.lists(st.one_of(st.none(), st.text("[](){}0123456789.,;eE+-naif \n", max_size=12))))
def test_a_text_is_the_numbers_between_its_separators_or_no_vector(texts: list[str | None]) -> None:
    found = text_lists(pa.array(texts, pa.string())).to_pylist()
    for text, numbers in zip(texts, found, strict=True):
        if numbers is None:
            continue
        bare = text.strip(" \t\r\n[](){}").replace(",", " ").replace(";", " ")
        assert np.array_equal(numbers, [float(part) for part in bare.split()], equal_nan=True)


VECTORS = st.one_of(
    st.none(),
    st.lists(st.floats(-9, 9), max_size=4).map(dense),
    st.builds(
        sparse,
        st.integers(-1, 5),
        st.lists(st.integers(-1, 5), max_size=3),
        st.lists(st.floats(-9, 9), max_size=3),
    ),
)


@given(st.lists(VECTORS, max_size=6), st.integers(0, 2))
def test_spark_vectors_are_what_their_definition_says(rows: list[Any], start: int) -> None:
    def vector(one: Any) -> list[float] | None:
        if one is None or one["type"] == 1:
            return one and one["values"]
        at, size = one["indices"], one["size"]
        sound = len(at) == len(one["values"]) and at == sorted(set(at)) and size >= 0
        if not sound or not all(0 <= index < size for index in at):
            return None
        return [dict(zip(at, one["values"], strict=True)).get(i, 0.0) for i in range(size)]

    batch = pa.array(rows, SPARK).slice(start)
    assert spark_lists(batch).to_pylist() == [vector(one) for one in rows[start:]]


def test_of_a_struct_only_the_field_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beside it may be larger than memory."""
    rows = pa.array([{"dense": row, "other": [1.0] * 64} for row in ROWS])
    kind = pa.struct(
        [("dense", pa.list_(pa.float32(), 4)), ("other", rows.type.field("other").type)]
    )
    path = table(tmp_path / "x.parquet", {"embedding": rows.cast(kind), "label": Y})
    asked: list[list[str]] = []
    plain = pq.ParquetFile.iter_batches

    def noted(opened: Any, size: int, columns: list[str], **more: Any) -> Any:
        asked.append(columns)
        return plain(opened, size, columns=columns, **more)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noted)
    embaudit.load(path, embedding_column="embedding.dense")
    assert ["embedding.dense"] in asked
    assert ["embedding"] not in asked[1:]  # but once, for the length of the first list


def test_a_list_goes_before_columns_that_are_numbered(tmp_path: Path) -> None:
    scores = {"score_0": X[:, 0], "score_1": X[:, 1], "label": Y}
    loaded = embaudit.load(table(tmp_path / "x.parquet", {"v": ROWS, **scores}))
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    tokens = table(tmp_path / "t.parquet", {"v": [[1, 2]] * 20, **scores})
    with pytest.raises(InputRefused, match=r"several columns may be .*'v', 'score_0..1'"):
        embaudit.load(tokens)


def test_null_structs_are_null_vectors(tmp_path: Path) -> None:
    rows = [None if i == 4 else {"dense": row} for i, row in enumerate(ROWS)]
    path = table(tmp_path / "x.parquet", {"embedding": pa.array(rows), "label": Y})
    with pytest.raises(InputRefused, match=r"null vectors in 1 of 20 rows \(row 4\)"):
        embaudit.load(path, embedding_column="embedding.dense")


@pytest.mark.parametrize(
    "save", [lambda p, x: npy(p / "x.npy", x), lambda p, x: npz(p / "x.npz", e=x)]
)
@pytest.mark.parametrize("shape", [(20, 4, 1, 1), (20, 1, 4), (20, 1, 1, 4)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_axes_of_one_are_left_out(save: Any, shape: Any, order: str, tmp_path: Path) -> None:
    path = save(tmp_path, np.asarray(X.reshape(shape), order=order))
    loaded = embaudit.load(path, npy(tmp_path / "y.npy", Y))
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    assert [n.message for n in loaded.notices if n.code == "squeezed_axes"] == [
        f"{path}{', column ' + repr('e') if path.suffix == '.npz' else ''}: shape {shape} was read "
        "as (20, 4)."
    ]


def test_axes_of_one_of_an_array_are_left_out() -> None:
    report = embaudit.audit(X[:, :, None, None], Y)
    assert report.data.dim == 4
    assert [one.message for one in report.warnings if one.code == "squeezed_axes"] == [
        "embeddings: shape (20, 4, 1, 1) was read as (20, 4)."
    ]


def test_classes_are_called_by_the_names_of_the_metadata(tmp_path: Path) -> None:
    names = ["cat", "dog", "owl", "cow"]
    numbers = np.arange(20) % 4
    loaded = embaudit.load(**labelled_by_class(names, numbers)(tmp_path))
    assert loaded.classes == tuple(names)
    assert [loaded.classes[code] for code in loaded.codes] == [
        names[numbers[r]] for r in loaded.rows
    ]


def test_a_number_without_a_name_is_called_by_its_digits(tmp_path: Path) -> None:
    loaded = embaudit.load(**labelled_by_class(["cat", "dog"], np.arange(20) % 4 - 1)(tmp_path))
    assert loaded.classes == ("-1", "cat", "dog", "2")


@pytest.mark.parametrize("names", [["cat", "cat"], [], "cat", [1, 2], None, {"a": 1}])
def test_names_that_tell_no_classes_apart_are_not_taken(names: Any, tmp_path: Path) -> None:
    loaded = embaudit.load(**labelled_by_class(names, np.arange(20) % 2)(tmp_path))
    assert loaded.classes == (0, 1)

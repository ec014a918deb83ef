"""The same numbers stored in different forms are the same set."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, X, Y, npy, raw
from tests.files.writers import stream

LISTS = {"embedding": X.tolist(), "label": Y}


def shards(folder: Path, vectors: Any, step: int = 2) -> Path:
    """Ten shards or so, whose natural order is not the alphabetical one."""
    folder.mkdir()
    for number, start in enumerate(range(0, len(vectors), step)):
        npy(folder / f"part-{number}.npy", vectors[start : start + step])
    return folder


def typed(kind: Any) -> dict[str, Any]:
    return {"embedding": pa.array(X.tolist(), kind), "label": Y}


def columns() -> dict[str, Any]:
    return {**{f"emb_{i}": X[:, i] for i in range(4)}, "label": Y}


FORMS = {
    "npy C": lambda t: npy(t / "x.npy", X),
    "npy Fortran": lambda t: npy(t / "x.npy", np.asfortranarray(X)),
    "npy big-endian": lambda t: npy(t / "x.npy", X.astype(">f4")),
    "npz": lambda t: npz(t / "x.npz", emb=X),
    "npz Fortran big-endian": lambda t: npz(t / "x.npz", emb=np.asfortranarray(X.astype(">f4"))),
    "parquet list": lambda t: table(t / "x.parquet", typed(pa.list_(pa.float32()))),
    "parquet large_list": lambda t: table(t / "x.parquet", typed(pa.large_list(pa.float32()))),
    "parquet list_view": lambda t: table(t / "x.parquet", typed(pa.list_view(pa.float32()))),
    "parquet fixed": lambda t: table(t / "x.parquet", typed(pa.list_(pa.float32(), 4))),
    "parquet row groups of 7": lambda t: table(
        t / "x.parquet", typed(pa.list_(pa.float32(), 4)), row_group_size=7
    ),
    "parquet columns": lambda t: table(t / "x.parquet", columns(), row_group_size=7),
    "shards": lambda t: shards(t / "shards", X),
    "save_to_disk": lambda t: saved_dataset(t),
}
LABELS = {
    "npy": lambda t: npy(t / "y.npy", np.array(NAMES)),
    "npy big-endian": lambda t: npy(t / "y.npy", np.array(NAMES).astype(">U20")),
    "npz": lambda t: npz(t / "y.npz", labels=np.array(NAMES)),
    "parquet": lambda t: table(t / "y.parquet", {"label": NAMES}, row_group_size=7),
    "parquet categories": lambda t: table(
        t / "y.parquet", {"label": pa.array(NAMES).dictionary_encode()}, row_group_size=7
    ),
    "txt": lambda t: raw(t / "y.txt", "\n".join(NAMES).encode()),
    "csv": lambda t: table_csv(t / "y.csv"),
    "shards": lambda t: shards(t / "labels", np.array(NAMES)),
}


def saved_dataset(tmp: Path) -> Path:
    """Its shards in an order of their own, and one that is of another time."""
    folder = tmp / "saved"
    folder.mkdir()
    names = [f"data-{9 - number}.arrow" for number in range(4)]
    for number, name in enumerate(names):
        part = slice(number * 5, number * 5 + 5)
        stream(folder / name, X[part], Y[part])
    stream(folder / "data-1.arrow", X, Y)
    files = {"_data_files": [{"filename": name} for name in names]}
    raw(folder / "state.json", json.dumps(files).encode())
    raw(folder / "dataset_info.json", b"{}")
    return folder


def table_csv(path: Path) -> Path:
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    return raw(path, "\r\n".join(["label", *quoted]).encode())


@pytest.mark.parametrize("form", FORMS)
def test_vectors_do_not_depend_on_their_form(form: str, tmp_path: Path) -> None:
    loaded = embaudit.load(FORMS[form](tmp_path), npy(tmp_path / "y.npy", Y))
    order = np.argsort([{3: 0, -1: 1, 8: 2}[label] for label in Y.tolist()], kind="stable")
    assert loaded.vectors.dtype == np.float32
    assert np.array_equal(loaded.vectors, X[order])
    assert np.array_equal(loaded.rows, order)
    assert loaded.classes == (3, -1, 8)


@pytest.mark.parametrize("form", LABELS)
def test_labels_do_not_depend_on_their_form(form: str, tmp_path: Path) -> None:
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), LABELS[form](tmp_path))
    assert loaded.classes == tuple(dict.fromkeys(NAMES))
    assert [loaded.classes[code] for code in loaded.codes] == [NAMES[row] for row in loaded.rows]


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_categories_in_an_encoding_that_pyarrow_cannot_read(encoding: str, tmp_path: Path) -> None:
    """What pandas' categories become where an encoding is asked for; plain text can be read."""
    columns = {"embedding": X.tolist(), "label": pa.array(NAMES).dictionary_encode()}
    how = {"use_dictionary": False, "column_encoding": {"label": encoding}}
    path = table(tmp_path / "x.parquet", columns, **how)
    with pytest.raises(InputRefused) as refusal:
        embaudit.load(path)
    (problem,) = refusal.value.problems
    assert f"{path}: column 'label' is declared categorical, but is encoded as DELTA" in problem
    assert (
        problem.remedy
        == "Save it as plain text, df['label'].astype(str), or without that encoding."
    )
    assert embaudit.load(table(path, columns | {"label": NAMES}, **how)).classes == tuple(
        dict.fromkeys(NAMES)
    )


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_text_in_any_encoding_gives_labels_ids_and_kept_columns(
    encoding: str, mixed: bool, tmp_path: Path
) -> None:
    """What DuckDB (parquet_version v2) and Spark write; mixed: beside dictionaries."""
    ids = [f"row {number}" for number in range(20)]
    columns = {"embedding": X.tolist(), "label": NAMES, "id": ids, "path": [*ids[1:], None]}
    how = {name: encoding for name in ("label", "id", "path") if not (mixed and name == "id")}
    dictionary: Any = ["id"] if mixed else False
    path = table(
        tmp_path / "x.parquet",
        columns,
        use_dictionary=dictionary,
        column_encoding=how,
        row_group_size=7,
    )
    loaded = embaudit.load(path, keep_columns=["path"])
    assert loaded.notices == ()
    assert [loaded.classes[code] for code in loaded.codes] == [NAMES[row] for row in loaded.rows]
    assert loaded.ids == tuple(ids)
    assert loaded.columns["path"] == (*ids[1:], None)


@pytest.mark.parametrize("kind", ["f2", "f8", "i1", "u1", "i2", "u8"])
def test_nothing_is_inflated(kind: str, tmp_path: Path) -> None:
    values = (X * 10 + 50).astype(kind)
    sound = npy(tmp_path / "y.npy", Y)
    rows = pa.array(list(values), pa.list_(pa.from_numpy_dtype(values.dtype)))
    for path in (npy(tmp_path / "x.npy", values), table(tmp_path / "x.parquet", {"emb": rows})):
        loaded = embaudit.load(path, sound)
        assert loaded.vectors.dtype == values.dtype
        assert np.array_equal(loaded.vectors, values[loaded.rows])


def test_the_order_of_shards_is_natural_and_stated(tmp_path: Path) -> None:
    folder = shards(tmp_path / "shards", X, step=1)
    loaded = embaudit.load(folder, npy(tmp_path / "y.npy", Y))
    paths = [source.path for source in loaded.sources if source.role == "embeddings"]
    assert paths == [str(folder / f"part-{number}.npy") for number in range(20)]


def test_sources_say_what_was_read(tmp_path: Path) -> None:
    path = table(tmp_path / "x.parquet", {"emb": list(X.astype("f2")), "label": NAMES})
    vectors, labels = embaudit.load(path).sources
    assert (vectors.role, vectors.format, vectors.rows) == ("embeddings", "parquet", 20)
    assert (vectors.dim, vectors.dtype, vectors.path) == (4, "float16", str(path))
    assert (labels.role, labels.dim, labels.dtype) == ("labels", None, "str")
    assert vectors.sha256 == labels.sha256
    assert len(vectors.sha256) == 64


def test_ids_are_in_input_order(tmp_path: Path) -> None:
    ids = [f"img-{row}" for row in range(20)]
    loaded = embaudit.load(table(tmp_path / "x.parquet", {**LISTS, "id": ids}))
    assert loaded.ids == tuple(ids)
    assert loaded.id_of(5) == ids[loaded.rows[5]]


def test_ids_may_stand_beside_the_labels(tmp_path: Path) -> None:
    beside = {"id": list(range(100, 120)), "label": NAMES}
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), table(tmp_path / "y.parquet", beside))
    assert loaded.ids == tuple(range(100, 120))


def test_labels_of_64_bits_are_exact(tmp_path: Path) -> None:
    wide = np.array([2**64 - 1, 2**64 - 2] * 10, np.uint64)
    loaded = embaudit.load(npy(tmp_path / "x.npy", X), npy(tmp_path / "y.npy", wide))
    assert loaded.classes == (2**64 - 1, 2**64 - 2)
    null = pa.array([2**53 + 1, 2**53] * 10, pa.int64())
    loaded = embaudit.load(table(tmp_path / "x.parquet", {**LISTS, "label": null}))
    assert loaded.classes == (2**53 + 1, 2**53)


def test_text_is_never_parsed(tmp_path: Path) -> None:
    words = ["1", "01", "nan", "NA", "null", "None", "true", " 1", "1.0", "-"] * 2
    for name, content in (("y.csv", ["label", *words]), ("y.txt", words)):
        path = raw(tmp_path / name, "\n".join(content).encode())
        assert embaudit.load(npy(tmp_path / "x.npy", X), path).classes == tuple(words[:10])


def test_two_columns_of_one_file_are_two_runs(tmp_path):
    path = tmp_path / "two.npz"
    np.savez(path, embedding=X, label=np.arange(len(X)) % 3, other=np.arange(len(X)) % 4)
    sets = [embaudit.load(path, label_column=column) for column in ("label", "other", "label")]
    assert len({embaudit.audit(one, measures="diameter").run_id for one in sets}) == 2

"""JSON as libraries and services write it: read as the same rows, or refused with the way."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embaudit
from embaudit.errors import InputRefused
from tests.files.corpus import X, Y, npy

ROWS, CLASSES = X.tolist(), Y.tolist()
PAIRS = [*enumerate(zip(ROWS, [f"cat{y}" for y in CLASSES], strict=True), 7)]
IDS = [f"img{row}" for row in range(20)]
FIELDS = [{"embedding": x, "label": y} for x, y in zip(ROWS, CLASSES, strict=True)]
NUMBERS = [{**dict(enumerate(x)), "label": y} for x, y in zip(ROWS, CLASSES, strict=True)]
POINTS = [
    {"id": i, "vector": x, "payload": {"label": y, "meta": {"site": "a"}}}
    for i, (x, y) in enumerate(zip(ROWS, CLASSES, strict=True))
]


def by_column(records: list[dict[Any, Any]], names: Any = range(20)) -> dict[Any, Any]:
    """As `DataFrame.to_json()` has it."""
    return {
        field: dict(zip(names, (record[field] for record in records), strict=True))
        for field in records[0]
    }


def split(records: list[dict[Any, Any]], index: Any = range(20)) -> dict[str, Any]:
    data = [list(record.values()) for record in records]
    return {"columns": [*records[0]], "index": list(index), "data": data}


def tabled(records: list[dict[Any, Any]]) -> dict[str, Any]:
    fields = [{"name": name, "type": "number"} for name in records[0]]
    schema = {"fields": fields, "primaryKey": ["index"], "pandas_version": "1.4.0"}
    return {"schema": schema, "data": [{"index": i, **one} for i, one in enumerate(records)]}


def answered(name: str = "embedding") -> dict[str, Any]:
    data = [{"object": "embedding", "index": i, name: x} for i, x in enumerate(ROWS)]
    return {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 8}}


PINECONE = {
    name: {"id": name, "values": one["vector"], "metadata": one["payload"]}
    for name, one in zip(IDS, POINTS, strict=True)
}
CHROMA = {
    "ids": IDS,
    "embeddings": ROWS,
    "documents": IDS,
    "metadatas": [one["payload"] for one in POINTS],
    "included": ["metadatas"],
}
WEAVIATE = [
    {"label": one["payload"]["label"], "_additional": {"id": "x", "vector": one["vector"]}}
    for one in POINTS
]
HITS = [{"_id": "x", "_source": one} for one in FIELDS]
WHOLE: dict[str, tuple[Any, str]] = {  # and the column of its labels
    "pandas": (by_column(FIELDS), "label"),
    "pandas, an index of text": (by_column(FIELDS, IDS), "label"),
    "pandas, numbered columns": (by_column(NUMBERS), "label"),
    "pandas, the label first": (by_column([{"label": 0} | one for one in NUMBERS]), "label"),
    "pandas, a label of text": (
        by_column([one | {"kind": str(one.get("label"))} for one in NUMBERS]),
        "kind",
    ),
    "pandas, vectors of any name": (by_column([{"x": 0} | one for one in FIELDS]), "label"),
    "pandas by row": (dict(enumerate(NUMBERS)), "label"),
    "pandas split": (split(FIELDS), "label"),
    "pandas split of numbers": (split(NUMBERS, IDS), "label"),
    "pandas table": (tabled(FIELDS), "label"),
    "pandas table of numbers": (tabled(NUMBERS), "label"),
    "one split": ({"train": {"embeddings": ROWS, "labels": CLASSES}}, "labels"),
    "Qdrant": ({"result": {"points": POINTS, "next": None}, "status": "ok"}, "payload.label"),
    "Qdrant points": (POINTS, "payload.label"),
    "Pinecone": ({"vectors": PINECONE, "namespace": ""}, "metadata.label"),
    "Chroma": (CHROMA, "label"),
    "Weaviate": ({"data": {"Get": {"Image": WEAVIATE}}}, "label"),
    "Elasticsearch": (
        {"took": 3, "hits": {"total": {"value": 20}, "hits": HITS}},
        "_source.label",
    ),
}
WHOLE |= {
    "Solr": (
        {"responseHeader": {"status": 0}, "response": {"numFound": 20, "docs": FIELDS}},
        "label",
    ),
    "lists that are empty": ([{"tags": [], **one} | {"x": 1} for one in FIELDS], "label"),
    "empty lists beside": (
        {"samples": [{"tags": [], "clip": one["embedding"], "y": one["label"]} for one in FIELDS]},
        "y",
    ),
    "objects of all of one size": (
        {"data": FIELDS, "usage": {"a": 1, "b": 2}, "timing": {"x": 1, "y": 2}},
        "label",
    ),
    "rows called as what is of all": (
        dict(zip(["meta", "info", *IDS[2:]], FIELDS, strict=True)),
        "label",
    ),
}
VECTORS: dict[str, Any] = {
    "OpenAI": answered(),
    "Google": {"embeddings": [{"values": x} for x in ROWS]},
    "Cohere": {"id": "x", "embeddings": {"float": ROWS}, "texts": IDS},
    "Hugging Face": {"embeddings": ROWS},
    "pandas split": split([dict(enumerate(x)) for x in ROWS]),
    "pandas by named rows": {f"{y} {i}": dict(enumerate(x)) for i, (x, y) in PAIRS},
}


def saved(folder: Path, content: Any) -> Path:
    path = folder / "x.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("form", WHOLE)
def test_rows_and_labels_are_those_that_were_saved(form: str, tmp_path: Path) -> None:
    content, label = WHOLE[form]
    loaded = embaudit.load(saved(tmp_path, content), label_column=label)
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    assert [str(loaded.classes[code]) for code in loaded.codes] == [str(y) for y in Y[loaded.rows]]


@pytest.mark.parametrize("form", VECTORS)
def test_vectors_are_those_that_were_saved(form: str, tmp_path: Path) -> None:
    path = saved(tmp_path, VECTORS[form])
    loaded = embaudit.load(path, npy(tmp_path / "y.npy", Y))
    assert np.array_equal(loaded.vectors, X[loaded.rows])


def nothing_but_numbers(first: str = "") -> dict[str, Any]:
    return by_column([{f"{first}{d}": value for d, value in enumerate(x)} for x in ROWS])


NO_ROWS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "pandas, nothing but numbers": (nothing_but_numbers(), ("both", "orient='records'")),
    "pandas, numbers of named dimensions": (nothing_but_numbers("f"), ("orient='records'",)),
    "rows in another order": (
        by_column(FIELDS) | {"label": {str(19 - i): y for i, y in enumerate(CLASSES)}},
        ("'label'", "'embedding'", "ordered", "orient='records'"),
    ),
    "split, a ragged row": (split(FIELDS) | {"data": [[ROWS[0], 3], [ROWS[1]]]}, ("row 1",)),
    "split, a name twice": (split(FIELDS) | {"columns": ["a", "a"]}, ("all different",)),
    "lists of records by class": (
        {"cat": FIELDS[:10], "dog": FIELDS[10:]},
        ("'cat'", "'dog'", "'embedding'", "one list"),
    ),
    "splits": (
        {name: {"embeddings": ROWS, "labels": CLASSES} for name in ("train", "test")},
        ("'train.embeddings'", "'test.embeddings'", "one list"),
    ),
    "vectors of two kinds": (
        {"embeddings": {"float": ROWS}, "result": {"float": ROWS}},
        ("'embeddings.float'", "'result.float'"),
    ),
    "a batch of answers": (
        [{"id": i, "error": None, "data": [{"embedding": x}]} for i, x in enumerate(ROWS)],
        ("data[0].embedding", "record"),
    ),
    "values of pandas": ([[x, y] for x, y in zip(ROWS, CLASSES, strict=True)], ("[0]", "record")),
    "values of pandas, flat": ([[*x, "cat"] for x in ROWS], ("'cat'", "record")),
    "lists in lists of objects": (
        [{"label": 1, "parts": [{"vec": x}, {"vec": x}]} for x in ROWS],
        ("parts[0].vec", "record"),
    ),
}


@pytest.mark.parametrize("form", NO_ROWS)
def test_what_is_no_rows_is_told_with_the_way(form: str, tmp_path: Path) -> None:
    content, says = NO_ROWS[form]
    with pytest.raises(InputRefused) as refused:
        embaudit.load(saved(tmp_path, content), npy(tmp_path / "y.npy", Y))
    for word in says:
        assert word in str(refused.value)


def test_fields_of_fields_do_not_fill_memory(tmp_path: Path) -> None:
    """A name of its own in each row is no column a row."""
    rows = [one | {"meta": {f"{i}-{k}": k for k in range(1000)}} for i, one in enumerate(FIELDS)]
    loaded = embaudit.load(saved(tmp_path, rows))
    assert np.array_equal(loaded.vectors, X[loaded.rows])


@st.composite
def frames(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[str]]:
    """Records of a column a dimension and perhaps more, and how their rows are called."""
    rows, dims = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    prefix, start = draw(st.sampled_from(["", "f", "emb_", "x", "img_"])), draw(st.integers(0, 1))
    more = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "label": st.integers(0, 1) | st.sampled_from(["a", "b"]),
                "kind": st.sampled_from(["cat", "dog"]),
            },
        )
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    records = [
        {f"{prefix}{k + start}": float(value) for k, value in enumerate(row)} | more
        for row in rng.standard_normal((rows, dims)).astype("f4")
    ]
    index = draw(
        st.sampled_from(
            [
                [*map(str, range(rows))],
                [*map(str, range(rows))][::-1],
                [f"img_{row}" for row in range(rows)],
                [f"{row * 7 + 3}" for row in range(rows)],
            ]
        )
    )
    return records, index


@given(frames(), st.sampled_from(["columns", "index", "split", "table"]), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_frame_is_read_as_its_records_or_not_at_all(
    frame: tuple[list[dict[str, Any]], list[str]], orient: str, turned: bool
) -> None:
    """Whatever its rows and columns are called: never with dimensions for rows."""
    records, index = frame
    if turned:
        records = [dict(reversed(record.items())) for record in records]
    content = {
        "columns": lambda: by_column(records, index),
        "index": lambda: dict(zip(index, records, strict=True)),
        "split": lambda: split(records, index),
        "table": lambda: tabled(records),
    }[orient]()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.json"
        plain.write_text(json.dumps(records))
        try:
            expected = embaudit.load(plain, no_labels=True).vectors
        except InputRefused:  # JSON has families from 0 only
            return
        try:
            found = embaudit.load(saved(Path(folder), content), no_labels=True).vectors
        except InputRefused:
            return
    assert np.array_equal(found, expected)

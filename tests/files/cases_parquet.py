"""`.parquet` tables: every layout of vectors, and columns that are none."""

import decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.files.corpus import NAMES, Arguments, Case, X, Y, alone, files, npy, raw

ROWS = X.tolist()


def table(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    try:
        pq.write_table(pa.table(columns), path, **options)
    except pa.ArrowNotImplementedError as error:
        pytest.skip(f"pyarrow {pa.__version__} cannot write it: {error}")
    return path


def good(columns: dict[str, Any], **options: Any) -> Any:
    return alone(lambda tmp: table(tmp / "x.parquet", columns, **options))


def lists(kind: Any, rows: Any = ROWS) -> dict[str, Any]:
    return {"embedding": pa.array(rows, kind), "label": Y}


def layout(kind: Any) -> Case:
    whole = not pa.types.is_floating(kind.value_type)
    rows = [[round(value * 10) for value in row] for row in ROWS] if whole else ROWS
    if pa.types.is_float16(kind.value_type):
        rows = [list(row) for row in X.astype("f2")]
    return Case(f"parquet {kind}", good(lists(kind, rows)))


def vectors(rows: list[Any], kind: Any = None) -> Any:
    return good(lists(kind or pa.list_(pa.float32()), rows))


def labelled(values: Any) -> Any:
    return good({"embedding": ROWS, "label": values})


def changed(row: int, value: Any) -> list[Any]:
    return [value if i == row else vector for i, vector in enumerate(ROWS)]


def family(prefix: str, dims: list[int]) -> dict[str, Any]:
    return {**{f"{prefix}_{d}": X[:, i % 4] for i, d in enumerate(dims)}, "label": Y}


def duplicate_names(tmp: Path) -> Path:
    columns = [pa.array(ROWS), pa.array(Y), pa.array(Y)]
    pq.write_table(pa.Table.from_arrays(columns, ["emb", "label", "label"]), tmp / "x.parquet")
    return tmp / "x.parquet"


def flipped(tmp: Path) -> Path:
    path = table(
        tmp / "x.parquet",
        lists(pa.list_(pa.float32())),
        write_page_checksum=True,
        compression="none",
        use_dictionary=False,
    )
    data = bytearray(path.read_bytes())
    data[data.index(X.tobytes()[:16])] ^= 1
    return raw(path, bytes(data))


def cut(tmp: Path) -> Path:
    path = table(tmp / "x.parquet", lists(pa.list_(pa.float32())))
    return raw(path, path.read_bytes()[:-20])


def asked(tmp: Path) -> Arguments:
    columns = {"a": ROWS, "b": ROWS, "species": NAMES, "label": Y, "key": np.arange(20)}
    path = table(tmp / "x.parquet", columns)
    return {"path": path, "embedding_column": "b", "label_column": "species", "id_column": "key"}


def named_family(tmp: Path) -> Arguments:
    path = table(tmp / "x.parquet", {**family("emb", [0, 1]), "embedding": ROWS})
    return {"path": path, "embedding_column": "emb_0..1"}


def null_ids(tmp: Path) -> Path:
    return table(tmp / "x.parquet", {"emb": ROWS, "label": Y, "id": [None, *range(19)]})


STRUCTS = [{"x": 1.0, "y": 2.0}] * 20
DECIMALS = [[decimal.Decimal("1.5")] * 4] * 20
FLOATS = (pa.float16(), pa.float32(), pa.float64())

CASES = [
    *(layout(pa.list_(kind)) for kind in (*FLOATS, pa.int8(), pa.int16(), pa.int64())),
    *(layout(pa.large_list(kind)) for kind in FLOATS),
    *(layout(pa.list_(kind, 4)) for kind in (*FLOATS, pa.int8())),
    layout(pa.list_view(pa.float32())),
    layout(pa.large_list_view(pa.float32())),
    Case("parquet row groups", good(lists(None), row_group_size=7)),
    Case("parquet one column a dimension", good(family("embedding", [0, 1, 2, 3]))),
    Case("parquet emb_ in any order", good(family("emb", [3, 11, 0, 1, 10, 2, 4, 5, 9, 8, 7, 6]))),
    Case("parquet padded numbers", good({"emb_00": X[:, 0], "emb_01": X[:, 1], "label": Y})),
    Case("parquet only float list", good({"tokens": [[1, 2]] * 20, "v": ROWS, "y": Y})),
    Case("parquet name before type", good({"vector": ROWS, "other": ROWS, "y": Y})),
    Case("parquet columns asked for", asked),
    Case("parquet family asked for", named_family),
    Case(
        "parquet dotted name",
        alone(lambda t: table(t / "x.parquet", {"a.b": ROWS, "a.c": Y}), label_column="a.c"),
    ),
    Case(
        "parquet labels file wins",
        files(lambda t: table(t / "x.parquet", lists(None))),
        notices=("labels_ignored",),
    ),
    Case("parquet compressed", good(lists(None), compression="zstd", data_page_version="2.0")),
    # labels of every kind
    *(
        Case(f"parquet labels {kind}", labelled(pa.array(abs(Y), kind)))
        for kind in (pa.int8(), pa.uint8(), pa.int64(), pa.uint64())
    ),
    Case("parquet labels bool", labelled(Y > 0)),
    Case("parquet labels text", labelled(NAMES)),
    Case("parquet labels large text", labelled(pa.array(NAMES, pa.large_string()))),
    Case("parquet labels text view", labelled(pa.array(NAMES, pa.string_view()))),
    Case("parquet labels categories", labelled(pa.array(NAMES).dictionary_encode())),
    Case("parquet labels coded integers", labelled(pa.array(Y).dictionary_encode())),
    Case(
        "parquet labels bytes",
        labelled([name.encode() for name in NAMES]),
        notices=("bytes_labels",),
    ),
    Case("parquet labels float", labelled(Y.astype("f8")), notices=("float_labels",)),
    Case(
        "parquet labels null",
        labelled([None, *NAMES[1:-1], None]),
        ("x.parquet", "'label'", "2 labels are null", "row 0, 19"),
    ),
    Case(
        "parquet labels null category",
        labelled(pa.array([*NAMES[:-1], None]).dictionary_encode()),
        ("1 label is null", "row 19"),
    ),
    Case("parquet labels null integer", labelled([None, *Y[1:].tolist()]), ("null", "row 0")),
    Case("parquet labels all null", labelled(pa.nulls(20)), ("'label'", "holds null")),
    Case("parquet labels fraction", labelled(X[:, 0]), ("'label'", "fractional", "regression")),
    Case("parquet labels bad bytes", labelled([b"\xff"] * 20), ("'label'", "not UTF-8")),
    Case("parquet labels multi", labelled([["a", "b"]] * 20), ("'label'", "list<", "one label")),
    Case("parquet labels one-hot", labelled([[1, 0, 0]] * 20), ("'label'", "one-hot")),
    Case("parquet labels dates", labelled(pa.array([0] * 20, pa.timestamp("s"))), ("timestamp",)),
    Case("parquet labels decimals", labelled([decimal.Decimal(1)] * 20), ("decimal",)),
    Case("parquet labels struct", labelled(STRUCTS), ("'label'", "struct<")),
    Case(
        "parquet labels missing",
        good({"emb": ROWS, "species": NAMES}),
        ("no labels", "'emb', 'species'", "--label-column"),
    ),
    # vectors that are none
    Case(
        "parquet null vector",
        vectors(changed(3, None)),
        ("'embedding'", "null vectors in 1 of 20", "row 3"),
    ),
    Case(
        "parquet null fixed vector",
        vectors(changed(3, None), pa.list_(pa.float32(), 4)),
        ("null vectors", "row 3"),
    ),
    Case(
        "parquet null value", vectors(changed(5, [1.0, None, 2.0, 3.0])), ("null values", "row 5")
    ),
    Case(
        "parquet null in fixed",
        vectors(changed(5, [1.0, None, 2.0, 3.0]), pa.list_(pa.float32(), 4)),
        ("null values", "row 5"),
    ),
    Case("parquet empty vector", vectors(changed(0, [])), ("length", "row 1, 2")),
    Case("parquet ragged", vectors(changed(9, [1.0, 2.0])), ("length", "(row 9)")),
    Case("parquet compensating", vectors([*ROWS[:-2], [1.0] * 3, [1.0] * 5]), ("length", "18, 19")),
    Case("parquet null first", vectors(changed(0, None)), ("null vectors", "(row 0)")),
    Case("parquet all null", vectors([None] * 20), ("null vectors in 20 of 20",)),
    Case("parquet NaN", vectors(changed(4, [1.0, float("nan"), 0.0, 0.0])), ("NaN", "rows 4")),
    Case(
        "parquet no rows",
        good({"emb": pa.array([], pa.list_(pa.float32())), "label": pa.array([], pa.int8())}),
        ("x.parquet", "nothing to audit"),
    ),
    Case(
        "parquet nested lists",
        vectors([[[1.0]]] * 20, pa.list_(pa.list_(pa.float32()))),
        ("'embedding'", "list<"),
    ),
    Case(
        "parquet lists of structs",
        good({"embedding": [STRUCTS[:2]] * 20, "label": Y}),
        ("struct<",),
    ),
    Case("parquet struct", good({"embedding": STRUCTS, "label": Y}), ("'embedding'", "struct<")),
    Case("parquet decimals", good({"embedding": DECIMALS, "label": Y}), ("'embedding'", "decimal")),
    Case("parquet text", good({"embedding": NAMES, "label": Y}), ("'embedding'", "holds str")),
    Case(
        "parquet dates",
        good(
            {"embedding": [[0] * 4] * 20, "label": Y},
        ),
        (),
    ),
    Case(
        "parquet numbers only",
        good({"embedding": X[:, 0], "label": Y}),
        ("'embedding'", "shape (20,)"),
    ),
    Case("parquet fixed of none", vectors([[]] * 20, pa.list_(pa.float32(), 0)), ("x.parquet",)),
    # columns
    Case(
        "parquet duplicate columns", alone(duplicate_names), ("'label'", "'emb', 'label', 'label'")
    ),
    Case("parquet ambiguous", good({"a": ROWS, "b": ROWS, "y": Y}), ("several", "'a', 'b'")),
    Case(
        "parquet ambiguous names", good({"emb": ROWS, "vector": ROWS, "y": Y}), ("'emb', 'vector'",)
    ),
    Case(
        "parquet list and family",
        good({**family("emb", [0, 1]), "embedding": ROWS}),
        ("'embedding', 'emb_0..1'", "--embedding-column"),
    ),
    Case("parquet gap in family", good(family("emb", [0, 1, 3])), ("emb_2 is missing", "0 to 2")),
    Case("parquet family from one", good(family("emb", [1, 2])), ("emb_0 is missing",)),
    Case(
        "parquet family twice", good({**family("emb", [0, 1]), "emb_01": Y}), ("emb_2 is missing",)
    ),
    Case(
        "parquet family of two types",
        good({"emb_0": X[:, 0], "emb_1": Y, "label": Y}),
        ("float32 and int64",),
    ),
    Case(
        "parquet null in family",
        good(
            {
                "emb_0": X[:, 0],
                "emb_1": pa.array([None, *ROWS[0], *[1.0] * 15], pa.float32()),
                "label": Y,
            }
        ),
        ("null values", "row 0"),
    ),
    Case(
        "parquet missing column",
        alone(lambda t: table(t / "x.parquet", lists(None)), embedding_column="vec"),
        ("no column 'vec'", "'embedding', 'label'"),
    ),
    Case("parquet without columns", good({}), ("x.parquet",)),
    # ids
    Case("parquet ids", good({**lists(None), "id": NAMES})),
    Case("parquet null ids", alone(null_ids), notices=("ids_ignored",)),
    Case("parquet null ids asked for", alone(null_ids, id_column="id"), ("'id'", "null", "row 0")),
    Case("parquet missing ids", alone(null_ids, id_column="key"), ("no column 'key'",)),
    # damaged files
    Case("parquet is none", files(lambda t: raw(t / "x.parquet", b"PAR1" * 9)), ("x.parquet",)),
    Case("parquet cut", alone(cut), ("x.parquet", "cannot be read")),
    Case("parquet flipped byte", alone(flipped), ("x.parquet", "cannot be read", "checksum")),
    Case(
        "parquet lengths differ",
        lambda t: {"path": table(t / "x.parquet", lists(None)), "labels": npy(t / "y.npy", Y[:3])},
        ("3 labels", "20 embeddings"),
    ),
]

"""Vectors that are no plain lists: text, structs, tensors, numbered columns; and axes of one."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tests.files.cases_npz import npz
from tests.files.cases_parquet import ROWS, good, table
from tests.files.corpus import NAMES, Arguments, Case, X, Y, alone, files, npy

SPARK = pa.struct(
    [
        ("type", pa.int8()),
        ("size", pa.int32()),
        ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)
DUCKDB = pa.list_(pa.struct([("element", pa.float32())]))  # arrays, as version 0.10 wrote them
SPECIES = ["cat", "dog", "owl", "cow"]


def dense(row: Sequence[float]) -> dict[str, Any]:
    return {"type": 1, "size": None, "indices": None, "values": list(row)}


def sparse(size: int, indices: Sequence[int], values: Sequence[float]) -> dict[str, Any]:
    return {"type": 0, "size": size, "indices": list(indices), "values": list(values)}


def spark(rows: Sequence[Any]) -> dict[str, Any]:
    return {"features": pa.array(rows, SPARK), "label": Y}


def spark_rows(row: int, other: Any) -> dict[str, Any]:
    return spark([other if i == row else dense(vector) for i, vector in enumerate(ROWS)])


def texts(row: int | None = None, other: Any = None) -> dict[str, Any]:
    written = [other if i == row else str(vector) for i, vector in enumerate(ROWS)]
    return {"embedding": pa.array(written, pa.string()), "label": Y}


def numbered(prefix: str, dims: Sequence[int]) -> dict[str, Any]:
    return {**{f"{prefix}{d}": X[:, i % 4] for i, d in enumerate(dims)}, "label": Y}


def nested() -> dict[str, Any]:
    return {
        "embedding": pa.array([{"dense": row, "note": "x"} for row in ROWS]),
        "meta": pa.array([{"species": {"name": name}} for name in NAMES]),
    }


def labelled_by_class(names: Any, values: Any = None, kind: str = "ClassLabel") -> Any:
    features = {"label": {"names": names, "_type": kind}}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    numbers = np.arange(20) % 4 if values is None else values
    columns = pa.table({"embedding": ROWS, "label": numbers})

    def build(tmp: Path) -> Arguments:
        return {"path": table(tmp / "x.parquet", columns.replace_schema_metadata(metadata))}

    return build


CASES = [
    Case("parquet vectors as text", good(texts())),
    Case(
        "parquet vectors as coded text",
        good({**texts(), "embedding": texts()["embedding"].dictionary_encode()}),
    ),
    Case(
        "parquet text that is no vector",
        good(texts(7, "[0.1 0.2 ... 0.3]")),
        ("no vector of numbers", "row 7", "1 of 20"),
    ),
    Case("parquet text without a vector", good(texts(7)), ("no vector of numbers", "row 7")),
    Case(
        "parquet text of another length", good(texts(7, "[1, 2, 3]")), ("another length", "row 7")
    ),
    Case("parquet text with NaN", good(texts(7, "[1, 2, NaN, 3]")), ("NaN", "rows 7")),
    Case(
        "parquet text of code",
        good(texts(0, "__import__('os').abort()")),
        ("'embedding'", "holds str"),
    ),
    Case(
        "parquet text of nested lists",
        good(texts(3, "[[1, 2], [3, 4]]")),
        ("no vector of numbers", "row 3"),
    ),
    Case(
        "parquet tensors",
        good({"embedding": pa.FixedShapeTensorArray.from_numpy_ndarray(X), "label": Y}),
    ),
    Case(
        "parquet tensors with axes of one",
        good(
            {
                "embedding": pa.FixedShapeTensorArray.from_numpy_ndarray(X[:, :, None, None]),
                "label": Y,
            }
        ),
        notices=("squeezed_axes",),
    ),
    Case(
        "parquet tensors of two axes",
        good(
            {
                "embedding": pa.FixedShapeTensorArray.from_numpy_ndarray(X.reshape(20, 2, 2)),
                "label": Y,
            }
        ),
        ("'embedding'", "fixed_shape_tensor"),
    ),
    Case("parquet Spark dense", good(spark_rows(0, dense(ROWS[0])))),
    Case("parquet Spark sparse", good(spark_rows(3, sparse(4, [1, 3], [0.5, -1.0])))),
    Case("parquet Spark empty sparse", good(spark_rows(3, sparse(4, [], [])))),
    Case("parquet Spark null", good(spark_rows(3, None)), ("null or contradict", "row 3")),
    Case(
        "parquet Spark index too large",
        good(spark_rows(3, sparse(4, [1, 4], [1, 1]))),
        ("contradict", "row 3"),
    ),
    Case(
        "parquet Spark negative index",
        good(spark_rows(3, sparse(4, [-1, 2], [1, 1]))),
        ("contradict", "row 3"),
    ),
    Case(
        "parquet Spark repeated index",
        good(spark_rows(3, sparse(4, [2, 2], [1, 1]))),
        ("contradict", "row 3"),
    ),
    Case(
        "parquet Spark without a value",
        good(spark_rows(3, sparse(4, [1, 2], [1]))),
        ("contradict", "row 3"),
    ),
    Case(
        "parquet Spark without a size",
        good(spark_rows(3, {**sparse(4, [1], [1]), "size": None})),
        ("contradict", "row 3"),
    ),
    Case(
        "parquet Spark of no type",
        good(spark_rows(3, {**dense(ROWS[3]), "type": 7})),
        ("contradict", "row 3"),
    ),
    Case(
        "parquet Spark of another size",
        good(spark_rows(3, sparse(5, [1], [1.0]))),
        ("another length", "row 3"),
    ),
    Case(
        "parquet Spark sparse beyond reason",
        good(spark([sparse(2**31 - 1, [1], [1.0])] * 20)),
        ("x.parquet",),
    ),
    Case(
        "parquet arrays of DuckDB",
        good(
            {
                "embedding": pa.array([[{"element": v} for v in row] for row in ROWS], DUCKDB),
                "label": Y,
            }
        ),
    ),
    Case(
        "parquet arrays of DuckDB with a null",
        good(
            {
                "embedding": pa.array(
                    [[{"element": None}] * 4, *([{"element": v} for v in row] for row in ROWS[1:])],
                    DUCKDB,
                ),
                "label": Y,
            }
        ),
        ("null values", "row 0"),
    ),
    Case(
        "parquet field of a struct",
        alone(
            lambda t: table(t / "x.parquet", nested()),
            embedding_column="embedding.dense",
            label_column="meta.species.name",
        ),
    ),
    Case(
        "parquet struct with vectors in it",
        alone(lambda t: table(t / "x.parquet", nested()), label_column="meta.species.name"),
        ("struct<", "--embedding-column embedding.dense"),
    ),
    Case(
        "parquet struct with labels in it",
        alone(
            lambda t: table(
                t / "x.parquet",
                {"embedding": ROWS, "label": pa.array([{"id": n, "v": None} for n in NAMES])},
            )
        ),
        ("struct<", "--label-column label.id"),
    ),
    Case(
        "parquet field that is missing",
        alone(lambda t: table(t / "x.parquet", nested()), embedding_column="embedding.sparse"),
        ("no column 'embedding.sparse'", "embedding.dense"),
    ),
    *(
        Case(f"parquet columns {prefix!r} by number", good(numbered(prefix, [2, 0, 3, 1])))
        for prefix in ("", "dim_", "x", "feature.")
    ),
    Case(
        "parquet columns by number with a gap",
        good(numbered("dim_", [0, 1, 3])),
        ("no column is obviously", "'dim_0'"),
    ),
    Case(
        "parquet years are no dimensions", good({**numbered("", [2019, 2020]), "embedding": ROWS})
    ),
    Case(
        "parquet numbered columns beside vectors", good({**numbered("", [0, 1]), "embedding": ROWS})
    ),
    Case(
        "parquet two families",
        good({**numbered("a", [0, 1]), **numbered("b", [0, 1])}),
        ("several", "'a0..1', 'b0..1'"),
    ),
    Case("parquet names of classes", labelled_by_class(SPECIES)),
    Case(
        "npy with axes of one",
        files(lambda t: npy(t / "x.npy", X[:, :, None, None])),
        notices=("squeezed_axes",),
    ),
    Case(
        "npy Fortran with axes of one",
        files(lambda t: npy(t / "x.npy", np.asfortranarray(X[:, None, :]))),
        notices=("squeezed_axes",),
    ),
    Case(
        "npz with axes of one",
        files(lambda t: npz(t / "x.npz", emb=X[:, :, None, None])),
        notices=("squeezed_axes",),
    ),
    Case(
        "npy of two axes more",
        files(lambda t: npy(t / "x.npy", X.reshape(20, 2, 2, 1))),
        ("(20, 2, 2, 1)", "reshape(20, 4)"),
    ),
]

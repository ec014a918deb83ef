"""Files as the libraries write them that people use: each gives the report of its `.npy`.

With -m writers, where they are installed: pandas, polars, duckdb, datasets, safetensors, h5py,
tensorboardX, scipy, zarr, lance, xarray, pyspark (with Java), lightly-train, gensim.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from tests.faults.process import embaudit as run
from tests.faults.process import told

pytestmark = pytest.mark.writers

CLASSES = ["cat", "dog", "owl", "pig"]
Y = np.repeat(np.arange(4), 15)
X = (np.random.default_rng(0).normal(size=(4, 6))[Y] * 2).astype("f4")
X += np.random.default_rng(1).normal(size=X.shape).astype("f4")
NAMES = [CLASSES[y] for y in Y]
OWN = ("embaudit", "environment", "timing", "digest", "run_id", "inputs", "notices", "invocation")


def library(name: str) -> Any:
    return pytest.importorskip(name)


def frame() -> Any:
    return library("pandas").DataFrame({"embedding": list(X), "label": NAMES})


def wide() -> Any:
    columns = {f"embedding_{i}": X[:, i] for i in range(X.shape[1])}
    return library("pandas").DataFrame({"filenames": NAMES, **columns, "labels": NAMES})


def pandas_csv(path: Path) -> None:
    frame().assign(embedding=frame().embedding.map(lambda row: row.tolist())).to_csv(path)


def pandas_json(path: Path, **how: Any) -> None:
    frame().to_json(path, double_precision=15, **how)


def polars(path: Path, write: str) -> None:
    pl = library("polars")
    table = pl.DataFrame({"embedding": X.tolist(), "label": NAMES})
    table = table.with_columns(pl.col("embedding").cast(pl.List(pl.Float32)))
    getattr(table, write)(path)


def duckdb(path: Path, how: str) -> None:
    table = library("pyarrow").table({"embedding": X.tolist(), "label": NAMES})
    into = library("duckdb").connect()
    into.register("rows", table)
    into.execute(
        f"COPY (SELECT embedding::FLOAT[] AS embedding, label FROM rows) TO '{path}' {how}"
    )


def saved_dataset(path: Path) -> None:
    datasets = library("datasets")
    kinds = {
        "embedding": datasets.Sequence(datasets.Value("float32")),
        "label": datasets.Value("string"),
    }
    rows = datasets.Dataset.from_dict(
        {"embedding": X, "label": NAMES}, features=datasets.Features(kinds)
    )
    rows.save_to_disk(path, num_shards=4)


def safetensors(path: Path) -> None:
    library("safetensors.numpy").save_file({"embeddings": X, "labels": Y}, path)


def hdf5(path: Path) -> None:
    with library("h5py").File(path, "w") as root:
        root["embeddings"] = X
        root.create_dataset("labels", data=NAMES)


def projector(path: Path) -> None:
    writer = library("tensorboardX").SummaryWriter(str(path))
    writer.add_embedding(X, metadata=NAMES)
    writer.close()
    (found,) = path.rglob("tensors.tsv")
    for name in ("tensors.tsv", "metadata.tsv"):
        os.replace(found.parent / name, path / name)
    for other in path.iterdir():
        if other.suffix != ".tsv":
            subprocess.run(["rm", "-r", other], check=True)


def matlab(path: Path) -> None:
    library("scipy.io").savemat(path, {"embeddings": X, "labels": np.array(NAMES, object)})


def zarr(path: Path, version: int) -> None:
    root = library("zarr").open_group(path, mode="w", zarr_format=version)
    root.create_array("embeddings", data=X, chunks=(7, 6))
    root.create_array("labels", shape=(60,), dtype=str)[:] = np.array(NAMES, object)


def xarray_zarr(path: Path) -> None:
    library("zarr")
    names = ("row", np.array(NAMES, object))
    library("xarray").Dataset({"embeddings": (("row", "dim"), X), "labels": names}).to_zarr(path)


def lance(path: Path) -> None:
    table = library("pyarrow").table({"vector": X.tolist(), "label": NAMES})
    kind = library("pyarrow").list_(library("pyarrow").float32(), 6)
    vectors = table["vector"].cast(kind)
    library("lance").write_dataset(table.set_column(0, "vector", vectors), path)


@cache
def session() -> Any:
    """Of Spark, on this machine alone."""
    spark = library("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("no Java")
    built = spark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    return built.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()


def spark(path: Path, sparse: bool | None = None) -> None:
    """A folder of parts; vectors of floats, or of Spark ML, dense or sparse."""
    started = session()
    rows = [(row.tolist(), name) for row, name in zip(X, NAMES, strict=True)]
    if sparse is None:
        frame = started.createDataFrame(rows, "embedding array<float>, label string")
    else:
        vectors = library("pyspark.ml.linalg").Vectors
        made = vectors.sparse if sparse else vectors.dense
        held = [
            (made(6, dict(enumerate(row))) if sparse else made(row), name) for row, name in rows
        ]
        frame = started.createDataFrame(held, ["embedding", "label"])
    frame.coalesce(1).write.parquet(str(path))


def lightly(path: Path, kind: str) -> None:
    """The csv of lightly-train: no labels, or those that its worker wants, which are none."""
    writers = library("lightly_train._embedding.writers.csv_writer")
    formats = library("lightly_train._embedding.embedding_format").EmbeddingFormat
    names = [f"image{row}.jpg" for row in range(60)]
    writers.CSVWriter(path, formats(kind)).save(library("torch").from_numpy(X), names)


def words(path: Path) -> None:
    """gensim's word2vec in text, of which the words are ids."""
    vectors = library("gensim.models").KeyedVectors(6)
    vectors.add_vectors([f"word{row}" for row in range(60)], X)
    vectors.save_word2vec_format(str(path), binary=False)


def index(path: Path) -> None:
    found = faiss.index_factory(6, "IVF4,Flat")
    found.train(X)
    found.add(X)
    faiss.write_index(found, str(path))


# a name, and what writes it; labels in words where they go along
WRITTEN: dict[str, Callable[[Path], object]] = {
    "pandas.csv": pandas_csv,
    "wide.csv": lambda path: wide().to_csv(path, index=False),
    "records.json": lambda path: pandas_json(path, orient="records"),
    "columns.json": pandas_json,
    "rows.jsonl": lambda path: pandas_json(path, orient="records", lines=True),
    "pandas.feather": lambda path: frame().to_feather(path),
    "pandas.parquet": lambda path: frame().to_parquet(path),
    "polars.arrow": lambda path: polars(path, "write_ipc"),
    "stream.arrow": lambda path: polars(path, "write_ipc_stream"),
    "polars.parquet": lambda path: polars(path, "write_parquet"),
    "polars.ndjson": lambda path: polars(path, "write_ndjson"),
    "polars.json": lambda path: polars(path, "write_json"),
    "duckdb.parquet": lambda path: duckdb(path, "(FORMAT parquet)"),
    "duckdb.csv": lambda path: duckdb(path, "(FORMAT csv)"),
    "duckdb.json": lambda path: duckdb(path, "(FORMAT json)"),
    "dataset": saved_dataset,
    "tensors.safetensors": safetensors,
    "datasets.h5": hdf5,
    "projector": projector,
    "vectors.index": index,
    "text.csv": lambda path: np.savetxt(path, X),
    "lightly.csv": lambda path: lightly(path, "csv"),
    "worker.csv": lambda path: lightly(path, "lightly_csv"),
    "text.txt": lambda path: np.savetxt(path, X),
    "words.vec": words,
    "scipy.mat": matlab,
    "v2.zarr": lambda path: zarr(path, 2),
    "v3.zarr": lambda path: zarr(path, 3),
    "xarray.zarr": xarray_zarr,
    "rows.lance": lance,
    "spark": spark,
    "spark_dense": lambda path: spark(path, sparse=False),
    "spark_sparse": lambda path: spark(path, sparse=True),
}
TEXTS = ("vectors.index", "text.csv", "text.txt", "words.vec", "lightly.csv", "worker.csv")
OWN_IDS = ("words.vec",)  # which reports tell
TOLD = {"worker.csv": "labels_ignored"}  # of the file alone
WIDE = ("spark_dense", "spark_sparse")  # hold float64, whatever they are given
BESIDE = {"tensors.safetensors": Y, **dict.fromkeys(TEXTS, np.array(NAMES))}


def measured(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name not in OWN}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_report_is_that_of_the_npy(name: str, tmp_path: Path) -> None:
    WRITTEN[name](tmp_path / name)
    plain = "x.npz" if name in OWN_IDS else "x.npy"
    if name in OWN_IDS:
        np.savez(tmp_path / plain, embeddings=X, id=[f"word{row}" for row in range(60)])
    else:
        np.save(tmp_path / plain, X.astype("f8") if name in WIDE else X)
    np.save(tmp_path / "y.npy", BESIDE.get(name, np.array(NAMES)))
    beside = ("--labels", "y.npy") if name in BESIDE and name != "tensors.safetensors" else ()
    reports = []
    for path, labels in ((name, beside), (plain, ("--labels", "y.npy"))):
        done = run(tmp_path, "audit", path, *labels, "-o", "report.json", "--no-progress")
        told(done, done.returncode)
        assert done.returncode in (0, 1), done.stderr
        reports.append(json.loads((tmp_path / "report.json").read_text()))
    own, other = map(measured, reports)
    own["warnings"] = [one for one in own["warnings"] if one["code"] != TOLD.get(name)]
    assert own.keys() == other.keys()
    assert {key: value for key, value in own.items() if value != other[key]} == {}

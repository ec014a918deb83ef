"""Folders that are no shards: of the projector, a file a row, a folder a class."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, Arguments, Case, X, Y, alone, files, npy, raw
from tests.files.writers import lines

CLASSES = [name.replace("/", " ") for name in NAMES]
Change = Callable[[Path], object]


def folder(tmp: Path, name: str = "rows") -> Path:
    path = tmp / name
    path.mkdir()
    return path


def rows(*changes: Change, shape: Any = -1) -> Callable[[Path], Path]:
    """A file a row."""

    def build(tmp: Path) -> Path:
        path = folder(tmp)
        for number, row in enumerate(X):
            npy(path / f"img{number}.npy", row.reshape(shape))
        for change in changes:
            change(path)
        return path

    return build


def classes(*changes: Change, shape: Any = -1) -> Callable[[Path], Path]:
    """A folder a class, a file a row."""

    def build(tmp: Path) -> Path:
        path = folder(tmp)
        for number, (row, name) in enumerate(zip(X, CLASSES, strict=True)):
            (path / name).mkdir(exist_ok=True)
            npy(path / name / f"img{number}.npy", row.reshape(shape))
        for change in changes:
            change(path)
        return path

    return build


def projector(
    metadata: str | None, *more: str, vectors: str = "vectors.tsv"
) -> Callable[[Path], Path]:
    def build(tmp: Path) -> Path:
        path = folder(tmp, "projector")
        raw(path / vectors, lines(X, "\t").encode())
        if metadata is not None:
            raw(path / "metadata.tsv", metadata.encode())
        for name in more:
            raw(path / name, b"x")
        return path

    return build


def with_labels(tmp: Path) -> Arguments:
    """Labels that are given win over those of the folder."""
    return {"path": projector("label\tid\nx\ty\n")(tmp), "labels": npy(tmp / "y.npy", Y)}


def two_rows(path: Path) -> None:
    npy(path / "cat" / "pair.npy", X[:2])


def clip(vectors: tuple[int, int], labels: tuple[int, int]) -> Callable[[Path], Arguments]:
    """The folders that clip-retrieval writes, of two shards with so many rows each."""

    def build(tmp: Path) -> Arguments:
        for number in range(2):
            for kind, (first, last) in (("img_emb", vectors), ("metadata", labels)):
                part = slice(0, first) if number == 0 else slice(first, first + last)
                place = tmp / "clip" / kind
                place.mkdir(parents=True, exist_ok=True)
                if kind == "img_emb":
                    npy(place / f"img_emb_{number}.npy", X[part])
                else:
                    table(place / f"metadata_{number}.parquet", {"label": NAMES[part]})
        return {"path": tmp / "clip" / "img_emb", "labels": tmp / "clip" / "metadata"}

    return build


def whole(tmp: Path) -> Arguments:
    clip((8, 12), (8, 12))(tmp)
    return {"path": tmp / "clip"}


def named(*names: str) -> Any:
    """A folder of files of these names: vectors, and labels if they are told to be."""

    def build(tmp: Path) -> Arguments:
        folder = tmp / "set"
        folder.mkdir()
        for name in names:
            values = Y if name[0] == "y" or "label" in name else X
            npz(folder / name, a=values) if name.endswith("z") else npy(folder / name, values)
        return {"path": folder, "labels": npy(tmp / "y.npy", Y)}

    return build


def with_more(tmp: Path) -> Arguments:
    given = named("embeddings.npy")(tmp)
    raw(given["path"] / "meta.json", b"{}")
    return given


CASES = [
    Case(
        "files: embeddings and labels",
        named("embeddings.npy", "labels.npy"),
        ("no shards", "set/embeddings.npy --labels ", "set/labels.npy"),
    ),
    Case("files: X and y", named("X.npy", "y.npy"), ("set/X.npy --labels ", "set/y.npy")),
    Case(
        "files: archives",
        named("feats.npz", "labels.npz"),
        ("set/feats.npz --labels ", "set/labels.npz"),
    ),
    Case(
        "files: splits",
        named("train_features.npy", "train_labels.npy", "test_features.npy", "test_labels.npy"),
        ("test_features.npy --labels ", "test_labels.npy"),
    ),
    Case(
        "files: X_test",
        named("X_test.npy", "X_train.npy", "y_test.npy", "y_train.npy"),
        ("X_test.npy --labels ", "y_test.npy"),
    ),
    Case(
        "files: numbered",
        named("emb_0.npy", "emb_1.npy", "label_0.npy", "label_1.npy"),
        ("folder of their own", "--labels PATH"),
    ),
    Case("files: more beside", with_more, ("mixes formats", "set/embeddings.npy")),
    Case("projector", alone(projector("".join(f"{y}\n" for y in Y)))),
    Case(
        "projector of columns",
        alone(projector(lines([["label", "n"], *zip(NAMES, Y, strict=True)], "\t"))),
    ),
    Case("projector of PyTorch", alone(projector(lines(Y[:, None]), vectors="tensors.tsv"))),
    Case("projector with labels", with_labels),
    Case("projector of others", alone(projector(lines(Y[:5, None]))), ("metadata.tsv: 5 labels",)),
    Case("projector without metadata", alone(projector(None)), ("vectors.tsv", "no labels")),
    Case("projector and more", alone(projector("a\n", "b.tsv")), ("b.tsv", "holds str")),
    Case("rows", files(rows())),
    Case("rows in a class", alone(classes())),
    Case("rows of (1, d) in a class", alone(classes(shape=(1, -1)))),
    Case("rows without labels", alone(rows()), ("rows: no labels",)),
    Case(
        "rows of another length", files(rows(lambda p: npy(p / "a.npy", X[0, :3]))), ("20 of 21",)
    ),
    Case(
        "rows of another dtype",
        files(rows(lambda p: npy(p / "img7.npy", X[7].astype("f8")))),
        ("1 of 20 files", "4 values of float32", "img7.npy"),
    ),
    Case("rows and text", files(rows(lambda p: raw(p / "z.txt", b"x"))), ("z.txt", "no .npy data")),
    Case("rows cut short", files(rows(lambda p: raw(p / "img9.npy", b"x"))), ("img9.npy",)),
    Case("rows of NaN", files(rows(lambda p: npy(p / "img3.npy", X[3] * np.nan))), ("rows 3",)),
    Case(
        "rows that are objects",
        files(rows(lambda p: npy(p / "img3.npy", np.array([{}, 1, 2, 3])))),
        ("1 of 20 files", "img3.npy"),
    ),
    Case("a class of two rows a file", alone(classes(two_rows)), ("1 of 21 files", "pair.npy")),
    Case(
        "classes beside a file", alone(classes(lambda p: raw(p / "x.npy", b"x"))), ("subdirector",)
    ),
    Case("clip-retrieval", clip((8, 12), (8, 12))),
    Case("clip-retrieval shifted", clip((8, 12), (7, 13)), notices=("unequal_shards",)),
    Case(
        "clip-retrieval of lost rows",
        clip((8, 12), (7, 12)),
        (
            "19 labels for the 20 embeddings",
            "8 rows in",
            "img_emb_0.npy but 7 in",
            "metadata_0.parquet",
        ),
    ),
    Case("clip-retrieval whole", whole, ("'img_emb', 'metadata'", "--labels", "metadata")),
]

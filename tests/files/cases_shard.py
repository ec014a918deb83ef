"""Directories of shards: their order, what is left out, and shards that disagree."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tests.files.cases_npz import npz
from tests.files.cases_parquet import lists, table
from tests.files.corpus import NAMES, Arguments, Case, X, Y, alone, files, labels, npy, raw
from tests.files.writers import stream


def halves(tmp: Path, *more: Callable[[Path], Any]) -> Path:
    """Two .npy shards, and whatever else is put beside them."""
    folder = tmp / "shards"
    folder.mkdir()
    npy(folder / "part-2.npy", X[:10])
    npy(folder / "part-10.npy", X[10:])
    for add in more:
        add(folder)
    return folder


def beside(
    name: str, add: Callable[[Path], Any], *says: str, notices: tuple[str, ...] = ()
) -> Case:
    return Case(f"shards {name}", files(lambda tmp: halves(tmp, add)), says, notices)


def linked(folder: Path) -> None:
    (folder.parent / "away").mkdir()
    (folder / "away").symlink_to(folder.parent / "away", target_is_directory=True)
    (folder / "self").symlink_to(folder, target_is_directory=True)


def tables(first: dict[str, Any], second: dict[str, Any]) -> Callable[[Path], Arguments]:
    def build(tmp: Path) -> Path:
        (tmp / "shards").mkdir()
        table(tmp / "shards" / "0.parquet", first)
        table(tmp / "shards" / "1.parquet", second)
        return tmp / "shards"

    return alone(build)


def both(values: tuple[Any, Any]) -> Callable[[Path], Arguments]:
    first, second = ({"emb": X.tolist(), "label": labels} for labels in values)
    return tables(first, second)


def empty(tmp: Path) -> Path:
    (tmp / "shards").mkdir()
    return tmp / "shards"


def text_shards(tmp: Path) -> Path:
    folder = empty(tmp)
    raw(folder / "1.txt", "\n".join(NAMES[:10]).encode())
    raw(folder / "2.txt", "\n".join(NAMES[10:]).encode())
    return folder


def archives(tmp: Path) -> Path:
    folder = empty(tmp)
    npz(folder / "a.npz", emb=X, y=Y)
    npz(folder / "b.npz", emb=X, y=Y)
    return folder


def hidden(folder: Path) -> None:
    for name in (".hidden.npy", "_SUCCESS", "_part-3.npy", "part-3.npy.tmp", "part-3.npy~"):
        raw(folder / name, b"not to be read")


PLAIN = {"emb": X.tolist(), "label": Y}
CODED = pa.array(NAMES).dictionary_encode()
RECODED = pa.array(NAMES[::-1]).dictionary_encode()


def saved_dataset(state: Any, *, shards: int = 3) -> Callable[[Path], Path]:
    """As `Dataset.save_to_disk` writes it; state: of what is written there."""

    def build(tmp: Path) -> Path:
        folder = empty(tmp)
        for number in range(shards):
            part = slice(number * 8, number * 8 + 8)
            stream(folder / f"data-{number}.arrow", X[part], Y[part])
        raw(folder / "dataset_info.json", b"{}")
        raw(
            folder / "state.json", state if isinstance(state, bytes) else json.dumps(state).encode()
        )
        return folder

    return build


def state(*names: str, **more: Any) -> dict[str, Any]:
    return {"_data_files": [{"filename": name} for name in names], **more}


THREE = [f"data-{number}.arrow" for number in range(3)]

CASES = [
    Case("shards of npy", files(halves)),
    Case("shards of npz", alone(archives)),
    Case("shards of parquet", tables(PLAIN, PLAIN)),
    Case(
        "shards of parquet with a file for labels",
        files(lambda t: (t / "s").mkdir() or table(t / "s" / "0.parquet", PLAIN).parent),
        notices=("labels_ignored",),
    ),
    Case("shards of labels", labels(text_shards)),
    Case("shards of categories", both((CODED, RECODED))),
    Case("shards of whole floats", both((Y * 1.0, Y * 1.0)), notices=("float_labels",)),
    Case("shards of int32 and int64 labels", both((Y, Y.astype("i4")))),
    Case("shards of ids", tables({**PLAIN, "id": NAMES}, {**PLAIN, "id": NAMES})),
    beside("hidden and temporary", hidden),
    beside("links to directories", linked, notices=("skipped_entries",)),
    beside("other files", lambda d: raw(d / "README.md", b"#"), notices=("skipped_entries",)),
    beside("empty shard", lambda d: npy(d / "part-11.npy", X[:0])),
    beside(
        "link to a file", lambda d: (d / "part-1.npy").symlink_to(npy(d.parent / "z.npy", X[:0]))
    ),
    Case("shards: empty directory", files(empty), ("shards", "without shards")),
    Case(
        "shards: only hidden",
        files(lambda t: raw(empty(t) / ".a.npy", b"").parent),
        ("without shards",),
    ),
    beside("mixed", lambda d: table(d / "a.parquet", PLAIN), "mixes formats", "npy, parquet"),
    beside("with labels among them", lambda d: raw(d / "y.csv", b"label\n"), "csv, npy"),
    beside("subdirectory", lambda d: (d / "deep").mkdir(), "subdirectories", "'deep'"),
    beside("broken link", lambda d: (d / "c.npy").symlink_to(d / "none"), "c.npy", "no such file"),
    beside("directory named like a shard", lambda d: (d / "c.npy").mkdir(), "'c.npy'"),
    beside(
        "other dimension",
        lambda d: npy(d / "z.npy", X[:2, :3]),
        "z.npy",
        "dimension 3",
        "part-2.npy",
    ),
    beside("other dtype", lambda d: npy(d / "z.npy", X[:2].astype("f2")), "z.npy", "float16"),
    beside("damaged shard", lambda d: raw(d / "z.npy", b"?"), "z.npy", "no .npy data"),
    beside("NaN", lambda d: npy(d / "part-3.npy", X * np.nan), "20 labels for the 40"),
    Case(
        "shards: labels as text and integers",
        both((Y, [str(y) for y in Y])),
        ("differ in type", "int in", "0.parquet", "str in", "1.parquet"),
    ),
    Case("shards: labels as bool and integers", both((Y, Y > 0)), ("differ in type", "bool in")),
    Case("shards: null labels", both(([None, *NAMES[1:]], NAMES)), ("0.parquet", "null", "row 0")),
    Case(
        "shards: lacking column",
        tables(PLAIN, {"emb": X.tolist(), "y": Y}),
        ("1.parquet", "'emb', 'y'", "not 'label'"),
    ),
    Case(
        "shards: other type of column",
        tables(PLAIN, {"emb": NAMES, "label": Y}),
        ("1.parquet", "'emb'", "holds str"),
    ),
    Case("shards: ragged second", tables(PLAIN, lists(None)), ("1.parquet", "not 'emb'")),
    Case(
        "shards of csv as embeddings",
        files(lambda t: raw(empty(t) / "a.csv", b"a\nb").parent),
        ("a.csv", "holds str"),
    ),
    Case("shards of save_to_disk", alone(saved_dataset(state(*THREE)))),
    Case("shards of save_to_disk in its order", alone(saved_dataset(state(*THREE[::-1])))),
    Case("shards of an older save_to_disk", alone(saved_dataset(state(*THREE), shards=4))),
    Case("save_to_disk without state", alone(saved_dataset(b"x")), ("state.json", "to_parquet")),
    Case("save_to_disk of other state", alone(saved_dataset([1])), ("state.json", "to_parquet")),
    Case("save_to_disk of no files", alone(saved_dataset(state())), ("any file", "again")),
    Case(
        "save_to_disk less a shard",
        alone(saved_dataset(state(*THREE), shards=2)),
        ("'data-2.arrow'", "not there"),
    ),
    Case(
        "save_to_disk reaching out",
        alone(saved_dataset(state("../x.arrow"))),
        ("'../x.arrow'", "not there"),
    ),
    Case(
        "save_to_disk of some rows",
        alone(saved_dataset(state(*THREE, _indices_data_files=[{"filename": "i.arrow"}]))),
        ("flatten_indices",),
    ),
]

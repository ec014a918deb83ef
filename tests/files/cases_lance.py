"""Lance datasets: columns as Parquet has them, and damaged folders; where it is installed."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.files.corpus import NAMES, Case, X, Y, alone, files, labels, raw

FIXED = pa.array(X.tolist(), pa.list_(pa.float32(), 4))
LISTS = pa.array(X.tolist(), pa.list_(pa.float32()))


def rows(name: str = "x.lance", **columns: Any) -> Callable[[Path], Path]:
    """Of seven rows a file."""

    def build(tmp: Path) -> Path:
        import lance

        lance.write_dataset(pa.table(columns), tmp / name, max_rows_per_file=7)
        return tmp / name

    return build


def in_versions(tmp: Path) -> Path:
    """Rows that were added, and others that were deleted: the newest version counts."""
    import lance

    path = rows(vector=FIXED, label=Y)(tmp)
    more = pa.table({"vector": pa.array([[9.0] * 4] * 3, FIXED.type), "label": [77] * 3})
    lance.write_dataset(more, path, mode="append")
    lance.dataset(path).delete("label = 77")
    return path


def cloned(tmp: Path) -> Path:
    import lance

    dataset = lance.dataset(rows("other.lance", vector=FIXED, label=Y)(tmp))
    dataset.shallow_clone(str(tmp / "x.lance"), dataset.version)
    return tmp / "x.lance"


def without(pattern: str) -> Callable[[Path], Path]:
    def build(tmp: Path) -> Path:
        path = rows(vector=FIXED, label=Y)(tmp)
        for file in path.glob(pattern):
            file.unlink()
        return path

    return build


def cut(tmp: Path) -> Path:
    path = rows(vector=FIXED, label=Y)(tmp)
    file = min(path.glob("data/*"))
    raw(file, file.read_bytes()[:-100])
    return path


def several(tmp: Path) -> Path:
    folder = tmp / "shards"
    folder.mkdir()
    for at in range(0, 20, 5):
        rows(f"part-{at}.lance", vector=FIXED[at : at + 5], label=Y[at : at + 5])(folder)
    return folder


CASES = [
    Case("lance fixed lists", alone(rows(vector=FIXED, label=Y))),
    Case("lance lists", alone(rows(embedding=LISTS, label=NAMES))),
    Case("lance of any name", alone(rows("rows", vector=FIXED, label=Y))),
    Case("lance columns", alone(rows(**{f"emb_{i}": X[:, i] for i in range(4)}, label=Y))),
    Case("lance versions", alone(in_versions)),
    Case("lance labels", labels(rows(label=NAMES))),
    Case("lance several datasets", alone(several)),
    Case(
        "lance ragged",
        alone(rows(vector=pa.array([[1.0, 2.0]] * 19 + [[3.0]]), label=Y)),
        ("'vector'", "19"),
    ),
    Case("lance null", alone(rows(vector=pa.array([[1.0]] * 19 + [None]), label=Y)), ("null",)),
    Case("lance clone", alone(cloned), ("x.lance", "another folder")),
    Case("lance without data", files(without("data/*")), ("x.lance", "cannot be read")),
    Case("lance without versions", files(without("_versions/*")), ("x.lance", "cannot be read")),
    Case("lance cut short", files(cut), ("x.lance", "cannot be read")),
    Case("lance a file", files(lambda t: raw(t / "x.lance", b"x")), ("x.lance", "is a file")),
]
if find_spec("lance") is None:
    CASES = [Case("lance without lance", files(lambda t: raw(t / "x.lance", b"x")), (".[lance]",))]

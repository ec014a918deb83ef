"""Labels joined by id: the order is the embeddings', and every id must match once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import NAMES, Arguments, Case, X, npy, raw

IDS = [f"img-{row}" for row in range(20)]
TURNED = list(range(20))[::-1]


def joined(
    ids: Any = IDS, keys: Any = None, labels: Any = None, **more: str
) -> Callable[[Path], Arguments]:
    """Embeddings with ids, and a Parquet of labels with keys, in the opposite order."""
    keys = [IDS[row] for row in TURNED] if keys is None else keys
    labels = [NAMES[row] for row in TURNED] if labels is None else labels

    def build(tmp: Path) -> Arguments:
        path = table(tmp / "x.parquet", {"emb": X.tolist(), "id": ids})
        beside = table(tmp / "y.parquet", {"key": keys, "species": labels})
        return {"path": path, "labels": beside, "join": "key", **more}

    return build


def csv(ids: Any, keys: Sequence[object]) -> Callable[[Path], Arguments]:
    def build(tmp: Path) -> Arguments:
        lines = ["key,species", *(f'{key},"{row % 3}"' for row, key in enumerate(keys))]
        path = table(tmp / "x.parquet", {"emb": X.tolist(), "id": ids})
        return {
            "path": path,
            "labels": raw(tmp / "y.csv", "\n".join(lines).encode()),
            "join": "key",
        }

    return build


def members(tmp: Path) -> Arguments:
    path = npz(tmp / "x.npz", emb=X, name=np.array(IDS))
    beside = npz(tmp / "y.npz", name=np.array(IDS[::-1]), y=np.arange(20) % 3)
    return {"path": path, "labels": beside, "join": "name", "id_column": "name"}


def no_ids(tmp: Path) -> Arguments:
    return {**joined()(tmp), "path": npy(tmp / "x.npy", X)}


CASES = [
    Case("join by text", joined()),
    Case("join by integers", joined(range(20), TURNED)),
    Case("join with a named label column", joined(label_column="species")),
    Case("join in npz", members),
    Case("join integers with csv", csv(range(20), range(20))),
    Case("join text with csv", csv(IDS, IDS[::-1])),
    Case("join: missing", joined(keys=[*IDS[:19], "other"]), ("1 id is of", "missing ('img-19')")),
    Case("join: extra", joined(keys=[*IDS, "z"], labels=[*NAMES, "a"]), ("not in", "'z'")),
    Case("join: repeated key", joined(keys=[*IDS[:19], "img-0"]), ("repeated ('img-0')", "y.parq")),
    Case("join: repeated id", joined([*IDS[:19], "img-0"]), ("repeated ('img-0')", "x.parquet")),
    Case("join: other types", joined(range(20)), ("none of its ids (str)", "(int)")),
    Case("join: nothing in common", joined(keys=NAMES), ("none of its ids", "another column")),
    Case("join: leading zeros", csv(range(20), [f"{k:03}" for k in range(20)]), ("none of its",)),
    Case("join: null key", joined(keys=[None, *IDS[1:]]), ("y.parquet", "null")),
    Case("join: null id", joined([None, *IDS[1:]]), ("x.parquet", "null")),
    Case("join: no such column", lambda t: {**joined()(t), "join": "nope"}, ("'nope'", "'key'")),
    Case("join: embeddings without ids", no_ids, ("x.npy", "no ids to join by", "--id-column")),
]

"""Files that hold nothing: each is told as empty, whatever else is wrong with it."""

from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.files.formats import SUFFIXES
from tests.files.cases_parquet import table
from tests.files.corpus import Case, alone, files, labels, npy, raw

TEXTS = {
    "csv of a header": ("csv", "emb_0,emb_1,label\n"),
    "csv of a header of cells": ("csv", "embedding,label\n"),
    "tsv of a header": ("tsv", "emb_0\temb_1\n"),
    "csv of blank lines": ("csv", "\n\n"),
    "txt of a blank line": ("txt", "\n"),
    "json of no records": ("json", "[]"),
    "json of no entries": ("json", "{}"),
    "jsonl of blank lines": ("jsonl", "\n\n"),
}


def holding(suffix: str, text: str) -> Any:
    return lambda tmp: raw(tmp / f"x.{suffix}", text.encode())


CASES = [
    *(
        Case(f"empty {suffix} file", files(holding(suffix, "")), (f"x.{suffix}: is empty",))
        for suffix in SUFFIXES
    ),
    *(
        Case(f"empty {name}", files(holding(*how)), (f"x.{how[0]}: is empty",))
        for name, how in TEXTS.items()
    ),
    *(
        Case(f"empty labels: {name}", labels(holding(*how)), (f"x.{how[0]}: is empty",))
        for name, how in TEXTS.items()
    ),
    Case(
        "empty npy of no rows",
        files(lambda t: npy(t / "x.npy", np.zeros((0, 4)))),
        ("is empty: nothing to audit",),
    ),
    Case("empty npy of no axes", files(lambda t: npy(t / "x.npy", np.zeros(0))), ("is empty",)),
    Case("empty parquet", alone(lambda t: table(t / "x.parquet", pa.table({}))), ("is empty",)),
]

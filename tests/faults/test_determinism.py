"""One report: whatever the threads, the blocks, the hash seed, the locale and the storage."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import embaudit
from tests.faults.process import environment
from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import npy

RNG = np.random.default_rng(11)
Y = np.repeat(np.arange(12), 60)[RNG.permutation(720)]
X = (RNG.normal(size=(12, 16))[Y] + RNG.normal(size=(720, 16))).astype(np.float32)
OPTIONS: dict[str, Any] = {
    "margin": 0.2,
    "gate": "violated_triplets <= 0.5",
    "measures": "all",
    "effort": 0,  # the search of effort has its own tests, on smaller sets
}
BLOCKS = (64, 999, 4096, 10**9)
AUDIT = """
import sys, hashlib, json, numpy as np, embaudit
x, y, threads, block, options = sys.argv[1:]
report = embaudit.audit(embaudit.load(x, y), threads=int(threads), block_rows=int(block),
                        **json.loads(options))
kept = json.loads(report.to_json())
del kept["environment"], kept["timing"]
print(hashlib.sha256(json.dumps(kept).encode()).hexdigest())
"""


def told(report: embaudit.Report, *dropped: str) -> str:
    kept = json.loads(report.to_json())
    for part in ("environment", "timing", *dropped):
        del kept[part]
    return json.dumps(kept)


def hashed(folder: Path, threads: int, block: int, **env: str) -> str:
    npy(folder / "x.npy", X)
    npy(folder / "y.npy", Y)
    arguments = ["x.npy", "y.npy", str(threads), str(block), json.dumps(OPTIONS)]
    return subprocess.run(
        [sys.executable, "-c", AUDIT, *arguments],
        cwd=folder,
        env=environment(**env),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.thorough
def test_blocks_and_threads_change_nothing(tmp_path: Path) -> None:
    reports = {
        told(embaudit.audit(X, Y, threads=threads, block_rows=block, **OPTIONS))
        for threads, block in ((1, 64), (2, 64), (1, 200), (2, 10**9))
    }
    assert len(reports) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_threads_change_nothing_of_wide_rows(metric: str) -> None:
    """Of more dimensions than all axes are found of: what one thread finds, others wait for."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 6, 1300)
    spread = np.arange(1, 1101) ** -0.5
    rows = (rng.normal(size=(6, 1100))[labels] + rng.normal(size=(1300, 1100))) * spread
    reports = {
        told(embaudit.audit(rows.astype(np.float32), labels, metric=metric, threads=threads))
        for threads in (1, 2, 3)
    }
    assert len(reports) == 1


@pytest.mark.thorough
def test_hash_seed_and_locale_change_nothing(tmp_path: Path) -> None:
    seen = {
        hashed(tmp_path, 2, 4096, PYTHONHASHSEED="1", LC_ALL="C"),
        hashed(tmp_path, 1, 64, PYTHONHASHSEED="2", LC_ALL="C.UTF-8"),
    }
    assert len(seen) == 1


@pytest.mark.soak
def test_the_whole_matrix(tmp_path: Path) -> None:
    seen = {
        hashed(tmp_path, threads, block, PYTHONHASHSEED=seed, LC_ALL=locale)
        for threads in (1, 2)
        for block in BLOCKS
        for seed in ("0", "1", "random")
        for locale in ("C", "C.UTF-8", "tr_TR.UTF-8")
    }
    assert len(seen) == 1


def shards(folder: Path) -> Path:
    folder.mkdir()
    for number, start in enumerate(range(0, len(X), 70)):
        npy(folder / f"part-{number}.npy", X[start : start + 70])
    return folder


def lists(kind: Any) -> dict[str, Any]:
    return {"embedding": pa.array(X.tolist(), kind)}


FORMS: dict[str, Callable[[Path], Path]] = {
    "npy": lambda t: npy(t / "x.npy", X),
    "npy Fortran": lambda t: npy(t / "x.npy", np.asfortranarray(X)),
    "npy big-endian": lambda t: npy(t / "x.npy", X.astype(">f4")),
    "npz": lambda t: npz(t / "x.npz", emb=X),
    "npz Fortran": lambda t: npz(t / "x.npz", emb=np.asfortranarray(X)),
    "list": lambda t: table(t / "x.parquet", lists(pa.list_(pa.float32()))),
    "fixed": lambda t: table(t / "x.parquet", lists(pa.list_(pa.float32(), 16))),
    "row groups of 7": lambda t: table(
        t / "x.parquet", lists(pa.list_(pa.float32())), row_group_size=7
    ),
    "columns": lambda t: table(t / "x.parquet", {f"emb_{i}": X[:, i] for i in range(16)}),
    "shards": lambda t: shards(t / "shards"),
}


@pytest.mark.thorough
def test_storage_changes_nothing(tmp_path: Path) -> None:
    reports = set()
    for name, store in FORMS.items():
        folder = tmp_path / name
        folder.mkdir()
        loaded = embaudit.load(store(folder), npy(folder / "y.npy", Y))
        reports.add(
            hashlib.sha256(told(embaudit.audit(loaded), "inputs", "run_id", "digest").encode())
        )
    assert len({report.hexdigest() for report in reports}) == 1

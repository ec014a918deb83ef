"""Memory: refused from headers, failed in time, and estimated honestly."""

import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embaudit.core import machine
from embaudit.core.machine import available_threads
from embaudit.errors import BudgetExceeded, UsageError
from embaudit.planning.memory import Workload, needs_of_audit
from tests.faults.process import AUDIT, data, embaudit, environment, injected, told

MIB = 1 << 20
BUDGET = 256 * MIB


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2G", 2 << 30), ("512MiB", 512 << 20), (" 1.5 kb ", 1536), ("4096", 4096), ("1t", 1 << 40)],
)
def test_a_budget_is_read(text: str, amount: int) -> None:
    assert machine.budget_of(text) == amount


@pytest.mark.parametrize("text", ["", "G", "-1G", "0", "1e9", "2P", "2GG", "nan", "9" * 40])
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(UsageError, match="memory budget"):
        machine.budget_of(text)


def test_a_budget_that_cannot_be_read_exits_2(tmp_path: Path) -> None:
    told(embaudit(data(tmp_path), *AUDIT, "--memory-budget", "much"), 2)


def test_too_much_is_refused_with_what_why_and_remedy(tmp_path: Path) -> None:
    done = embaudit(data(tmp_path), *AUDIT, "--memory-budget", "1M", "-o", "r.json")
    said = told(done, 4)
    for words in ("needs about", "1.0 MiB are allowed", "the largest part", "--sample", "--memory"):
        assert words in said
    assert not (tmp_path / "r.json").exists()


def test_the_smallest_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def limited(groups: str, files: dict[str, str]) -> int:
        (tmp_path / "cgroup").write_text(groups)
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        monkeypatch.setattr(machine, "OWN_GROUPS", tmp_path / "cgroup")
        monkeypatch.setattr(machine, "GROUPS", tmp_path)
        return machine.allowed(None)

    free = limited("0::/none\n", {})
    assert limited("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "1000"}) == 800
    old = "3:cpu,memory:/x\n2:cpuset:/\n"
    assert limited(old, {"memory/x/memory.limit_in_bytes": "2000\n"}) == 1600
    assert limited("nonsense without colons", {}) == free
    assert machine.allowed(7) == 7


def test_without_any_limit_there_is_a_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_limits", lambda: iter(()))
    assert machine.allowed(None) == int(0.8 * machine.FALLBACK)


def test_a_batch_that_is_too_large_is_refused(tmp_path: Path) -> None:
    big = ("--batch", "100000x9", "--memory-budget", "200M")
    folder = data(tmp_path, rows=12000)
    assert "the audited batches" in told(embaudit(folder, *AUDIT, *big), 4)


def test_needs_name_their_largest_term() -> None:
    needs = machine.Needs({"a": 1, "b": 5 * MIB})
    assert (needs.total, needs.largest) == (5 * MIB + 1, "b")
    needs.check(6 * MIB, "It")
    with pytest.raises(BudgetExceeded, match=r"It needs about 5.0 MiB .* largest part is b"):
        needs.check(MIB, "It")


@pytest.mark.parametrize(
    "where", ["embaudit.verbs.run_context.Evidence", "embaudit.files.set_reader.read"]
)
def test_running_out_of_memory_anywhere_exits_4(tmp_path: Path, where: str) -> None:
    module, _, name = where.rpartition(".")
    env = injected(
        data(tmp_path),
        f"import {module} as m\ndef fail(*a, **k): raise MemoryError\nm.{name} = fail\n"
        "import embaudit.files; embaudit.files.read = getattr(m, 'read', embaudit.files.read)\n",
    )
    said = told(embaudit(tmp_path, *AUDIT, env=env), 4)
    assert "--sample" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it limits nothing")
@pytest.mark.parametrize("limit", [100, 400, 900, 1100])
def test_a_limit_on_address_space(tmp_path: Path, limit: int) -> None:
    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit * MIB, limit * MIB))

    done = embaudit(data(tmp_path), *AUDIT, preexec_fn=lower)
    assert done.returncode in (0, 4), done.stderr
    if done.returncode:
        assert "out of memory" in done.stderr.lower()


def zip_bomb(path: Path) -> None:
    """1 GiB of zeros."""
    vast = np.lib.format.header_data_from_array_1_0(np.empty((2**21, 128), np.float32))
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, vast)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("emb.npy", "w") as member:
            member.write(head.getvalue())
            for _ in range(256):
                member.write(bytes(4 * MIB))
        with archive.open("y.npy", "w") as member:
            np.save(member, np.arange(2**21) % 2)


def parquet(path: Path, vectors: pa.Array, labels: pa.Array) -> None:
    pq.write_table(pa.table({"emb": vectors, "label": labels}), path, compression="zstd")


def fixed(path: Path) -> None:
    values = pa.array(np.zeros(2**28, np.float32))
    labels = pa.array(np.arange(2**21) % 2)
    parquet(path, pa.FixedSizeListArray.from_arrays(values, 128), labels)


def two_rows(path: Path) -> None:
    """Nothing in the footer says how long they are."""
    offsets = pa.array([0, 2**27, 2**28], pa.int32())
    rows = pa.ListArray.from_arrays(offsets, pa.array(np.zeros(2**28, np.float32)))
    parquet(path, rows, pa.array([0, 1]))


def long_labels(path: Path) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(16, np.float32)), 4)
    long = "x" * 2**29
    parquet(path, vectors, pa.array([long, long, "y", "y"]))


BOMBS = {"x.npz": zip_bomb, "fixed.parquet": fixed, "two.parquet": two_rows}
BOMBS |= {"labels.parquet": long_labels}


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="needs the system's limit")
@pytest.mark.parametrize("name", BOMBS)
def test_decompression_bombs(name: str, tmp_path: Path) -> None:
    BOMBS[name](tmp_path / name)
    assert (tmp_path / name).stat().st_size < 8 * MIB
    command = [sys.executable, "-m", "embaudit", "audit", name, "--memory-budget", "256M"]
    code = (
        "import resource, subprocess, sys;"
        "code = subprocess.run(sys.argv[1:], capture_output=True).returncode;"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    ended, peak = done.stdout.split()
    assert ended == "4"
    assert float(peak) < BUDGET + 200 * MIB  # a gigabyte was not even unpacked


MEASURE = """
import sys, numpy as np, embaudit
from embaudit.data import EmbeddingSet
rows, dim, kind, metric, classes = *map(int, sys.argv[1:3]), *sys.argv[3:5], int(sys.argv[5])
rng = np.random.default_rng(0)
embaudit.audit(rng.normal(size=(200, 8)), np.arange(200) % 4)  # loads every library
clusters = classes or 50
labels = np.arange(rows) % clusters
vectors = (rng.normal(size=(clusters, dim))[labels] + rng.normal(size=(rows, dim))).astype(kind)
data = EmbeddingSet.from_arrays(vectors, labels.tolist() if classes else None)
del vectors
status = lambda name: next(
    int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith(name))
open("/proc/self/clear_refs", "w").write("5")
before = status("VmRSS")
embaudit.audit(data, metric=metric)
print(status("VmHWM") - before + data.vectors.nbytes)
"""


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    "case",
    [
        (2000, 64, "f4", "l2", 20),
        (20000, 128, "f4", "l2", 50),
        (20000, 128, "f4", "cosine", 50),
        (10000, 512, "f2", "l2", 50),
        (10000, 256, "f8", "l2", 5000),
        (10000, 1024, "f4", "l2", 2),
        (2000, 64, "f4", "l2", 0),  # without labels
        (20000, 128, "f4", "cosine", 0),
        (10000, 512, "f2", "l2", 0),
        (10000, 1024, "f4", "l2", 0),
    ],
    ids=str,
)
def test_the_estimate_holds_and_is_not_wild(case: tuple[int, int, str, str, int]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, case)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    rows, dim, kind, metric, classes = case
    size, threads = np.dtype(kind).itemsize, available_threads()
    shape = Workload(
        rows, dim, size, metric, threads=threads, classes=classes, labelled=classes > 0
    )
    estimate = needs_of_audit(shape).total
    assert int(done.stdout) <= estimate <= 2 * int(done.stdout)

"""Rows that are on disk: the same numbers, no file left, and the memory that was promised."""

import io
import json
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import embaudit
from embaudit.core import disk_backed_rows
from embaudit.core.machine import available_threads
from embaudit.core.metric import prepare
from embaudit.core.prepared_points import SCATTERED
from embaudit.data import EmbeddingSet
from embaudit.errors import BudgetExceeded, InputRefused
from embaudit.planning import search_plan
from embaudit.planning.memory import Workload, disk_of_audit, needs_of_audit
from embaudit.search import anchor_scan
from embaudit.search.ivf import approximate_negatives, calibration
from embaudit.verbs.audit import audit
from tests.combined import in_part
from tests.faults.process import embaudit as command
from tests.faults.process import environment, names, told

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's /proc")
MIB = 1 << 20
SHAPE = Workload(
    4000, 256, 4, "l2", threads=available_threads(), classes=10
)  # of the audits over the command line
FULL = """
import os, tempfile
tempfile.gettempdir()  # tries to write as well
def full(*_):
    raise OSError(28, "No space left on device")
os.posix_fallocate = os.write = full
"""


def spilled(values, kind="f4"):
    """Mapped rows with these values in it."""
    values = np.asarray(values, kind)
    made = disk_backed_rows.MappedRows(values.shape, values.dtype)
    made.array[:] = values
    return made


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """An empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "u2", "i8"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (1000, 17), (5000, 64)])
def test_it_reads_back_what_was_written_also_after_letting_go(kind, shape):
    values = np.random.default_rng(0).integers(0, 100, size=shape).astype(kind)
    made = spilled(values, kind)
    assert np.array_equal(made.array, values)
    made.let_go()
    assert np.array_equal(made.array, values)
    made.array[::2] = 7
    values[::2] = 7
    made.let_go()
    made.let_go()
    assert np.array_equal(made.array, values)


def test_letting_go_between_writes_loses_none(monkeypatch):
    monkeypatch.setattr(disk_backed_rows, "KEPT", 1)  # after every one
    values = np.random.default_rng(1).normal(size=(3000, 33))
    made = disk_backed_rows.MappedRows(values.shape, values.dtype)
    order = np.random.default_rng(2).permutation(len(values))
    for rows in np.array_split(order, 50):
        made.array[rows] = values[rows]
        made.met(rows)
    assert np.array_equal(made.array, values)


def test_it_starts_as_zeros():
    assert not disk_backed_rows.MappedRows((1000, 9), np.dtype("f4")).array.any()


INDICES = {
    "slice": slice(3, 90),
    "everything": slice(None),
    "backwards": slice(90, 3, -2),
    "past the end": slice(90, 1000),
    "empty slice": slice(5, 5),
    "one row": np.int64(4),
    "rows": np.array([5, 0, 99, 5]),
    "no rows": np.array([], dtype=np.int64),
    "a table of rows": np.arange(24).reshape(2, 3, 4),
}


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("kept", [0, 1 << 26])
@pytest.mark.parametrize("name", INDICES)
def test_points_on_disk_are_those_in_memory_whatever_the_index(name, kept, metric, monkeypatch):
    monkeypatch.setattr(disk_backed_rows, "KEPT", kept)
    values = np.random.default_rng(3).normal(size=(100, 12)).astype("f4")
    made, every = spilled(values), np.arange(100)
    there, here = prepare(made.array, metric, every, made), prepare(values, metric, every)
    rows = INDICES[name]
    assert np.array_equal(there.floats(rows), here.floats(rows))
    if isinstance(rows, slice) and rows.step is None:
        assert np.array_equal(there.part(rows).floats(slice(1, 3)), here.floats(rows)[1:3])


def resident():
    """Bytes of mapped files that this process holds in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line[:7] in ("RssFile", "RssShme"))


def in_order(rows):
    return [slice(start, start + 500) for start in range(0, rows, 500)]


def at_random(rows):
    return np.array_split(np.random.default_rng(4).permutation(rows), 40)


@LINUX
@pytest.mark.parametrize("parts", [in_order, at_random])
@pytest.mark.parametrize("reading", [False, True])
def test_what_was_met_does_not_stay_in_memory(parts, reading):
    rows, dim = 30_000, 2048
    made = disk_backed_rows.MappedRows((rows, dim), np.dtype("f4"))  # 234 MiB
    before = most = resident()
    for part in parts(rows):
        if reading:
            made.array[part].sum()
        else:
            made.array[part] = 1
        most = max(most, resident())
        made.met(part)
    one_part = rows // 40 * dim * 4
    assert most - before < disk_backed_rows.KEPT + 2 * one_part + 16 * MIB < made.array.nbytes


@LINUX
def test_what_is_found_of_rows_that_are_on_disk_does_not_stay_in_memory():
    made = disk_backed_rows.MappedRows((1000, 64), np.dtype("f4"))
    before = resident()
    found = [made.beside(np.full(1 << 22, k)) for k in range(6)]  # 32 MiB each
    assert resident() - before < 3 * found[0].nbytes
    for k, column in enumerate(found):
        assert (column == k).all()
        column[::3] = -1
    made.met(slice(0, 1000))
    made.let_go()
    assert resident() - before < MIB
    assert all((column[::3] == -1).all() and column[1] == k for k, column in enumerate(found))


def test_what_is_found_of_rows_lives_as_long_as_it_is_used(temporary):
    made = disk_backed_rows.MappedRows((10, 4), np.dtype("f4"))
    column = made.beside(np.arange(1 << 18))[5:]
    made.beside(np.zeros(1 << 18))
    del made
    assert names(temporary) == set()
    assert np.array_equal(column, np.arange(5, 1 << 18))


def test_few_values_are_not_worth_a_file_nor_are_those_of_rows_in_memory():
    few, many = np.arange(100), np.arange(1 << 20)
    made = disk_backed_rows.MappedRows((10, 4), np.dtype("f4"))
    assert made.beside(few) is few
    assert disk_backed_rows.beside(None, many) is many
    assert made.beside(many) is not many


def test_scattered_rows_are_let_go_of_a_few_at_a_time(monkeypatch):
    values = np.random.default_rng(7).normal(size=(5000, 3))
    made, met = spilled(values, "f8"), []
    points = prepare(made.array, "l2", np.arange(5000), made)
    monkeypatch.setattr(made, "met", lambda rows: met.append(len(rows)))
    chosen = np.random.default_rng(8).permutation(5000).reshape(2, -1)
    assert np.array_equal(points.floats(chosen), values[chosen])
    assert max(met) <= SCATTERED < sum(met) == 5000


def test_no_file_is_there_while_it_lives_or_after(temporary):
    made = spilled(np.ones((1000, 64)))
    assert names(temporary) == set()
    made.met(slice(0, 1000))
    del made
    assert names(temporary) == set()


@pytest.mark.thorough
def test_an_audit_leaves_no_file(temporary, tmp_path):
    _, on_disk = budgets()
    folder = saved(tmp_path)
    done = command(folder, *AUDIT, "--memory-budget", on_disk, "-q", env={"TMPDIR": str(temporary)})
    told(done, 0)
    assert names(temporary) == set()


def refused(size=(1000, 64)):
    with pytest.raises(BudgetExceeded) as refusal:
        disk_backed_rows.MappedRows(size, np.dtype("f4"))
    return refusal.value


def test_a_disk_without_room_is_named_with_the_remedy(temporary, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    told = refused()
    assert str(temporary) in told.message
    assert "256,000 bytes" in told.message
    assert "No space left on device" in told.message
    for remedy in ("TMPDIR", "memory_budget", "sample"):
        assert remedy in told.hint
    assert names(temporary) == set()


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="reserves in another way")
def test_a_file_larger_than_any_disk_is_refused(temporary):
    assert str(temporary) in refused((1 << 40, 1 << 10)).message
    assert names(temporary) == set()


def test_the_room_on_the_disk_is_known_before_any_of_it_is_taken(temporary, monkeypatch):
    used = []
    monkeypatch.setattr(disk_backed_rows, "_reserve", lambda *taken: used.append(taken))
    told = refused((1 << 40, 1 << 10)).message
    assert "bytes are free" in told
    assert not used


def test_a_folder_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert str(tmp_path / "gone") in refused().message


def test_where_no_folder_can_be_written_to_at_all_that_is_told(monkeypatch):
    def none():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert "TMPDIR" in refused().hint


def test_without_a_way_to_reserve_zeros_are_written(temporary, monkeypatch):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    monkeypatch.setattr(disk_backed_rows, "PIECE", 1000)
    values = np.random.default_rng(5).normal(size=(500, 33))
    assert np.array_equal(spilled(values, "f8").array, values)

    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    assert str(temporary) in refused().message


def mixed(kind, rows=1600):
    """Four clusters a class, equal rows in and across classes, and classes of a single row."""
    rng = np.random.default_rng(6)
    labels = rng.permutation(np.arange(rows) % 6)
    centres = 3 * rng.normal(size=(6, 4, 20))
    vectors = centres[labels, rng.integers(4, size=rows)] + rng.normal(size=(rows, 20))
    copies = rng.integers(rows, size=(rows // 10, 2))
    vectors[copies[:, 0]] = vectors[copies[:, 1]]
    labels[rng.permutation(rows)[:40]] = 100 + np.arange(40)
    if kind == "i1":
        vectors = np.clip(np.rint(10 * vectors), -128, 127)
    return vectors.astype(kind), labels.tolist()


def kept(report):
    """All of a report but what may differ between two equal runs."""
    told = json.loads(report.to_json() if isinstance(report, embaudit.Report) else report)
    del told["environment"], told["timing"]
    return told


@pytest.fixture
def small(monkeypatch):
    """A set as small as `mixed` is searched approximately where that is asked for."""
    monkeypatch.setattr(search_plan, "SMALL", 0)
    monkeypatch.setattr(calibration, "AIM", 0.5)
    monkeypatch.setattr(approximate_negatives, "CALIBRATION", 300)
    for module in (approximate_negatives, anchor_scan):
        monkeypatch.setattr(module, "CHECKS", 700)


USUAL = {("f4", "l2", "exact"), ("f2", "cosine", "exact"), ("f4", "cosine", "approximate"),
         ("i1", "l2", "approximate")}  # fmt: skip


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("kind", "metric", "search"),
    in_part(
        [
            pytest.param(*one, marks=() if one in USUAL else pytest.mark.soak)
            for one in product(("f2", "f4", "i1"), ("l2", "cosine"), ("exact", "approximate"))
        ],
        4,
        2,
    ),
)
def test_the_report_is_that_of_rows_in_memory(kind, metric, search, monkeypatch):
    monkeypatch.setattr(disk_backed_rows, "KEPT", 1 << 16)
    monkeypatch.setattr(disk_backed_rows, "SMALL", 1)  # what is found of them is on disk, too
    vectors, labels = mixed(kind)
    there, here = (
        EmbeddingSet.from_arrays(vectors, labels, on_disk=on_disk) for on_disk in (True, False)
    )
    assert there.mapped_rows is not None
    assert here.mapped_rows is None
    found, expected = (audit(one, metric=metric, search=search) for one in (there, here))
    assert expected.search.exact == (search == "exact")
    assert expected.data.duplicate_rows > 0
    assert expected.data.singleton_classes > 0
    assert kept(found) == kept(expected)


@pytest.mark.thorough
@pytest.mark.usefixtures("small")
def test_where_all_pairs_cost_less_the_report_is_the_same_too(monkeypatch):
    monkeypatch.setattr(disk_backed_rows, "SMALL", 1)
    monkeypatch.setattr(calibration, "AIM", 0.9999)
    vectors, labels = mixed("f4")
    found, expected = (
        audit(EmbeddingSet.from_arrays(vectors, labels, on_disk=there), search="approximate")
        for there in (True, False)
    )
    assert kept(found) == kept(expected)


def test_a_sample_on_disk_is_that_in_memory():
    vectors, labels = mixed("f4")
    there, here = (
        EmbeddingSet.from_arrays(vectors, labels, sample=700, seed=3, on_disk=on_disk)
        for on_disk in (True, False)
    )
    assert there.mapped_rows is not None
    assert np.array_equal(there.vectors, vectors[there.input_rows])
    assert np.array_equal(there.rows, here.rows)
    assert kept(audit(there)) == kept(audit(here))


def test_what_cannot_be_audited_is_refused_on_disk_too():
    vectors = np.ones((40, 3), "f4")
    vectors[7, 1] = np.nan
    said = []
    for on_disk in (True, False):
        with pytest.raises(InputRefused) as refusal:
            EmbeddingSet.from_arrays(vectors, [0, 1] * 20, on_disk=on_disk)
        said.append(refusal.value.problems)
    assert said[0] == said[1]


AUDIT = ("audit", "x.npy", "--labels", "y.npy", "--no-progress")


def saved(folder):
    rng = np.random.default_rng(7)
    labels = rng.permutation(np.arange(SHAPE.rows) % 10)
    vectors = rng.normal(size=(10, SHAPE.dim))[labels] + rng.normal(size=(SHAPE.rows, SHAPE.dim))
    np.save(folder / "x.npy", vectors.astype("f4"))
    np.save(folder / "y.npy", labels)
    return folder


def budgets():
    """What an audit of `saved` needs in memory, and with its rows on disk."""
    return tuple(needs_of_audit(SHAPE, on_disk=there).total for there in (False, True))


@pytest.mark.thorough
def test_a_budget_that_holds_it_only_on_disk_changes_no_figure(tmp_path):
    in_memory, on_disk = budgets()
    budget = (in_memory + on_disk) // 2
    assert on_disk <= budget < in_memory
    folder = saved(tmp_path)
    cost = command(folder, *AUDIT, "--memory-budget", budget, "--dry-run", "--format", "json")
    assert json.loads(cost.stdout)["disk"] == disk_of_audit(SHAPE)
    free, tight = (
        command(folder, *AUDIT, "--format", "json", *options)
        for options in ((), ("--memory-budget", budget))
    )
    told(free, 0)
    told(tight, 0)
    assert kept(tight.stdout) == kept(free.stdout)


def test_4_a_budget_that_does_not_hold_it_on_disk_either(tmp_path):
    _, on_disk = budgets()
    folder = saved(tmp_path)
    done = command(folder, *AUDIT, "--memory-budget", on_disk - 1, "-o", "r.json")
    assert "are allowed" in told(done, 4)
    assert "r.json" not in names(folder)


def test_4_a_disk_without_room(tmp_path):
    done = command(saved(tmp_path), *AUDIT, "--memory-budget", budgets()[1], before=FULL)
    said = told(done, 4)
    for words in ("No space left on device", tempfile.gettempdir(), "TMPDIR", "--sample"):
        assert words in said


PEAK = (sys.executable, "-m", "tests.bench.peak", sys.executable, "-m", "embaudit")


@LINUX
@pytest.mark.soak
def test_an_audit_on_disk_keeps_to_its_budget(tmp_path):
    shape = Workload(
        150_000, 1024, 2, "l2", approximate=True, threads=available_threads(), classes=12
    )  # 293 MiB of float16
    in_memory, on_disk = (needs_of_audit(shape, on_disk=there).total for there in (False, True))
    assert on_disk < in_memory / 2
    rng = np.random.default_rng(8)
    centres = rng.normal(size=(12, 6, shape.dim))
    labels = rng.permutation(np.arange(shape.rows) % 12)
    x = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float16, (shape.rows, shape.dim))
    for at in np.array_split(np.arange(shape.rows), 100):
        noise = rng.normal(size=(len(at), shape.dim))
        x[at] = centres[labels[at], rng.integers(6, size=len(at))] + noise
    np.save(tmp_path / "y.npy", labels)
    options = ("--search", "approximate", "--memory-budget", on_disk, "-o", "r.json", "-q")
    done = subprocess.run(
        [*PEAK, *AUDIT, *map(str, options)],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(Path(__file__).parents[2])),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not json.loads((tmp_path / "r.json").read_text())["search"]["exact"]
    assert json.loads(done.stdout)["bytes"] < on_disk + 200 * MIB

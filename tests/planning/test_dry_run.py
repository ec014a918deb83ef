"""`--dry-run`: what an audit would do and cost, from headers and labels; nothing is computed."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from embaudit.cluster.worker_costs import WorkerCosts, needs_of_worker
from embaudit.core.machine import available_threads, readable
from embaudit.planning.dry_run import Cost
from embaudit.planning.duration import seconds
from embaudit.planning.memory import (
    Workload,
    disk_of_audit,
    needs_of_audit,
)
from embaudit.planning.search_plan import SMALL, plan_for
from tests.faults.process import data, embaudit, names, told

ROWS, DIM = 120, 8  # of `data`, in six classes of float32
NAMES = ("x.npy", "--labels", "y.npy")
WIDE = Workload(
    6000, 256, 2, "l2", threads=available_threads(), classes=7
)  # on disk it needs much less memory


def dry_run(folder: Path, *options: object, **more):
    return embaudit(folder, "audit", *NAMES, "--dry-run", *options, **more)


def cost(folder: Path, *options: object) -> dict:
    done = dry_run(folder, "--format", "json", *options)
    told(done, 0)
    return json.loads(done.stdout)


def sparse(folder: Path, rows: int, dim: int, kind: str = "f4") -> Path:
    """A file that has its size and hardly takes any disk: zeros that nobody wrote."""
    np.lib.format.open_memmap(folder / "x.npy", "w+", np.dtype(kind), (rows, dim))
    np.save(folder / "y.npy", np.arange(rows) % 7)
    return folder


def test_it_says_what_would_be_read_searched_and_spent(tmp_path):
    done = dry_run(data(tmp_path))
    assert told(done, 0) == ""
    said = " ".join(done.stdout.split())
    shape = Workload(ROWS, DIM, 4, "l2", threads=available_threads(), classes=6)
    for words in (
        f"{ROWS} rows x {DIM} dims of float32",
        "6 classes",
        f"exact: {plan_for(ROWS, DIM).backend}",
        plan_for(ROWS, DIM).why,
        f"memory about {readable(needs_of_audit(shape).total)} of the",
        "time about 1 s on",
        "nothing was computed",
    ):
        assert words in said
    assert "disk" not in said


def test_as_json_it_has_the_same_fields(tmp_path):
    said = cost(data(tmp_path), "--threads", "1", "--memory-budget", "1G")
    assert list(said) == [field.name for field in fields(Cost)]
    plan = plan_for(ROWS, DIM)
    expected = {
        "rows": ROWS,
        "dim": DIM,
        "dtype": "float32",
        "classes": 6,
        "search": "exact",
        "backend": plan.backend,
        "why": plan.why,
        "memory": needs_of_audit(Workload(ROWS, DIM, 4, "l2", threads=1, classes=6)).total,
        "allowed": 1 << 30,
        "disk": 0,
        "threads": 1,
        "workers": 0,
        "worker_memory_least": 0,
    }
    assert {name: said[name] for name in expected} == expected
    assert said["seconds"] == pytest.approx(seconds(plan, 6), rel=0.05)


def test_of_workers_it_says_what_each_would_take(tmp_path):
    options = ("--workers", "3", "--threads", "1", "--format", "json")
    rows, dim = 50_000, 64
    plain, said = cost(sparse(tmp_path, rows, dim), "--threads", "1"), cost(tmp_path, *options)
    assert [plain[name] for name in plain if name.startswith("worker") or name == "read"] == [0] * 4
    assert said["workers"] == 3
    each, least = (needs_of_worker(rows, dim, 4, on_disk=there).total for there in (False, True))
    assert (said["worker_memory"], said["worker_memory_least"]) == (each, least)
    assert said["read"] == 4 * 2 * rows * dim * 4  # the client reads, too; each file twice
    spent = seconds(plan_for(rows, dim), 7, workers=WorkerCosts(3))
    assert said["seconds"] == pytest.approx(spent, rel=0.05)
    told_ = " ".join(dry_run(tmp_path, "--workers", "3").stdout.split())
    assert f"3 processes with a processor each; one takes about {readable(each)}, or" in told_


@pytest.mark.parametrize("output", ["r.json", "r.md"])
def test_it_writes_no_file(tmp_path, output):
    before = names(data(tmp_path))
    told(dry_run(tmp_path, "-o", output), 0)
    assert names(tmp_path) == before


def test_a_gate_is_not_judged(tmp_path):
    told(dry_run(data(tmp_path), "--gate", "violating_anchors > 1"), 0)


def test_values_are_not_looked_at(tmp_path):
    data(tmp_path)
    np.save(tmp_path / "x.npy", np.full((ROWS, DIM), np.nan, np.float32))
    assert cost(tmp_path)["rows"] == ROWS
    told(embaudit(tmp_path, "audit", *NAMES, "--no-progress"), 3)


def test_of_an_approximate_search_a_sample_says_how_long_it_takes(tmp_path):
    """Where nearest negatives are scattered, most cells are looked into."""
    rng, rows = np.random.default_rng(0), SMALL + 1000
    labels = np.arange(rows) % 60
    np.save(tmp_path / "y.npy", labels)
    forecast = []
    for noise in (0.1, 2.0):
        vectors = rng.normal(size=(60, 16))[labels] + noise * rng.normal(size=(rows, 16))
        np.save(tmp_path / "x.npy", vectors.astype(np.float32))
        forecast.append(cost(tmp_path, "--search", "approximate")["seconds"])
    assert forecast[0] < forecast[1]


def few_seconds():
    """Of processor time, which a busy machine does not lengthen."""
    import resource  # not on every system

    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


def test_nothing_is_read_but_headers_and_labels(tmp_path):
    rows, dim = 200_000, 65_536  # 52 GB: reading them, let alone an audit, takes too long
    sparse(tmp_path, rows, dim)
    done = dry_run(tmp_path, "--memory-budget", "900G", "--format", "json", preexec_fn=few_seconds)
    told(done, 0)
    said = json.loads(done.stdout)
    assert (said["rows"], said["dim"], said["classes"]) == (rows, dim, 7)
    assert said["search"] == "approximate"
    assert "multiply-adds" in said["why"]


@pytest.mark.parametrize(
    ("rows", "asked", "expected"),
    [
        (SMALL, "approximate", "exact"),
        (SMALL + 1, "approximate", "approximate"),
        (SMALL + 1, "exact", "exact"),
    ],
)
def test_it_says_which_search_is_chosen_and_why(tmp_path, rows, asked, expected):
    said = cost(sparse(tmp_path, rows, 2), "--search", asked)
    plan = plan_for(rows, 2, asked)
    assert (said["search"], said["why"], said["backend"]) == (expected, plan.why, plan.backend)


def test_the_cost_of_a_sample_is_that_of_its_rows(tmp_path):
    said = cost(sparse(tmp_path, SMALL + 1, 64), "--sample", "2000", "--search", "approximate")
    assert (said["rows"], said["search"]) == (2000, "exact")
    assert (
        said["memory"]
        == needs_of_audit(Workload(2000, 64, 4, "l2", threads=available_threads(), classes=7)).total
    )


def test_cosine_and_batch_count(tmp_path):
    sparse(tmp_path, 3000, 16)
    said = cost(tmp_path, "--metric", "cosine", "--batch", "100x9")
    assert (
        said["memory"]
        == needs_of_audit(
            Workload(3000, 16, 4, "cosine", 900, threads=available_threads(), classes=7)
        ).total
    )


def test_it_says_how_much_disk_a_budget_would_take(tmp_path):
    in_memory, on_disk = (needs_of_audit(WIDE, on_disk=there).total for there in (False, True))
    assert on_disk < in_memory
    sparse(tmp_path, WIDE.rows, WIDE.dim, "f2")
    enough = cost(tmp_path, "--memory-budget", in_memory)
    short = cost(tmp_path, "--memory-budget", in_memory - 1)
    size = disk_of_audit(WIDE)
    assert size > WIDE.rows * WIDE.dim * WIDE.itemsize  # what is found of them stands beside
    assert (enough["disk"], enough["memory"]) == (0, in_memory)
    assert (short["disk"], short["memory"]) == (size, on_disk)
    said = dry_run(tmp_path, "--memory-budget", in_memory - 1).stdout
    assert f"and {readable(size)} of disk" in " ".join(said.split())
    assert "TMPDIR" in said


def test_4_a_budget_that_is_too_small_even_with_disk(tmp_path):
    sparse(tmp_path, WIDE.rows, WIDE.dim, "f2")
    least = needs_of_audit(WIDE, on_disk=True).total
    told(dry_run(tmp_path, "--memory-budget", least), 0)
    done = dry_run(tmp_path, "--memory-budget", least - 1)
    assert "--memory-budget" in told(done, 4)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "options",
    [
        ("--metric", "manhattan"),
        ("--search", "quick"),
        ("--threads", "0"),
        ("--memory-budget", "much"),
        ("--gate", "no_such_measure <= 1"),
        ("--measures", "no_such_measure"),
        ("-o", "r.pdf"),
    ],
    ids=" ".join,
)
def test_2_options_are_checked(tmp_path, options):
    done = dry_run(data(tmp_path), *options)
    told(done, 2)
    assert done.stdout == ""


BAD_HEADERS = {
    "labels are too few": {"y": np.arange(ROWS - 1) % 6},
    "three dimensions": {"x": np.zeros((ROWS, 2, 4), np.float32)},
    "text for embeddings": {"x": np.full((ROWS, DIM), "a")},
    "no rows": {"x": np.zeros((0, DIM), np.float32), "y": np.zeros(0, int)},
    "labels of two dimensions": {"y": np.zeros((ROWS, 2), int)},
}


@pytest.mark.parametrize("name", BAD_HEADERS)
def test_3_headers_are_checked(tmp_path, name):
    data(tmp_path)
    for file, array in BAD_HEADERS[name].items():
        np.save(tmp_path / f"{file}.npy", array)
    done = dry_run(tmp_path)
    told(done, 3)
    assert done.stdout == ""


def test_3_labels_are_read_and_checked(tmp_path):
    labels = np.arange(ROWS) % 6 + 0.5
    np.save(data(tmp_path) / "y.npy", labels)
    told(dry_run(tmp_path), 3)


def test_5_where_a_report_could_not_be_written(tmp_path):
    told(dry_run(data(tmp_path), "-o", "no/such/folder/r.json"), 5)

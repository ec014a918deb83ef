"""Whole audits on clusters of processes, and what is done to them; opt in with -m cluster.

Sets of the folder that EMBAUDIT_DATA names are audited too, where it names one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.process import embaudit as run
from tests.faults.process import environment, told

pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")  # comes with it

pytestmark = pytest.mark.cluster

SAMPLES = Path(__file__).parents[2] / "sample_data"
DATA = Path(os.environ.get("EMBAUDIT_DATA", "."))
real = pytest.mark.skipif("EMBAUDIT_DATA" not in os.environ, reason="EMBAUDIT_DATA names no folder")
LONG = {"timeout": 1800}


def report(folder, *arguments, **options):
    """The report's bytes, without what may differ between two equal runs."""
    options = LONG | options
    told(run(folder, "audit", *arguments, "-q", "-o", "report.json", **options), 0)
    return stripped(folder / "report.json")


def stripped(path: Path) -> bytes:
    read = json.loads(path.read_text())
    return json.dumps(
        {k: v for k, v in read.items() if k not in ("environment", "timing")}
    ).encode()


def synthetic(folder, rows, dim):
    """x.npy and y.npy: overlapping classes of about 200 rows."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, max(2, rows // 200), rows)
    centres = rng.standard_normal((labels.max() + 1, dim))
    noise = rng.standard_normal((rows, dim), dtype=np.float32) / 2
    np.save(folder / "x.npy", noise + centres.astype(np.float32)[labels])
    np.save(folder / "y.npy", labels)
    return "x.npy", "--labels", "y.npy"


def shards(folder, table, amount):
    (folder / "shards").mkdir()
    for i, at in enumerate(np.array_split(np.arange(table.num_rows), amount)):
        pq.write_table(table.slice(at[0], len(at)), folder / "shards" / f"part-{i}.parquet")
    return (str(folder / "shards"),)


@contextmanager
def running(
    folder, memory="2GB", workers=1, keys=()
) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A scheduler and workers, as one starts them in a shell: its address, and all of them.

    keys: options of TLS, for both.
    """
    at, options = folder / "scheduler.json", {"env": environment(), "cwd": folder}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    address = ["--scheduler-file", str(at), *keys]
    first = [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0"]
    limits = ["--nthreads", "1", "--memory-limit", memory, "--dashboard-address", ":0"]
    all_ = [subprocess.Popen([*first, *address], **options, **quiet)]
    try:
        while not at.exists():
            time.sleep(0.1)
            assert all_[0].poll() is None
        worker = [*dask, "worker", *address, *limits]
        all_ += [subprocess.Popen(worker, **options, **quiet) for _ in range(workers)]
        yield json.loads(at.read_text())["address"], all_
    finally:
        for one in all_:
            for child in [*psutil.Process(one.pid).children(recursive=True)]:
                child.kill()
            one.kill()
            one.wait()


@contextmanager
def started(folder, *arguments) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "embaudit", "audit", *arguments, "-o", "report.json"]
    (folder / "report.json").unlink(missing_ok=True)
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def workers_of(process) -> list["psutil.Process"]:
    """The local workers of an audit; none once it has ended."""
    found = []
    with suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def is_the_same_whoever_works(folder, *arguments):
    plain = report(folder, *arguments)
    for workers in (1, 2):
        assert report(folder, *arguments, "--workers", workers) == plain, workers


@pytest.mark.parametrize(
    "arguments",
    [
        ("healthy.parquet", "--measures", "all"),
        ("healthy.parquet", "--metric", "cosine", "--sample", "900"),
        ("healthy.parquet", "--no-labels", "--measures", "hubness_skewness,thickness"),
        ("collapsed.npy", "--labels", "collapsed_labels.npy", "--margin", "0.2"),
    ],
)
def test_reports_are_the_same_whoever_works(tmp_path, arguments):
    for path in SAMPLES.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    is_the_same_whoever_works(tmp_path, *arguments)


def test_and_so_are_those_of_shards(tmp_path):
    is_the_same_whoever_works(
        tmp_path, *shards(tmp_path, pq.read_table(SAMPLES / "healthy.parquet"), 5)
    )


@real
def test_and_those_of_a_trained_metric(tmp_path):
    folder = DATA / "glyph"
    labels = ("--labels", str(folder / "test_labels.npy"))
    is_the_same_whoever_works(tmp_path, str(folder / "test_step03000.npy"), *labels)


@real
def test_and_those_of_a_sentence_model_in_shards(tmp_path):
    table = pq.read_table(DATA / "wordnet_minilm_20k.parquet")
    assert isinstance(table, pa.Table)
    is_the_same_whoever_works(tmp_path, *shards(tmp_path, table, 16), "--metric", "cosine")


@pytest.mark.soak
@pytest.mark.parametrize("search", ["exact", "approximate"])
def test_and_those_of_many_rows(tmp_path, search):
    is_the_same_whoever_works(tmp_path, *synthetic(tmp_path, 200_000, 64), "--search", search)


def test_a_worker_that_is_killed_costs_time_and_not_the_answer(tmp_path):
    arguments = synthetic(tmp_path, 30_000, 64)
    plain = report(tmp_path, *arguments)
    rng, killed = np.random.default_rng(), 0
    while killed < 10:
        after = rng.uniform(0.5, 4.5)
        with started(tmp_path, *arguments, "--workers", "2", "-q") as process:
            time.sleep(after)
            victims = workers_of(process)
            if victims and process.poll() is None:
                victims[int(rng.integers(len(victims)))].kill()
                killed += 1
            _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert stripped(tmp_path / "report.json") == plain, after


def test_a_worker_of_little_memory_finishes_a_set_that_does_not_fit_it(tmp_path):
    arguments = synthetic(tmp_path, 140_000, 1024)  # 547 MB as stored
    with running(tmp_path, "512MB") as (address, _):
        found = report(
            tmp_path, *arguments, "--measures", "violating_anchors", "--scheduler", address
        )
    assert found == report(tmp_path, *arguments, "--measures", "violating_anchors")


def test_a_scheduler_that_goes_away_is_told_and_nothing_is_written(tmp_path):
    arguments = synthetic(tmp_path, 60_000, 64)
    with (
        running(tmp_path) as (address, (scheduler, *_)),
        started(tmp_path, *arguments, "--scheduler", address) as process,
    ):
        time.sleep(5)
        scheduler.kill()
        out, said = process.communicate(timeout=60)
    assert process.returncode == 6, said
    assert "The connection to the Dask cluster is lost" in said
    assert "Traceback" not in said
    assert out == ""
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_cancels_the_tasks(tmp_path, number):
    distributed = pytest.importorskip("distributed")
    arguments = synthetic(tmp_path, 60_000, 64)

    def left(client) -> int:
        return client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))

    with (
        running(tmp_path) as (address, _),
        distributed.Client(address, set_as_default=False) as client,
        started(tmp_path, *arguments, "--scheduler", address) as process,
    ):
        deadline = time.monotonic() + 60
        while left(client) < 5 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert left(client) >= 5
        process.send_signal(number)
        _, said = process.communicate(timeout=10)
        time.sleep(1)
        assert left(client) == 0
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert "Traceback" not in said


def test_an_interrupt_takes_local_workers_along(tmp_path):
    with started(tmp_path, *synthetic(tmp_path, 60_000, 64), "--workers", "2") as process:
        while len(victims := workers_of(process)) < 2:
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert len(victims) == 2
    gone, alive = psutil.wait_procs(victims, timeout=5)
    assert all(one.status() == psutil.STATUS_ZOMBIE for one in alive), (gone, alive)

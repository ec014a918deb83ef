"""A cluster's answers are those of one machine, and what goes wrong with it is told."""

import threading
from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest

from embaudit.cli import EXIT_CODES
from embaudit.cli.cluster_executor import check_cluster
from embaudit.core.location import located
from embaudit.core.metric import prepare
from embaudit.errors import BudgetExceeded, ClusterLost, InputRefused, UsageError
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.files import Names
from embaudit.measures import MEASURES, classes_of
from embaudit.search import LocalExecutor, Prepared, blocks_of, distinct_in_classes, silent
from embaudit.settings.settings import settings_of
from embaudit.verbs.load import load
from tests.combined import in_part
from tests.faults.process import embaudit, told
from tests.search.test_blockwise_scan import same
from tests.sets import SETS

distributed = pytest.importorskip("distributed")

from embaudit.cluster import (  # noqa: E402 - only where there is Dask
    dask_backend,
    dask_clients,
    dask_pool,
    distributed_executor,
    worker_tasks,
)
from embaudit.cluster.dataset_spec import DatasetSpec  # noqa: E402

ROWS = 700
HERE = LocalExecutor(block_rows=64)


@pytest.fixture(scope="module")
def client():
    """Two workers in threads of this process."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            dashboard_address=dask_clients.LOOPBACK,
        ) as local,
        distributed.Client(local, set_as_default=False) as client,
    ):
        yield client


def saved(folder, name="blobs", rows=ROWS):
    case = SETS[name](rows)
    np.save(folder / "x.npy", case.vectors)
    np.save(folder / "y.npy", np.asarray(case.labels))
    return folder


def both(folder, client, metric="l2", **changes):
    """A set as the client has it, and a cluster that reads it by itself."""
    x, y = located(folder / "x.npy"), located(folder / "y.npy")
    spec = DatasetSpec(uuid4().hex, x, y, Names(), True, metric, None, 0, 64)
    data = load(x, y)
    points = prepare(data.vectors, metric, data.input_rows)
    subject = Prepared(data, points, distinct_in_classes(points, data.starts))
    return subject, distributed_executor.DistributedExecutor(
        dask_pool.DaskPool(client), replace(spec, **changes), silent
    )


@pytest.mark.parametrize(
    ("name", "metric"),
    in_part([("blobs", "l2"), ("duplicates_everywhere", "cosine"), ("far_mean", "l2")], 3, 1),
)
def test_its_answers_are_those_of_one_machine(tmp_path, client, name, metric):
    subject, many = both(saved(tmp_path, name), client, metric)
    many.warm()
    scan = HERE.scan(subject, approximate=False, seed=0)
    same(many.scan(subject, approximate=False, seed=0), scan)
    anchors = np.flatnonzero(scan.anchor)[::3]
    same(many.ranks(subject, anchors), HERE.ranks(subject, anchors))
    asked = np.arange(subject.data.size)[::-2]
    same(many.neighbours(subject, asked, 5), HERE.neighbours(subject, asked, 5))
    many.close()


@pytest.mark.parametrize(
    ("name", "approximate"), [("duplicates_everywhere", False), ("blobs", True)]
)
def test_figures_of_classes_are_those_of_one_machine(tmp_path, client, name, approximate):
    subject, many = both(saved(tmp_path, name), client)
    options = EvidenceOptions(approximate=approximate)
    found, expected = (
        Evidence(subject.data, options, HERE, executor=executor) for executor in (many, HERE)
    )
    assert classes_of(found) == classes_of(expected)
    for measure in MEASURES:
        if measure.id.startswith("macro_"):
            assert measure.of(found) == measure.of(expected)
    many.close()


@pytest.mark.parametrize(("rows", "spread"), in_part([(7000, 0.1), (7000, 3.0), (1200, 0.1)], 3, 2))
def test_so_are_those_of_an_approximate_search(tmp_path, client, rows, spread):
    rng = np.random.default_rng(1)
    labels = np.append(rng.integers(60, size=rows), 999)  # one row is no anchor
    vectors = 3 * rng.normal(size=(1000, 16))[labels] + spread * rng.normal(size=(rows + 1, 16))
    np.save(tmp_path / "x.npy", vectors.astype(np.float32))
    np.save(tmp_path / "y.npy", labels)
    subject, many = both(tmp_path, client)
    expected = HERE.scan(subject, approximate=True, seed=3)
    found = many.scan(subject, approximate=True, seed=3)
    same(found, expected)
    assert found.how == expected.how != ""
    assert (found.check is None) == (expected.check is None)
    if expected.check is not None:
        same(found.check, expected.check)


def test_another_file_than_the_clients_is_refused(tmp_path, client):
    subject, many = both(saved(tmp_path), client)
    saved(tmp_path, "far_mean")
    with pytest.raises(InputRefused, match="another content"):
        many.scan(subject, approximate=False, seed=0)


def test_a_file_that_only_the_client_sees_is_refused_by_name(tmp_path, client):
    subject, many = both(saved(tmp_path), client)
    (tmp_path / "x.npy").rename(tmp_path / "z.npy")
    with pytest.raises(InputRefused, match=r"on a worker, .*x\.npy: there is no such file"):
        many.ranks(subject, np.arange(3))


def test_another_version_is_told(tmp_path, client):
    subject, many = both(saved(tmp_path), client, version="0.0.0")
    with pytest.raises(UsageError, match=r"the client 0\.0\.0"):
        many.scan(subject, approximate=False, seed=0)


def test_where_workers_run_out_of_memory_blocks_shrink(tmp_path, client, monkeypatch):
    subject, many = both(saved(tmp_path), client)
    monkeypatch.setattr(distributed_executor, "PAIRS", 4)
    plain, most = worker_tasks.settle, 64  # rows that a worker can settle: one region
    assert blocks_of(subject.distinct, many.blocks(subject), 64)[0].stop > most

    def settle(spec, block, pairs):
        if block.stop - block.start > most:
            raise MemoryError
        return plain(spec, block, pairs)

    monkeypatch.setattr(worker_tasks, "settle", settle)
    found = many.scan(subject, approximate=False, seed=0)
    same(found, HERE.scan(subject, approximate=False, seed=0))


@pytest.mark.thorough
def test_workers_that_die_of_every_task_have_too_little_memory(tmp_path, client, monkeypatch):
    subject, many = both(saved(tmp_path), client)

    def dies(*_):
        raise MemoryError

    monkeypatch.setattr(worker_tasks, "measure", dies)
    with pytest.raises(BudgetExceeded, match="too little memory"):
        many.scan(subject, approximate=False, seed=0)


def test_a_defect_in_a_task_is_ours(tmp_path, client, monkeypatch):
    subject, many = both(saved(tmp_path), client)

    def broken(*_):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(worker_tasks, "ranks", broken)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: oh"):
        many.ranks(subject, np.arange(3))


def test_an_answer_that_dies_with_its_worker_is_found_again(tmp_path, client, monkeypatch):
    """Between a task's end and our look at it the scheduler may say that its answer is lost."""
    subject, many = both(saved(tmp_path), client)
    anchors = np.arange(0, subject.data.size, 3)
    plain, seen = many.work.pool._check, []

    def check(future):
        if not seen:
            future._state.lose()
            seen.append(future.status)
            threading.Timer(0.2, future._state.finish).start()
        plain(future)

    monkeypatch.setattr(many.work.pool, "_check", check)
    same(many.ranks(subject, anchors), HERE.ranks(subject, anchors))
    assert seen == ["lost"]


def test_a_cluster_that_goes_away_is_lost(tmp_path, monkeypatch):
    local = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=dask_clients.LOOPBACK
    )
    client = distributed.Client(local, set_as_default=False)
    subject, many = both(saved(tmp_path), client)
    local.close()
    with pytest.raises(ClusterLost):
        many.scan(subject, approximate=False, seed=0)
    client.close()


def test_workers_that_all_go_away_are_waited_for_a_while_only(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_pool, "IDLE", 0.05)
    monkeypatch.setattr(dask_pool, "PATIENCE", 0.2)
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, dashboard_address=dask_clients.LOOPBACK
        ) as local,
        distributed.Client(local, set_as_default=False) as client,
    ):
        subject, many = both(saved(tmp_path), client)
        with pytest.raises(ClusterLost, match="no worker any more"):
            many.ranks(subject, np.arange(3))


def test_no_scheduler_and_no_worker_are_told(monkeypatch):
    monkeypatch.setattr(dask_clients, "WAIT", 0.2)
    monkeypatch.setattr(dask_clients, "WORKERS", 0.2)
    with (
        pytest.raises(ClusterLost, match="No Dask scheduler answers at tcp:"),
        dask_clients.connected(located("tcp://127.0.0.1:1")),
    ):
        pass
    with (
        pytest.raises(ClusterLost, match="answers at nonsense"),
        dask_clients.connected(located("nonsense://")),
    ):
        pass
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, dashboard_address=dask_clients.LOOPBACK
        ) as local,
        pytest.raises(ClusterLost, match="has no worker"),
        dask_clients.connected(located(local.scheduler_address)),
    ):
        pass
    assert EXIT_CODES[ClusterLost] == 6


@pytest.mark.parametrize(
    ("options", "said"),
    in_part(
        [
            (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "Give one of them"),
            (["--workers", "2", "--gallery", "x.npy"], "does not search a gallery"),
            (["--scheduler", "tcp://127.0.0.1:1", "--dry-run"], "asks no scheduler"),
            (["--workers", "0"], "below 1, the least"),
            (["--scheduler", "tls://me:secret@127.0.0.1:1"], "--scheduler tls://127.0.0.1:1: more"),
            (["--scheduler", "tls://127.0.0.1:1#secret"], "--scheduler tls://127.0.0.1:1: more"),
            (["--scheduler", "me:secret@127.0.0.1:1"], "--scheduler tcp://127.0.0.1:1: more"),
        ]
    ),
)
def test_what_a_cluster_cannot_do_is_a_usage_error(tmp_path, options, said):
    done = embaudit(saved(tmp_path), "audit", "x.npy", "--labels", "y.npy", "-v", *options)
    assert said in told(done, 2)
    assert "secret" not in done.stderr + done.stdout


@pytest.mark.parametrize("missing", ["distributed", "cryptography"])
def test_without_the_extra_it_is_told(monkeypatch, missing):
    asked = SimpleNamespace(
        params={"scheduler": None, "workers": 1, "gallery": None, "dry_run": False}
    )
    monkeypatch.setattr(dask_backend, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(UsageError, match=f"needs {missing}") as refused:
        check_cluster(asked, settings_of())
    assert "pip install '.[dask]'" in refused.value.hint

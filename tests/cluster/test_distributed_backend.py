"""Another engine is a backend and its pool: one that does its tasks right here, without Dask."""

import inspect
import math
from contextlib import contextmanager
from uuid import uuid4

import numpy as np
import pytest

from embaudit import cluster
from embaudit.cluster.distributed_backend import ClusterBackend, TaskFailed, TaskPool
from embaudit.core.location import located
from embaudit.core.metric import prepare
from embaudit.core.package_extras import EXTRAS
from embaudit.errors import BudgetExceeded, ClusterLost, InputRefused
from embaudit.files import Names
from embaudit.search import LocalExecutor, Prepared, distinct_in_classes, silent
from embaudit.verbs.load import load
from tests.search.test_blockwise_scan import same
from tests.sets import SETS

pytest.importorskip("psutil")

from embaudit.cluster import distributed_executor, scheduling, worker_costs, worker_tasks
from embaudit.cluster.dataset_spec import DatasetSpec, forget

HERE = LocalExecutor(block_rows=64)


class Handle:
    """Of a task that is done when it is asked for."""

    def __init__(self, task, arguments):
        self.task, self.arguments, self.made = task, arguments, False

    def answer(self):
        if not self.made:
            self.found, self.made = self.task(*map(answered, self.arguments)), True
        return self.found


def answered(given):
    """What a task is given, with answers in the place of handles."""
    if isinstance(given, list):
        return [answered(one) for one in given]
    return given.answer() if isinstance(given, Handle) else given


class HerePool:
    """A `TaskPool` of this thread."""

    def __init__(self):
        self.begun, self.ended = [], []

    def submit(self, task, *arguments, first=False):
        return Handle(task, arguments)

    def gather(self, wanted, before, step):
        try:
            for one in (*before, *wanted):
                one.answer()
                step()
        except Exception as error:
            raise TaskFailed(error) from error
        return [one.answer() for one in wanted]

    def threads(self):
        return 2

    def least_memory(self):
        return math.inf

    def begin(self, task, *arguments):
        self.begun.append(task(*arguments))

    def end(self, task, *arguments):
        self.ended.append(task(*arguments))


class HereBackend:
    """A `ClusterBackend` that was written in a minute."""

    name, extra, addresses = "Here", "here", "here://"
    more_memory, joining, program = "Buy some.", 5.0, 7

    def __init__(self):
        self.pools = []

    def check(self, scheduler, workers):
        pass

    @contextmanager
    def pool(self, scheduler, workers, memory, note):
        self.pools.append(HerePool())
        yield self.pools[-1]

    def limits(self):
        return 1 << 30, 1


@pytest.fixture
def backend(monkeypatch):
    found = HereBackend()
    for module in (cluster, distributed_executor, scheduling, worker_tasks, worker_costs):
        monkeypatch.setattr(module, "BACKEND", found)
    return found


@pytest.fixture
def given(tmp_path):
    """A set, and what a worker is told of it."""
    case = SETS["blobs"](300)
    np.save(tmp_path / "x.npy", case.vectors)
    np.save(tmp_path / "y.npy", np.asarray(case.labels))
    x, y = located(tmp_path / "x.npy"), located(tmp_path / "y.npy")
    data = load(x, y)
    points = prepare(data.vectors, "l2", data.input_rows)
    subject = Prepared(data, points, distinct_in_classes(points, data.starts))
    yield subject, (spec := DatasetSpec(uuid4().hex, x, y, Names(), True, "l2", None, 0, 64))
    forget(spec.token)


def test_its_answers_are_those_of_one_machine(given, backend):
    subject, spec = given
    with distributed_executor.executor_on(None, 2, 1 << 30, spec, silent) as many:
        scan = HERE.scan(subject, approximate=False, seed=0)
        same(many.scan(subject, approximate=False, seed=0), scan)
        anchors = np.flatnonzero(scan.anchor)[::3]
        same(many.ranks(subject, anchors), HERE.ranks(subject, anchors))
        asked = np.arange(subject.data.size)[::-2]
        same(many.neighbours(subject, asked, 5), HERE.neighbours(subject, asked, 5))
    (pool,) = backend.pools
    assert len(pool.begun) == len(pool.ended) == 1


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (MemoryError(), BudgetExceeded, "Buy some."),
        (ImportError("none"), ClusterLost, "embaudit[here]"),
        (InputRefused("x.npy: cut short"), InputRefused, "on a worker, x.npy: cut short"),
        (KeyError("oh"), RuntimeError, "a worker failed: KeyError: 'oh'"),
    ],
)
def test_what_its_tasks_raise_is_told(given, backend, monkeypatch, error, kind, said):
    def fails(*_):
        raise error

    monkeypatch.setattr(worker_tasks, "neighbours", fails)
    subject, spec = given
    with (
        pytest.raises(kind) as told,
        distributed_executor.executor_on(None, 2, 1 << 30, spec, silent) as many,
    ):
        many.neighbours(subject, np.arange(3), 2)
    assert said in f"{told.value} {getattr(told.value, 'hint', '')}"


def test_a_plan_reads_what_its_workers_take(backend):
    assert worker_costs.WorkerCosts(3).nanoseconds(0) == backend.joining
    assert worker_costs.needs_of_worker(10, 4, 4).terms["the program"] == backend.program


def test_the_chosen_engine_has_all_that_one_has_to_meet():
    chosen = cluster.BACKEND
    assert {*ClusterBackend.__annotations__} <= {*dir(chosen)}
    assert chosen.extra in {one.name for one in EXTRAS}
    pytest.importorskip("distributed")
    from embaudit.cluster.dask_pool import DaskPool

    for wanted, there in ((ClusterBackend, type(chosen)), (TaskPool, DaskPool)):
        for name, method in inspect.getmembers(wanted, inspect.isfunction):
            if not name.startswith("_"):
                own = inspect.signature(getattr(there, name)).parameters
                assert [*own] == [*inspect.signature(method).parameters]

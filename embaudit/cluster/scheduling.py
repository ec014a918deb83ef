"""Tasks on a Dask cluster: given out, waited for, and given out again in smaller ones."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from distributed import Client, Future, KilledWorker, as_completed

from embaudit.cluster.dataset_spec import DatasetSpec
from embaudit.cluster.worker_answer_checks import demand
from embaudit.core.points import Rows
from embaudit.errors import BudgetExceeded, ClusterLost, EmbauditError, InputRefused
from embaudit.search import Progress, Stage

T = TypeVar("T")

SHARES = 8  # tasks of a stage for each thread: the last ones to end are short ones
LEAST = 64  # rows of a task that looks at all rows
TRIES = 4  # each with blocks of half the rows
POLL = 0.02  # seconds
IDLE = 5.0  # seconds without news after which the scheduler is asked whether it is there
PATIENCE = 60.0  # seconds without any worker
SHARED = "Name files on storage that all workers share, and leave them as they are."
PAUSED = 30.0  # seconds in which all workers are paused, their memory nearly full, and do nothing


class _Died(Exception):
    """Workers died of a task, or it ran out of memory."""


@contextmanager
def _reached() -> Iterator[None]:
    """Raise ClusterLost where the scheduler or the workers do not answer."""
    try:
        yield
    except (OSError, CancelledError) as error:  # a time-out is an OSError
        raise lost() from error


def lost(what: str = "The connection to the Dask cluster is lost.") -> ClusterLost:
    """The error of a cluster that no longer answers."""
    return ClusterLost(
        what, "Start it again and repeat the audit, or audit without --scheduler and --workers."
    )


def _working(worker: dict[str, Any]) -> bool:
    """Whether a worker takes tasks, or at least does one; as the scheduler tells."""
    doing: int = worker["metrics"].get("task_counts", {}).get("executing", 0)
    return bool(worker["status"] != "paused" or doing)


class Work:
    """Tasks of one audit, functions of its dataset spec; only their answers come here."""

    def __init__(self, client: Client, spec: DatasetSpec, progress: Progress) -> None:
        self.client, self.spec, self.progress = client, spec, progress

    def submit(self, task: Callable[..., T], *arguments: Any, **options: Any) -> "Future[T]":
        """A task that a worker will do; every one is a task of its own."""
        future: Future[T] = self.client.submit(task, *arguments, pure=False, **options)
        return future

    def parts(self, rows: Rows, half: int) -> list[Rows]:
        """Rows in parts of about equal size."""
        amount = min(SHARES * self.threads() * half, -(-len(rows) // LEAST))
        return np.array_split(rows, max(1, amount))

    def threads(self) -> int:
        """Tasks that the workers do at a time."""
        threads: int = sum(worker["nthreads"] for worker in self.workers().values())
        return max(1, threads)

    def workers(self) -> dict[str, Any]:
        """What the scheduler knows of each worker, by its address. Raises ClusterLost."""
        with _reached():
            known = self.client.scheduler_info(n_workers=-1)
        if "workers" not in known:  # of a client without a scheduler
            raise lost()
        return dict(known["workers"])

    def shrinking(self, attempt: Callable[[int], T]) -> T:
        """An answer; where workers die of its tasks, in smaller ones, so many times as many."""
        for half in range(TRIES):
            try:
                return attempt(1 << half)
            except _Died:
                continue
        raise BudgetExceeded(
            "The workers died of every task, however small: they have too little memory.",
            "Give each worker more of it (--memory-limit of `dask worker`), or fewer threads.",
        )

    def answers(
        self,
        name: str,
        kind: type[T],
        wanted: Sequence["Future[T]"],
        before: Sequence["Future[Any]"] = (),
    ) -> list[T]:
        """What tasks found, in their order; before: tasks whose answers stay with the workers.

        Raises ClusterErred for what is not of the kind.
        """
        stage = Stage(self.progress, name, len(wanted) + len(before))
        futures = [*wanted, *before]
        try:
            for future in self._done(futures):
                self._check(future)
                stage.step(1)
            with _reached():
                found: list[T] = self.client.gather(list(wanted))
            demand(all(isinstance(one, kind) for one in found), name)
            return found
        finally:
            if self.client.status == "running":
                for future in futures:
                    future.release()  # what nobody waits for is cancelled

    def _done(self, futures: Sequence["Future[Any]"]) -> Iterator["Future[Any]"]:
        """Each future when it is done, in any order; raises ClusterLost where none can be."""
        waiting = as_completed(futures, loop=self.client.loop)
        news = since = time.monotonic()
        while not waiting.is_empty():
            ready = waiting.next_batch(block=False) if waiting.has_ready() else []
            yield from ready
            if ready:
                news = since = time.monotonic()
                continue
            if self.client.status != "running":
                raise lost()
            if time.monotonic() - news > IDLE:
                news, workers = time.monotonic(), self.workers()
                if any(map(_working, workers.values())):
                    since = news
                elif not workers and news - since > PATIENCE:
                    raise lost("The Dask cluster has no worker any more.")
                elif news - since > PAUSED:
                    raise _Died
            time.sleep(POLL)

    def _check(self, future: "Future[Any]") -> None:
        """Raise what a task raised."""
        if future.status in ("finished", "lost", "pending"):
            return  # an answer that died with its worker is found again
        if future.status != "error":
            raise lost()
        with _reached():
            error = future.exception()
        if isinstance(error, KilledWorker | MemoryError):
            raise _Died from error
        if isinstance(error, ImportError):
            raise ClusterLost(
                f"A worker cannot import what it needs: {error}.",
                "Install the same embaudit[dask] where the scheduler and its workers run.",
            ) from error
        if isinstance(error, InputRefused):
            problems = [f"on a worker, {problem}" for problem in error.problems]
            raise InputRefused(problems, SHARED) from error
        if isinstance(error, EmbauditError):
            raise error
        raise RuntimeError(f"a worker failed: {type(error).__name__}: {error}") from error

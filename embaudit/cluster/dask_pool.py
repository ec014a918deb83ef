"""Tasks on a Dask cluster: given out, and waited for."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from distributed import Client, Future, KilledWorker, as_completed

from embaudit.cluster.distributed_backend import Task, TaskFailed, TaskTooLarge
from embaudit.errors import ClusterLost

POLL = 0.02  # seconds
IDLE = 5.0  # seconds without news after which the scheduler is asked whether it is there
PATIENCE = 60.0  # seconds without any worker
PAUSED = 30.0  # seconds in which all workers are paused, their memory nearly full, and do nothing

Futures = Sequence["Future[Any]"]


class DaskPool:
    """A `TaskPool`: a handle is a future of Dask's."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._begun: list[Future[Any]] = []  # a future that nobody holds is cancelled

    def submit(self, task: Task, *arguments: Any, first: bool = False) -> "Future[Any]":
        """Every one is a task of its own."""
        return self._submitted(task, *arguments, priority=int(first))

    def gather(self, wanted: Futures, before: Futures, step: Callable[[], None]) -> list[Any]:
        """Futures are let go of at the end: what nobody waits for is cancelled."""
        futures = [*wanted, *before]
        try:
            for future in self._done(futures):
                self._check(future)
                step()
            with _reached():
                found: list[Any] = self.client.gather(list(wanted))
            return found
        finally:
            if self.client.status == "running":
                for future in futures:
                    future.release()

    def threads(self) -> int:
        """Of all workers."""
        return sum(worker["nthreads"] for worker in self._workers().values())

    def least_memory(self) -> float:
        """Of the smallest worker."""
        limits = [worker["memory_limit"] or np.inf for worker in self._workers().values()]
        return min(limits, default=np.inf)

    def begin(self, task: Task, *arguments: Any) -> None:
        """A task for each worker that there is now."""
        self._begun = [
            self._submitted(task, *arguments, workers=[worker]) for worker in self._workers()
        ]

    def end(self, task: Task, *arguments: Any) -> None:
        """Beside what a worker does."""
        if self.client.status == "running":
            with suppress(Exception):
                self.client.run(task, *arguments, on_error="ignore")

    def _submitted(self, task: Task, *arguments: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = self.client.submit(task, *arguments, pure=False, **options)
        return future

    def _workers(self) -> dict[str, Any]:
        """What the scheduler knows of each worker, by its address."""
        with _reached():
            known = self.client.scheduler_info(n_workers=-1)
        if "workers" not in known:  # of a client without a scheduler
            raise _lost()
        return dict(known["workers"])

    def _done(self, futures: Futures) -> Iterator["Future[Any]"]:
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
                raise _lost()
            if time.monotonic() - news > IDLE:
                news, workers = time.monotonic(), self._workers()
                if any(map(_working, workers.values())):
                    since = news
                elif not workers and news - since > PATIENCE:
                    raise _lost("The Dask cluster has no worker any more.")
                elif news - since > PAUSED:
                    raise TaskTooLarge
            time.sleep(POLL)

    def _check(self, future: "Future[Any]") -> None:
        """Raise what a task raised."""
        if future.status in ("finished", "lost", "pending"):
            return  # an answer that died with its worker is found again
        if future.status != "error":
            raise _lost()
        with _reached():
            error = future.exception()
        if isinstance(error, KilledWorker):
            raise TaskTooLarge from error
        raise TaskFailed(error)


@contextmanager
def _reached() -> Iterator[None]:
    """Raise ClusterLost where the scheduler or the workers do not answer."""
    try:
        yield
    except (OSError, CancelledError) as error:  # a time-out is an OSError
        raise _lost() from error


def _lost(what: str = "The connection to the Dask cluster is lost.") -> ClusterLost:
    """The error of a cluster that no longer answers."""
    return ClusterLost(
        what, "Start it again and repeat the audit, or audit without --scheduler and --workers."
    )


def _working(worker: dict[str, Any]) -> bool:
    """Whether a worker takes tasks, or at least does one; as the scheduler tells."""
    doing: int = worker["metrics"].get("task_counts", {}).get("executing", 0)
    return bool(worker["status"] != "paused" or doing)

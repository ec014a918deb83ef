"""Dask as the engine of a cluster: what is said of it, and the way to its workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from embaudit.core.location import Location
from embaudit.core.machine import allowed
from embaudit.core.package_extras import install_line
from embaudit.errors import UsageError

if TYPE_CHECKING:
    from embaudit.cluster.dask_pool import DaskPool
    from embaudit.cluster.distributed_backend import Note


class DaskBackend:
    """A `ClusterBackend`; Dask itself is imported when a pool is asked for."""

    name = "Dask"
    extra = "dask"
    addresses = "tls://host:8786 or tcp://"
    more_memory = "Give each worker more of it (--memory-limit of `dask worker`), or fewer threads."
    joining = 1.3e9
    program = 120 << 20

    def check(self, scheduler: Location | None, workers: int | None) -> None:
        """Of an address only protocol, host and port; workers of our own need keys."""
        if scheduler is not None and str(scheduler).lower() != scheduler.written.lower():
            raise UsageError(
                f"--scheduler {scheduler}: more was given than a protocol, a host and a port.",
                "Drop user, password, options and fragment; keys are in Dask's configuration.",
            )
        for package in ("distributed", *(["cryptography"] if workers else [])):
            if find_spec(package) is None:
                raise UsageError(
                    f"A cluster needs {package}, which the core does without.",
                    install_line(self.extra),
                )

    @contextmanager
    def pool(
        self, scheduler: Location | None, workers: int, memory: int, note: "Note | None"
    ) -> "Iterator[DaskPool]":
        """Workers of a scheduler, or processes of this machine."""
        from embaudit.cluster.dask_clients import about, connected, started
        from embaudit.cluster.dask_pool import DaskPool

        joining = started(workers, memory) if scheduler is None else connected(scheduler)
        with joining as client:
            if note is not None:
                note(about(client))
            yield DaskPool(client)

    def limits(self) -> tuple[int, int]:
        """As the worker of this task was started."""
        from distributed import get_worker

        worker = get_worker()
        return worker.memory_manager.memory_limit or allowed(None), worker.state.nthreads

"""A cluster to work on: one that runs already, or processes of this machine."""

import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker

import dask
from distributed import Client, LocalCluster

from embaudit.errors import ClusterLost

WAIT = 10.0  # seconds for a scheduler
WORKERS = 30.0  # and for its first worker
FAILURES = 10  # workers that may die of one task, by whatever: others go on
TRIES = 3
LOOPBACK = "127.0.0.1:0"  # any free port
CLOSING = 5.0  # seconds to take leave


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of a scheduler that runs and has a worker. Raises ClusterLost without one."""
    _hush()
    try:
        client = Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise ClusterLost(
            f"No Dask scheduler answers at {address}: {reason[:200]}.",
            "Give the address that `dask scheduler` prints, such as tcp://host:8786.",
        ) from error
    with _closing(client):
        try:
            client.wait_for_workers(1, timeout=WORKERS)
        except TimeoutError as error:
            raise ClusterLost(
                f"The Dask scheduler at {address} has no worker.",
                f"Start one: dask worker {address}",
            ) from error
        yield client


@contextmanager
def started(workers: int, memory: int) -> Iterator[Client]:
    """A client of so many processes of one thread on this machine, each with so many bytes.

    Raises ClusterLost where they cannot be started.
    """
    _hush()
    dask.config.set({"distributed.scheduler.allowed-failures": FAILURES})
    try:
        with _interrupts_for_us():
            cluster = _local(workers, memory)
            client = Client(cluster, timeout=WAIT, set_as_default=False)
    except (OSError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise ClusterLost(
            f"{workers} local workers could not be started: {reason[:200]}.",
            "Try fewer --workers, or audit without.",
        ) from error
    try:
        with _closing(client):
            yield client
    finally:
        with suppress(Exception):  # it ends with us in any case
            cluster.close(timeout=CLOSING)


def _local(workers: int, memory: int) -> LocalCluster:
    """Processes of this machine; one that is killed before it works is started again."""
    for left in reversed(range(TRIES)):
        try:
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=memory,
                dashboard_address=LOOPBACK,
                silence_logs=logging.CRITICAL,
            )
        except RuntimeError:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def about(client: Client) -> str:
    """Who works, and where one may watch; a text of the cluster's, not ours."""
    threads = client.nthreads()
    total = sum(threads.values())
    watch = f", dashboard {client.dashboard_link}" if client.dashboard_link else ""
    return f"Dask cluster: {_many(len(threads), 'worker')}, {_many(total, 'thread')}{watch}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def _closing(client: Client) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(Exception):  # a scheduler that is gone forgets us by itself
            client.close(timeout=CLOSING)


@contextmanager
def _interrupts_for_us() -> Iterator[None]:
    """Threads and processes that are started here leave Ctrl-C to the main thread.

    The tracker of shared semaphores would undo that as it starts, and complain of those that a
    process leaves which is told to stop; so it is started first, and told to be quiet.
    """
    sys.warnoptions.append("ignore:resource_tracker")
    resource_tracker.ensure_running()
    sys.warnoptions.pop()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hush() -> None:
    """What goes wrong is told by us; each of these loggers has a level of its own."""
    warnings.filterwarnings("ignore", category=UserWarning, module="distributed")
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

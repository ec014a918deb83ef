"""A cluster to work on: one that runs already, or processes of this machine.

Whoever may talk to a scheduler or a worker may run code in it, and what they answer is unpickled
here. So processes that are started here talk by TLS, under a key that only they have; who is let
into a cluster that runs already is up to its owner.
"""

import logging
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from tempfile import TemporaryDirectory

import dask
from distributed import Client, LocalCluster
from distributed.security import Security

from embaudit.core.location import Location, located
from embaudit.errors import ClusterLost

WAIT = 10.0  # seconds for a scheduler
WORKERS = 30.0  # and for its first worker
FAILURES = 10  # workers that may die of one task, by whatever: others go on
TRIES = 3
CERTIFICATES = (
    "Give the address that `dask scheduler` prints, and Dask the certificates: "
    "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...__TLS__CLIENT__CERT and ...__TLS__CLIENT__KEY."
)
LOOPBACK = "127.0.0.1:0"  # any free port
CLOSING = 5.0  # seconds to take leave
OWN = {
    "distributed.scheduler.allowed-failures": FAILURES,
    "distributed.scheduler.http.routes": [],  # their servers of pages start in any case: empty
    "distributed.worker.http.routes": [],
}


@contextmanager
def connected(address: Location) -> Iterator[Client]:
    """A client of a scheduler that runs and has a worker. Raises ClusterLost without one.

    Certificates for tls:// are those of Dask's own configuration.
    """
    _hush()
    try:
        client = Client(str(address), timeout=WAIT, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise ClusterLost(
            f"No Dask scheduler answers at {address}: {reason[:200].rstrip('.')}.",
            CERTIFICATES
            if address.scheme == "tls"
            else "Give the address that `dask scheduler` prints, such as tcp://host:8786.",
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
    # what workers write of their memory is pickled: nobody else may put anything in its place
    with TemporaryDirectory(prefix="embaudit-", ignore_cleanup_errors=True) as private:
        try:
            with _interrupts_for_us(), dask.config.set(OWN):
                cluster = _local(workers, memory, private)
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


def _local(workers: int, memory: int, private: str) -> LocalCluster:
    """Processes of this machine; one that is killed before it works is started again.

    Key and certificate are made for them, and both sides of a connection show it; they are held
    in memory and reach a worker by the pipe that starts it. private: a folder of this user alone.
    """
    security = Security.temporary()
    for left in reversed(range(TRIES)):
        try:
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=memory,
                local_directory=private,
                protocol="tls://",
                security=security,
                dashboard_address=LOOPBACK,
                scheduler_kwargs={"dashboard": False},
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
    shown = client.cluster is None and client.dashboard_link  # those started here show nothing
    watch = f", dashboard {located(shown)}" if shown else ""
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

"""Who works on what: blocks of work on several threads, dense algebra on one.

Numpy lets go of the interpreter while it computes, so plain threads do.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

from embaudit.search.faiss_minima import library

T = TypeVar("T")


def for_each(
    work: Callable[[T], object],
    jobs: Iterable[T],
    threads: int,
    done: Callable[[T], object] = lambda _: None,
) -> None:
    """Do every job; `done` gets each in this thread after it. The first error stops the rest.

    One job is done here: a thread for it alone would take time and win none.
    """
    jobs = iter(jobs)
    first = [] if threads == 1 else list(islice(jobs, 2))
    if len(first) < 2:
        for job in chain(first, jobs):
            work(job)
            done(job)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        futures = {pool.submit(work, job): job for job in chain(first, jobs)}
        for future in as_completed(futures):
            future.result()
            done(futures[future])
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """numpy's BLAS on one thread, so that no figure depends on the number of threads.

    FAISS brings a BLAS of its own, which keeps its threads: its figures decide nothing.
    """
    controller = ThreadpoolController()
    paths = [lib["filepath"] for lib in controller.info() if "numpy" in lib["filepath"]]
    own = controller.select(filepath=paths) if paths else controller.select(user_api="blas")
    with own.limit(limits=1):
        yield


def blas_in_force() -> list[tuple[str, dict[str, Any]]]:
    """The BLAS of numpy and that of FAISS: whose each is, and what threadpoolctl knows of it."""
    library()  # or there is no BLAS of FAISS yet
    found = []
    for one in ThreadpoolController().info():
        if one["user_api"] == "blas":
            place = str(one["filepath"])
            of = next((name for name in ("numpy", "faiss", "scipy") if name in place), place)
            found.append((of, one))
    return sorted(found, key=lambda one: one[0])  # whichever was loaded first

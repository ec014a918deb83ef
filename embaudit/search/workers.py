"""Blocks of work on several threads; numpy lets go of the interpreter while it computes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")


def for_each(
    work: Callable[[T], object],
    jobs: Iterable[T],
    threads: int,
    done: Callable[[], None] = lambda: None,
) -> None:
    """Do every job; `done` is called in this thread after each. The first error stops the rest."""
    if threads == 1:
        for job in jobs:
            work(job)
            done()
        return
    pool = ThreadPoolExecutor(threads)
    try:
        for future in as_completed([pool.submit(work, job) for job in jobs]):
            future.result()
            done()
    finally:
        pool.shutdown(cancel_futures=True)

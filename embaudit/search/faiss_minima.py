"""FAISS: exhaustive search in float32, used as a bound only, never for a distance."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.package_extras import version_of

_ASKED: list[int] = []  # threads, once they are told
_FORKED: list[int] = []  # processes in which the threads of OpenMP are gone
_SET = threading.local()  # `threads`: OpenMP keeps their number for each thread

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _FORKED.append(os.getpid()))


def use_threads(threads: int) -> None:
    """Threads of every later search in this process.

    In a forked child FAISS has one: OpenMP would wait for the threads that its parent had. No
    figure depends on it.
    """
    _ASKED[:] = [threads]


def library() -> Any:
    """FAISS, imported here alone, when it is asked: most audits of wide rows never do.

    Its import takes as long as the scan of a small set.
    """
    import faiss

    threads = 1 if _FORKED else _ASKED[0] if _ASKED else None
    if threads is not None and threads != getattr(_SET, "threads", None):
        faiss.omp_set_num_threads(threads)
        _SET.threads = threads
    return faiss


def version() -> str:
    """The version of FAISS, for the report: without its import, where its wheel tells it."""
    installed = version_of("faiss-cpu")
    return str(library().__version__) if installed is None else installed.partition(".post")[0]


def least(queries: NDArray[Any], base: NDArray[Any]) -> NDArray[np.float32]:
    """FAISS's own least squared distance of each query to the base, (q,); 0 stands for below 0.

    Both (rows, n) float32 and C-contiguous: under `python -O` FAISS does not check.
    """
    if queries.shape[1] != base.shape[1] or {queries.dtype, base.dtype} != {np.dtype(np.float32)}:
        raise AssertionError("FAISS needs float32 rows of one dimension")
    # one query alone takes another path with several threads, however it is asked
    asked = np.repeat(queries, 2, axis=0) if len(queries) == 1 else queries
    squared, _ = library().knn(asked, base, 1)
    smallest: NDArray[np.float32] = squared[: len(queries), 0]
    return smallest


@contextmanager
def one_faiss_thread() -> Iterator[None]:
    """FAISS on one thread in this one: others, of other blocks, are at work beside it."""
    faiss = library()
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)

"""FAISS: exhaustive search in float32, used as a bound only, never for a distance."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

_FORKED: list[int] = []  # processes in which the threads of OpenMP are gone

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _FORKED.append(os.getpid()))


def use_threads(threads: int) -> None:
    """Threads of every later search in this process.

    In a forked child FAISS has one: OpenMP would wait for the threads that its parent had. No
    figure depends on it.
    """
    faiss.omp_set_num_threads(1 if _FORKED else threads)


def version() -> str:
    """The version of FAISS, for the report."""
    return str(faiss.__version__)


def least(queries: NDArray[Any], base: NDArray[Any]) -> NDArray[np.float32]:
    """FAISS's own least squared distance of each query to the base, (q,); 0 stands for below 0.

    Both (rows, n) float32 and C-contiguous: under `python -O` FAISS does not check.
    """
    if queries.shape[1] != base.shape[1] or {queries.dtype, base.dtype} != {np.dtype(np.float32)}:
        raise AssertionError("FAISS needs float32 rows of one dimension")
    # one query alone takes another path with several threads, however it is asked
    asked = np.repeat(queries, 2, axis=0) if len(queries) == 1 else queries
    squared, _ = faiss.knn(asked, base, 1)
    smallest: NDArray[np.float32] = squared[: len(queries), 0]
    return smallest


@contextmanager
def one_faiss_thread() -> Iterator[None]:
    """FAISS on one thread in this one: others, of other blocks, are at work beside it."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)

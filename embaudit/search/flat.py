"""FAISS: exhaustive search in float32, used for candidates only, never for a distance."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from embaudit.space import Rows


def use_threads(threads: int) -> None:
    """Threads of every later search in this process."""
    faiss.omp_set_num_threads(threads)


def version() -> str:
    """The version of FAISS, for the report."""
    return str(faiss.__version__)


def nearest(queries: NDArray[Any], base: NDArray[Any], k: int) -> tuple[NDArray[np.float32], Rows]:
    """The k nearest base rows of each query by FAISS's own float32 distances, (q, k) twice.

    Ascending; k is cut to the size of the base. Both arrays float32 and C-contiguous: under
    `python -O` FAISS does not check.
    """
    if queries.shape[1] != base.shape[1] or {queries.dtype, base.dtype} != {np.dtype(np.float32)}:
        raise AssertionError("FAISS needs float32 rows of one dimension")
    k = min(k, len(base))
    if k == 0:
        return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
    # one query alone takes another path with several threads, however it is asked
    single = len(queries) == 1
    asked = np.repeat(queries, 2, axis=0) if single else queries
    squared, rows = faiss.knn(asked, base, k)
    return (squared[:1], rows[:1]) if single else (squared, rows)

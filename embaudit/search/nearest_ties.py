"""Which rows are nearest to some rows, where a scan of all anchors would be too dear."""

import numpy as np

from embaudit.core.prepared_points import Points, Rows
from embaudit.search.k_nearest_rows import all_nearest
from embaudit.search.progress import Progress, silent


def nearest_counts(
    points: Points,
    vectors: Rows,
    codes: Rows,
    rows: Rows,
    *,
    threads: int = 1,
    progress: Progress = silent,
) -> tuple[Rows, Rows]:
    """How many rows are as near as the nearest other one, with the row's own code and with others.

    (k,) each, for k ordered rows. vectors: (N,) an id of each row in 0..N-1, equal exactly for
    equal rows. codes: (N,) of the classes.
    """
    count, classes = np.bincount(vectors), int(codes.max()) + 1
    keys = np.sort(vectors * classes + codes)
    right, wrong = np.zeros((2, len(rows)), dtype=np.int64)

    def take(some: Rows, asking: Rows, met: Rows) -> None:
        own = rows[some[asking]]
        key = vectors[met] * classes + codes[own]
        alike = np.searchsorted(keys, key, side="right") - np.searchsorted(keys, key)
        itself = vectors[met] == vectors[own]
        right[some] = np.bincount(asking, alike - itself, len(some))
        wrong[some] = np.bincount(asking, count[vectors[met]] - alike, len(some))

    all_nearest(points, vectors, rows, take, threads=threads, progress=progress)
    return right, wrong

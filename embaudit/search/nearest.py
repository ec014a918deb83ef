"""The nearest other row of some rows, where a scan of all anchors would be too dear."""

import numpy as np

from embaudit.search.frame import Frame, frame_of
from embaudit.search.least import tiles_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.refine import first_of_each
from embaudit.search.workers import for_each
from embaudit.space import Floats, Points, Rows

TOGETHER = 256  # rows that are compared with a tile of others together
TILE = 4096


def nearest_rows(
    points: Points,
    vectors: Rows,
    input_rows: Rows,
    rows: Rows,
    *,
    threads: int = 1,
    progress: Progress = silent,
) -> Rows:
    """The nearest other row of each of k ordered rows, (k,), ties to the lowest input row.

    vectors: (N,) an id of each row, equal exactly for equal rows. input_rows: (N,).
    """
    order = np.lexsort((input_rows, vectors))
    new = np.diff(vectors[order], prepend=-1) != 0
    first = order[new]  # the lowest input row of each distinct vector
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    second = order[np.minimum(np.flatnonzero(new) + 1, len(order) - 1)]
    twins = np.bincount(place)[place[rows]] > 1

    nearest = np.where(first[place[rows]] == rows, second[place[rows]], first[place[rows]])
    alone = np.flatnonzero(~twins)
    frame = frame_of(points, first, np.float64, held=False)
    stage = Stage(progress, "nearest rows", len(alone))

    def search(part: slice) -> None:
        asked = alone[part]
        nearest[asked] = _nearest_of(frame, place[rows[asked]], input_rows)

    parts = tiles_of(len(alone), TOGETHER)
    for_each(search, parts, threads, lambda part: stage.step(part.stop - part.start))
    return nearest


def _nearest_of(frame: Frame, at: Rows, input_rows: Rows) -> Rows:
    """The nearest other row of the frame's rows at these positions, (q,): bounds, then float64."""
    chosen, radius, taken = frame.cloud.chosen, frame.radius[at], frame.taken(at)
    sure = np.full(len(at), np.inf)  # squared distance within which there is a row
    asking: list[Rows] = []
    met: list[Rows] = []
    values: list[Floats] = []
    for tile in tiles_of(frame.cloud.size, TILE):
        computed = frame.between(taken, tile)
        own = np.flatnonzero((at >= tile.start) & (at < tile.stop))
        computed[own, at[own] - tile.start] = np.inf
        sure = np.minimum(sure, frame.upper(computed.min(axis=1), radius))
        rows, columns = np.nonzero(computed <= frame.near(sure, radius)[:, None])
        asking.append(rows)
        met.append(tile.start + columns)
        values.append(computed[rows, columns])
    anchors, others = np.concatenate(asking), np.concatenate(met)
    kept = np.concatenate(values) <= frame.near(sure, radius)[anchors]
    anchors, others = anchors[kept], chosen[others[kept]]
    squared = frame.cloud.points.squared_distances(chosen[at[anchors]], others)
    return first_of_each(anchors, others, squared, input_rows)[1]

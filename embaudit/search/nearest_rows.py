"""Which rows are nearest to some rows, where a scan of all anchors would be too dear."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Floats, Points, Rows
from embaudit.search.block_minima import tiles_of
from embaudit.search.error_bounds import Frame, frame_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.workers import for_each

TOGETHER = 256  # rows that are compared with a tile of others together
TILE = 4096


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

    (k,) each, for k ordered rows. vectors: (N,) an id of each row, equal exactly for equal rows.
    codes: (N,) of the classes.
    """
    _, first, place, count = np.unique(
        vectors, return_index=True, return_inverse=True, return_counts=True
    )
    classes = int(codes.max()) + 1
    keys = np.sort(place * classes + codes)
    frame = frame_of(points, first, np.float64, held=False)
    right, wrong = np.zeros((2, len(rows)), dtype=np.int64)
    stage = Stage(progress, "nearest rows", len(rows))

    def search(part: slice) -> None:
        at, own = place[rows[part]], codes[rows[part]]
        asking, met = _nearest_to(frame, at, count[at] > 1)
        key = met * classes + own[asking]
        alike = np.searchsorted(keys, key, side="right") - np.searchsorted(keys, key)
        itself = met == at[asking]
        right[part] = np.bincount(asking, alike - itself, len(at))
        wrong[part] = np.bincount(asking, count[met] - alike, len(at))

    parts = tiles_of(len(rows), TOGETHER)
    for_each(search, parts, threads, lambda part: stage.step(part.stop - part.start))
    return right, wrong


def _nearest_to(frame: Frame, at: Rows, twins: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Pairs (position in `at`, row of the frame) of all that are nearest: bounds, then float64.

    at: (q,) rows of the frame. twins: (q,) flags of those at which there is another row, too.
    """
    chosen, radius, taken = frame.cloud.chosen, frame.radius[at], frame.taken(at)
    sure = np.full(len(at), np.inf)  # squared distance within which there is a row
    asking: list[Rows] = []
    met: list[Rows] = []
    values: list[Floats] = []
    for tile in tiles_of(frame.cloud.size, TILE):
        computed = frame.between(taken, tile)
        own = np.flatnonzero(~twins & (at >= tile.start) & (at < tile.stop))
        computed[own, at[own] - tile.start] = np.inf
        sure = np.minimum(sure, frame.upper(computed.min(axis=1), radius))
        rows, columns = np.nonzero(computed <= frame.near(sure, radius)[:, None])
        asking.append(rows)
        met.append(tile.start + columns)
        values.append(computed[rows, columns])
    anchors, others = np.concatenate(asking), np.concatenate(met)
    kept = np.concatenate(values) <= frame.near(sure, radius)[anchors]
    anchors, others = anchors[kept], others[kept]
    squared = frame.cloud.points.squared_distances(chosen[at[anchors]], chosen[others])
    least = np.full(len(at), np.inf)
    np.minimum.at(least, anchors, squared)
    nearest = squared == least[anchors]
    return anchors[nearest], others[nearest]

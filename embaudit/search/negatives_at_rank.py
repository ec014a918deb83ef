"""The negatives at given places of an anchor's ranking, wherever in it these are."""

import numpy as np

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.error_bounds import Frame
from embaudit.search.k_nearest_rows import Neighbours
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import tiles_of

CELLS = 1 << 21  # computed distances held at a time
TOGETHER = 256  # anchors that meet all rows together, at most


def negatives_at(
    points: Points,
    vectors: Rows,
    starts: Rows,
    input_rows: Rows,
    anchors: Rows,
    ranks: Rows,
    *,
    threads: int = 1,
    progress: Progress = silent,
) -> Neighbours:
    """The negatives of each of m anchors at these ranks, (m, r); 0 is the nearest, -1 for none.

    Negatives are ranked by squared distance, then input row, as float64 decides. vectors: (N,)
    an id of each ordered row, equal exactly for equal rows. starts: (C + 1,) of the classes.
    """
    frame = frame_of(points, np.arange(points.size), np.float64)
    found = Neighbours(np.full(ranks.shape, -1), np.full(ranks.shape, np.inf))
    together = max(1, min(TOGETHER, CELLS // points.size))
    stage = Stage(progress, "ranks of negatives", len(anchors))
    code = np.searchsorted(starts, anchors, side="right") - 1

    def rank(part: slice) -> None:
        tile = frame.between(frame.taken(anchors[part]), slice(0, points.size))
        for at, computed in zip(range(part.start, part.stop), tile, strict=True):
            computed[starts[code[at]] : starts[code[at] + 1]] = np.inf
            asked = np.flatnonzero(ranks[at] >= 0)
            one = _Ranking(frame, int(anchors[at]), computed, int(ranks[at].max()))
            rows = one.rows_at(ranks[at, asked], vectors, input_rows)
            found.rows[at, asked] = rows
            found.d2[at, asked] = one.squared_distances(rows)

    parts = tiles_of(len(anchors), together)
    for_each(rank, parts, threads, lambda part: stage.step(part.stop - part.start))
    return found


class _Ranking:
    """The nearest negatives of one anchor by their computed distances, bounds at hand."""

    def __init__(self, frame: Frame, anchor: int, computed: Floats, last: int) -> None:
        """All that may be at a rank up to the last; of its own class, computed is infinite."""
        self.frame, self.anchor, self.radius = frame, anchor, frame.radius[anchor]
        value = np.partition(computed, last)[last]
        limit = frame.near(frame.upper(value, self.radius), self.radius)
        rows = np.flatnonzero(computed <= limit)
        self.rows = rows[np.argsort(computed[rows])]
        self.values = computed[self.rows]

    def squared_distances(self, rows: Rows) -> Floats:
        """The deciding distances to some rows."""
        points = self.frame.cloud.points
        return points.squared_distances(np.full(len(rows), self.anchor), rows)

    def rows_at(self, ranks: Rows, vectors: Rows, input_rows: Rows) -> Rows:
        """The rows at these ranks: where bounds leave several, float64 orders them."""
        frame, value = self.frame, self.values[ranks]
        low = frame.far(frame.lower(value, self.radius), self.radius)
        high = frame.near(frame.upper(value, self.radius), self.radius)
        first = np.searchsorted(self.values, low, side="left")
        last = np.searchsorted(self.values, high, side="right")
        rows = self.rows[ranks]
        for at in np.flatnonzero(last - first > 1).tolist():
            open_ = self.rows[first[at] : last[at]]
            _, lead, same = np.unique(vectors[open_], return_index=True, return_inverse=True)
            squared = self.squared_distances(open_[lead])[same]
            order = np.lexsort((input_rows[open_], squared))
            rows[at] = open_[order[ranks[at] - first[at]]]
        return rows

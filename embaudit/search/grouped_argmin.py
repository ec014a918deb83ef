"""The truth of every search: candidates decided in float64 by direct differences."""

import numpy as np

from embaudit.core.prepared_points import Floats, Rows


def first_of_each(
    anchors: Rows, candidates: Rows, squared: Floats, input_rows: Rows, *, furthest: bool = False
) -> tuple[Rows, Rows, Floats]:
    """For each anchor its nearest (or furthest) candidate, ties to the lowest input row.

    anchors, candidates, squared: m pairs. Returns the anchors that occur, ascending, each with
    its candidate and squared distance.
    """
    key = -squared if furthest else squared
    order = np.lexsort((input_rows[candidates], key, anchors))
    anchors, candidates, squared = anchors[order], candidates[order], squared[order]
    first = np.flatnonzero(np.diff(anchors, prepend=-1))
    return anchors[first], candidates[first], squared[first]

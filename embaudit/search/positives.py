"""Nearest and furthest positives: dense tiles inside the classes, no mask but the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.search.distinct import Distinct
from embaudit.search.frame import Frame, frame_of
from embaudit.search.progress import Progress, Stage
from embaudit.search.refine import decide
from embaudit.space import Floats, Points, Rows

CROWD = 32  # candidates of one anchor beyond which a sharper bound is cheaper than deciding all


@dataclass(frozen=True)
class Positives:
    """For each of M groups: the nearest and the furthest *other* group of its class.

    Groups are -1 and squared distances NaN in a class of one group.
    """

    nearest: Rows
    furthest: Rows
    d2_nearest: Floats
    d2_furthest: Floats


def scan_positives(
    points: Points, distinct: Distinct, input_rows: Rows, block_rows: int, progress: Progress
) -> Positives:
    """Decide the nearest and furthest group of every group's own class, exactly."""
    m = distinct.size
    found = Positives(np.full(m, -1), np.full(m, -1), np.full(m, np.nan), np.full(m, np.nan))
    stage = Stage(progress, "positives", m)
    for groups in _batches(distinct, block_rows):
        if groups.shape[1] > 1:
            _scan_classes(points, distinct, input_rows, groups, block_rows, found)
        stage.step(groups.size)
    return found


def _batches(distinct: Distinct, block_rows: int) -> Iterator[Rows]:
    """Classes of equal size together, (classes, size) groups: many small ones cost one product."""
    sizes = np.diff(distinct.starts)
    for size in np.unique(sizes):
        firsts = distinct.starts[:-1][sizes == size]
        together = max(1, min(block_rows**2 // int(size) ** 2, 8 * block_rows // int(size)))
        for start in range(0, len(firsts), together):
            yield firsts[start : start + together, None] + np.arange(size)


def _scan_classes(
    points: Points,
    distinct: Distinct,
    input_rows: Rows,
    groups: Rows,
    block_rows: int,
    found: Positives,
) -> None:
    chosen = distinct.first[groups]
    classes, size = groups.shape
    step = max(1, min(size, block_rows**2 // size))
    frame = frame_of(points, chosen, np.float32)
    for start in range(0, size, step):
        queries = np.arange(start, min(start + step, size))
        crowded = np.zeros((classes, len(queries)), dtype=bool)
        for furthest in (False, True):
            where = _candidates(frame, queries, furthest)
            crowded |= where.sum(axis=-1) > CROWD
            where &= ~crowded[..., None]
            _record(points, distinct, input_rows, groups, queries, where, furthest, found)
        for c in np.flatnonzero(crowded.any(axis=1)):
            sharp = frame_of(points, chosen[c : c + 1], np.float64, held=False)
            rows = queries[crowded[c]]
            for furthest in (False, True):
                where = _candidates(sharp, rows, furthest)
                one = groups[c : c + 1]
                _record(points, distinct, input_rows, one, rows, where, furthest, found)


def _candidates(frame: Frame, queries: NDArray[Any], furthest: bool) -> NDArray[np.bool_]:
    """Which columns may hold the extreme of each query row, (classes, queries, size)."""
    tile = frame.products(queries)
    place = np.arange(len(queries))
    radius = frame.radius[..., queries]
    tile[..., place, queries] = -np.inf if furthest else np.inf
    if furthest:
        sure = frame.lower(tile.max(axis=-1), radius)
        return np.asarray(tile >= frame.far(sure, radius)[..., None])
    sure = frame.upper(tile.min(axis=-1), radius)
    return np.asarray(tile <= frame.near(sure, radius)[..., None])


def _record(
    points: Points,
    distinct: Distinct,
    input_rows: Rows,
    groups: Rows,
    queries: NDArray[Any],
    where: NDArray[np.bool_],
    furthest: bool,
    found: Positives,
) -> None:
    """Decide the candidates in float64 and write the winners down."""
    classes, rows, columns = np.nonzero(where)
    anchors = distinct.first[groups[classes, queries[rows]]]
    others = distinct.first[groups[classes, columns]]
    anchors, others, squared = decide(points, anchors, others, input_rows, furthest=furthest)
    anchors, others = distinct.group[anchors], distinct.group[others]
    if furthest:
        found.furthest[anchors], found.d2_furthest[anchors] = others, squared
    else:
        found.nearest[anchors], found.d2_nearest[anchors] = others, squared

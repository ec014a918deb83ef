"""The nearest negatives among candidates of each anchor's own: float32 bounds, float64 decides."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.search.error_bounds import Frame
from embaudit.search.faiss_minima import library, one_faiss_thread
from embaudit.search.grouped_argmin import first_of_each
from embaudit.search.nearest_negative import NearestNegatives


def decide(found: NearestNegatives, frame: Frame, at: Rows, met: Rows, place: NDArray[Any]) -> None:
    """Let candidates compete for the anchors at these positions, which meet each of them once.

    frame: of all groups, in float32. met: (m,) groups. place: (q, k) where each anchor's are in
    these, -1 for none; those of its own class are passed over.
    """
    anchors, first = found.anchors[at], found.distinct.first
    computed = _computed(frame, anchors, met, place)
    own, theirs = found.codes[anchors], found.codes[met]
    if np.isin(own, theirs).any():  # cells of one class alone are passed over before
        computed[theirs[place] == own[:, None]] = np.inf
    radius, goal = frame.radius[anchors], found.target[anchors]
    # the nearest is not beyond `near`; up to `level` a row may come before the positive
    least = frame.upper(computed.min(axis=1, initial=np.inf), radius)
    near = frame.near(np.minimum(found.d2[at], least), radius)
    level = frame.near(goal, radius)
    met_rows, columns = np.divmod(
        np.flatnonzero(computed <= np.fmax(near, level)[:, None]), max(1, place.shape[1])
    )
    value, groups = computed[met_rows, columns], met[place[met_rows, columns]]
    there = np.isfinite(value)
    rows, value, groups = met_rows[there], value[there], groups[there]

    before = value < frame.far(goal, radius)[rows]
    found.closer[at] += _rows(found, rows[before], groups[before], len(at))
    open_ = ~before | (value <= near[rows])
    rows, groups, doubtful = rows[open_], groups[open_], ~before[open_]
    squared = found.points.squared_distances(first[anchors[rows]], first[groups])
    _keep(found, at, rows, groups, squared)
    rows, groups, squared = rows[doubtful], groups[doubtful], squared[doubtful]
    nearer, as_near = squared < goal[rows], squared == goal[rows]
    found.closer[at] += _rows(found, rows[nearer], groups[nearer], len(at))
    found.tied[at] += _rows(found, rows[as_near], groups[as_near], len(at))


def numbered(candidates: Rows, size: int) -> tuple[Rows, NDArray[np.int64]]:
    """The distinct ones of so many groups, rising; and where each candidate is, -1 for none."""
    seen = np.zeros(size + 1, dtype=bool)
    seen[candidates] = True
    seen[size] = False  # of none
    met = np.flatnonzero(seen)
    number = np.empty(size + 1, dtype=np.int64)
    number[met], number[size] = np.arange(len(met)), -1
    return met, number[candidates]


def _computed(frame: Frame, anchors: Rows, met: Rows, place: NDArray[Any]) -> NDArray[np.float32]:
    """Squared distances of anchors to their candidates in the frame, (q, k).

    By differences: more exact than the products that the frame's bounds allow for. Infinite for
    none.
    """
    computed = np.full(place.shape, np.inf, dtype=np.float32)
    if not len(met):
        return computed
    ours, theirs = _plain(frame.taken(anchors)), _plain(frame.taken(met))
    place = np.ascontiguousarray(place, dtype=np.int64)
    faiss = library()
    with one_faiss_thread():
        faiss.fvec_L2sqr_by_idx(
            faiss.swig_ptr(computed),
            faiss.swig_ptr(ours),
            faiss.swig_ptr(theirs),
            faiss.swig_ptr(place),
            ours.shape[1],
            *place.shape,
        )
    return computed


def _plain(taken: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (x, |x|^2, 1) of a frame as (x, 0, 0): the same differences."""
    taken = np.ascontiguousarray(taken)
    taken[:, -2:] = 0
    return taken


def _rows(found: NearestNegatives, rows: Rows, groups: Rows, size: int) -> Rows:
    """How many stored rows the groups of each of so many anchors are."""
    amount = found.distinct.count[groups]
    return np.bincount(rows, weights=amount, minlength=size).astype(np.int64)


def _keep(found: NearestNegatives, at: Rows, rows: Rows, groups: Rows, squared: Floats) -> None:
    """Let pairs (at[rows], groups) compete with the nearest found so far."""
    first, input_rows = found.distinct.first, found.input_rows
    place, winner, d2 = first_of_each(rows, first[groups], squared, input_rows)
    at, winner = at[place], found.distinct.group[winner]
    earlier = input_rows[first[winner]] < input_rows[first[found.nearest[at]]]
    better = (d2 < found.d2[at]) | ((d2 == found.d2[at]) & earlier)
    found.nearest[at[better]], found.d2[at[better]] = winner[better], d2[better]

"""Nearest negatives of some anchors, gathered by looking at one set of rows after the other.

Whatever set is looked at, the answer is the truth of that set: float32 bounds, float64 decides.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame, tile_of
from embaudit.search.grouped_argmin import first_of_each

COUNTED = 10  # negatives before the nearest positive are counted up to here (recall at 10)
CROWD = 64  # candidates of one anchor in one set beyond which a sharper bound is cheaper
EVERY = slice(None)
CELLS = 1 << 21  # computed distances that are looked at together


@dataclass(frozen=True)
class PartialResult:
    """What is known of some anchors, (k,) each, as in Finder; goal: how far positives are."""

    anchors: Rows
    goal: Floats
    nearest: Rows
    d2: Floats
    closer: Rows
    tied: Rows
    sharpened: NDArray[np.bool_]


class NearestNegatives:
    """The nearest negative found so far of each of k anchors (groups of equal rows).

    nearest: (k,) its group, -1 where none was seen. d2: (k,) its squared distance, inf there.
    closer, tied: (k,) rows seen that are strictly closer than the nearest positive, and as close;
    from COUNTED closer ones on both may be more. sharpened: (k,) flags of those that needed
    float64 products.
    """

    def __init__(
        self,
        points: Points,
        distinct: Deduplicated,
        codes: Rows,
        input_rows: Rows,
        target: Floats,
        anchors: Rows,
        barred: Rows | None = None,
    ) -> None:
        """target: (M,) the squared distance of each group's nearest positive, NaN for none.

        barred: (M,) a group that each is not compared with, -1 for none, of groups in slices.
        """
        self.points, self.distinct, self.codes = points, distinct, codes
        self.input_rows, self.target, self.anchors = input_rows, target, points.beside(anchors)
        self.barred = barred
        self.nearest = points.beside(np.full(len(anchors), -1))
        self.d2 = points.beside(np.full(len(anchors), np.inf))
        self.closer, self.tied = (
            points.beside(np.zeros(len(anchors), dtype=np.int64)) for _ in range(2)
        )
        self.sharpened = np.zeros(len(anchors), dtype=bool)
        self.merging = Lock()

    @classmethod
    def of(
        cls,
        points: Points,
        distinct: Deduplicated,
        codes: Rows,
        input_rows: Rows,
        known: PartialResult,
    ) -> "NearestNegatives":
        """One that goes on from what is known of some anchors."""
        goal = np.full(distinct.size, np.nan)
        goal[known.anchors] = known.goal
        found = cls(points, distinct, codes, input_rows, goal, known.anchors)
        found.take(slice(None), known)
        return found

    def partial_result(self, at: Rows | slice = EVERY) -> PartialResult:
        """What is known of the anchors at some positions."""
        anchors = self.anchors[at]
        return PartialResult(
            anchors,
            self.target[anchors],
            self.nearest[at],
            self.d2[at],
            self.closer[at],
            self.tied[at],
            self.sharpened[at],
        )

    def take(self, at: Rows | slice, known: PartialResult) -> None:
        """What has become known of the anchors at some positions."""
        self.nearest[at], self.d2[at] = known.nearest, known.d2
        self.closer[at], self.tied[at] = known.closer, known.tied
        self.sharpened[at] = known.sharpened

    def look(
        self,
        frame: Frame,
        at: Rows,
        groups: slice | Rows,
        near: NDArray[Any] | None = None,
        taken: NDArray[Any] | None = None,
        theirs: NDArray[Any] | None = None,
    ) -> None:
        """Let the given groups compete for the anchors at these positions; each set only once.

        near: computed values up to which a group may be the nearest of all, if that is known.
        taken, theirs: the anchors' and the groups' own rows of the frame, if they are at hand.
        """
        size = groups.stop - groups.start if isinstance(groups, slice) else len(groups)
        step = max(1, CELLS // max(1, size))
        theirs = frame.taken(groups) if theirs is None else theirs
        for start in range(0, len(at), step):
            part = slice(start, start + step)
            rows = frame.taken(self.anchors[at[part]]) if taken is None else taken[part]
            limit = None if near is None else near[part]
            crowded = self._look(frame, at[part], rows, groups, limit, theirs)
            if crowded.any():
                again = at[part][crowded]
                self.sharpened[again] = True
                sharp = Frame(frame.cloud, np.float64, None)
                for one in np.array_split(again, -(-len(again) * size // CELLS)):
                    self._look(sharp, one, sharp.taken(self.anchors[one]), groups, None)

    def _look(
        self,
        frame: Frame,
        at: Rows,
        taken: NDArray[Any],
        groups: slice | Rows,
        near: NDArray[Any] | None,
        theirs: NDArray[Any] | None = None,
    ) -> NDArray[np.bool_]:
        """Merge what some groups say; flags anchors with a crowd of candidates, left as they were.

        theirs: the groups' own rows of the frame, if they are at hand. In float64 no crowd is too
        large.
        """
        anchors = self.anchors[at]
        computed = frame.between(taken, groups) if theirs is None else tile_of(taken, theirs)
        self._mask(computed, anchors, groups)
        radius, goal = frame.radius[anchors], self.target[anchors]
        least = None
        if near is None:
            least = computed.min(axis=1)
            near = frame.near(np.minimum(self.d2[at], frame.upper(least, radius)), radius)
        counting = self.closer[at] < COUNTED
        level = np.where(counting, frame.near(goal, radius), -np.inf)  # as close as the positive
        limit = np.maximum(near, level).astype(computed.dtype)
        rows, columns = _up_to(computed, limit, least)

        value = computed[rows, columns]
        near = np.minimum(near, self._least(frame, rows, value, radius))
        before = counting[rows] & (value < frame.far(goal, radius)[rows])
        doubtful = ~before & (value <= level[rows])
        open_ = doubtful | (value <= near[rows])
        crowded = np.zeros(len(at), dtype=bool)
        if frame.dtype is np.float32:
            crowded = np.bincount(rows[open_], minlength=len(at)) > CROWD
            keep = ~crowded[rows]
            before, open_ = before & keep, open_ & keep
        met = columns + groups.start if isinstance(groups, slice) else groups[columns]
        closer = self._rows_of(rows[before], met[before], len(at))

        rows, met, doubtful = rows[open_], met[open_], doubtful[open_]
        first = self.distinct.first
        squared = self.points.squared_distances(first[anchors[rows]], first[met])
        nearest = first_of_each(rows, first[met], squared, self.input_rows)
        rows, met, squared = rows[doubtful], met[doubtful], squared[doubtful]
        below, level_ = squared < goal[rows], squared == goal[rows]
        closer += self._rows_of(rows[below], met[below], len(at))
        tied = self._rows_of(rows[level_], met[level_], len(at))
        with self.merging:  # an anchor may look into two regions at once
            self._keep_nearest(at, *nearest)
            self.closer[at] += closer
            self.tied[at] += tied
        return crowded

    @staticmethod
    def _least(frame: Frame, rows: Rows, value: NDArray[Any], radius: Floats) -> NDArray[Any]:
        """Values up to which a candidate may be nearest, by the least of each row's, (q,)."""
        least = np.full(len(radius), np.inf)
        met, firsts = np.unique(rows, return_index=True)
        if len(met):
            least[met] = np.minimum.reduceat(value, firsts)
        return frame.near(frame.upper(least, radius), radius)

    def _mask(self, computed: NDArray[Any], anchors: Rows, groups: slice | Rows) -> None:
        """No row is a negative of its own class; most sets share no class with most anchors."""
        own, theirs = self.codes[anchors], self.codes[groups]
        shared = np.flatnonzero((own >= theirs.min()) & (own <= theirs.max()))
        shared = shared[np.isin(own[shared], theirs)]
        if len(shared):
            part = computed[shared]
            part[own[shared, None] == theirs] = np.inf
            computed[shared] = part
        if self.barred is not None and isinstance(groups, slice):
            bar(computed, self.barred[anchors], groups)

    def _keep_nearest(self, at: Rows, place: Rows, winner: Rows, d2: Floats) -> None:
        """Let one row of each anchor at[place] compete with the nearest found so far."""
        first, input_rows = self.distinct.first, self.input_rows
        at, winner = at[place], self.distinct.group[winner]
        earlier = input_rows[first[winner]] < input_rows[first[self.nearest[at]]]
        better = (d2 < self.d2[at]) | ((d2 == self.d2[at]) & earlier)
        self.nearest[at[better]], self.d2[at[better]] = winner[better], d2[better]

    def _rows_of(self, rows: Rows, groups: Rows, size: int) -> Rows:
        """How many stored rows the groups of each anchor are."""
        amount = self.distinct.count[groups]
        return np.bincount(rows, weights=amount, minlength=size).astype(np.int64)


def bar(computed: NDArray[Any], barred: Rows, groups: slice) -> None:
    """What is computed of (q,) rows and some groups, but for the one group barred from each."""
    rows = np.flatnonzero((barred >= groups.start) & (barred < groups.stop))
    computed[rows, barred[rows] - groups.start] = np.inf


def _up_to(
    computed: NDArray[Any], limit: NDArray[Any], least: NDArray[Any] | None
) -> tuple[Rows, Rows]:
    """Rows and columns of the values up to the limit of their row; least: of each row, if known.

    Rows whose least value is beyond the limit are most of them in an approximate search.
    """
    if least is None:
        rows, columns = np.divmod(np.flatnonzero(computed <= limit[:, None]), computed.shape[1])
        return rows, columns
    hit = np.flatnonzero(least <= limit)
    flags = computed[hit] <= limit[hit, None]
    rows, columns = np.divmod(np.flatnonzero(flags), computed.shape[1])
    return hit[rows], columns

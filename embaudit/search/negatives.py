"""Nearest negatives: with rows ordered by class, all outside a block of whole classes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.search import flat
from embaudit.search.distinct import Distinct
from embaudit.search.frame import Frame, frame_of
from embaudit.search.progress import Progress, Stage
from embaudit.search.refine import first_of_each
from embaudit.space import Floats, Points, Rows

COUNTED = 10  # negatives before the nearest positive are counted up to here (recall at 10)
CANDIDATES = COUNTED + 16


@dataclass(frozen=True)
class Negatives:
    """For each of M groups its nearest group of another class, -1 and NaN where not sought.

    closer: the rows of other classes that come before the group's nearest positive (by squared
    distance, then input row), up to COUNTED. settled: how many groups each tier decided.
    """

    nearest: Rows
    d2_nearest: Floats
    closer: Rows
    settled: dict[str, int]


@dataclass(frozen=True)
class Target:
    """What the nearest positive of each of M groups is: its squared distance and input row."""

    d2: Floats
    row: Rows


@dataclass(frozen=True)
class Shortlist:
    """The K smallest computed squared distances of q anchors: values and groups, (q, K).

    Whatever is not on an anchor's list has a computed value of at least `beyond`, (q,).
    """

    computed: NDArray[np.float32]
    groups: Rows
    beyond: NDArray[np.float32]


class NegativeSearch:
    """The nearest negative of chosen groups, decided in float64 on the stored numbers."""

    def __init__(self, points: Points, distinct: Distinct, input_rows: Rows) -> None:
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.codes = np.repeat(np.arange(len(distinct.starts) - 1), np.diff(distinct.starts))
        self.member_key = input_rows[distinct.members] + len(input_rows) * np.repeat(
            np.arange(distinct.size), distinct.count
        )

    def scan(
        self, sought: NDArray[np.bool_], target: Target, block_rows: int, progress: Progress
    ) -> Negatives:
        """Nearest negatives of the sought groups, (M,) flags."""
        m = self.distinct.size
        found = Negatives(np.full(m, -1), np.full(m, np.nan), np.zeros(m, dtype=np.int64), {})
        frame = frame_of(self.points, self.distinct.first, np.float32)
        stage = Stage(progress, "negatives", m)
        left: list[Rows] = []
        for begin, end, low, high in _blocks(self.distinct.starts, block_rows):
            anchors = np.flatnonzero(sought[begin:end]) + begin
            if len(anchors):
                listed = _shortlist(frame, self.codes, anchors, low, high)
                left.append(self._settle(frame, anchors, listed, target, found))
            stage.step(end - begin)
        rest = np.concatenate(left) if left else np.empty(0, dtype=np.int64)
        found.settled["float32"] = int(sought.sum()) - len(rest)
        found.settled["float64"] = len(rest)
        if len(rest):
            self._search_in_float64(rest, target, block_rows, found, progress)
        return found

    def _settle(
        self, frame: Frame, anchors: Rows, listed: Shortlist, target: Target, found: Negatives
    ) -> Rows:
        """Record what the list decides; the anchors that it cannot decide come back."""
        radius = frame.radius[anchors]
        sure = frame.upper(listed.computed.min(axis=1), radius)
        d2, closer = self._decide(frame, anchors, listed.groups, listed.computed, sure, target)
        nearest, squared = d2
        unseen = frame.lower(listed.beyond, radius)
        done = certified(unseen, squared)
        done &= (closer >= COUNTED) | certified(unseen, target.d2[anchors])
        kept = anchors[done]
        found.nearest[kept], found.d2_nearest[kept] = nearest[done], squared[done]
        found.closer[kept] = np.minimum(closer[done], COUNTED)
        return anchors[~done]

    def _decide(
        self,
        frame: Frame,
        anchors: Rows,
        groups: Rows,
        computed: NDArray[Any],
        sure: Floats,
        target: Target,
    ) -> tuple[tuple[Rows, Floats], Rows]:
        """Nearest of the listed groups (q, K) and the rows among them before the target.

        `sure`: an upper bound on the nearest's squared distance. Values that bounds can tell
        apart from both thresholds are never computed in float64.
        """
        radius = frame.radius[anchors]
        goal = target.d2[anchors]
        listed = np.isfinite(computed)
        before = computed < frame.far(goal, radius)[:, None]
        near_goal = (computed <= frame.near(goal, radius)[:, None]) & ~before & listed
        rows, columns = np.nonzero(
            ((computed <= frame.near(sure, radius)[:, None]) & listed) | near_goal
        )
        first = self.distinct.first
        squared = self.points.squared_distances(first[anchors[rows]], first[groups[rows, columns]])
        at, nearest, d2 = first_of_each(
            rows, first[groups[rows, columns]], squared, self.input_rows
        )
        assert len(at) == len(anchors), "every anchor has a negative"
        closer = (before * self.distinct.count[groups]).sum(axis=1)
        doubtful = near_goal[rows, columns]
        closer += self._members_before(
            rows[doubtful],
            groups[rows[doubtful], columns[doubtful]],
            squared[doubtful],
            goal,
            target.row[anchors],
        )
        return (self.distinct.group[nearest], d2), closer

    def _members_before(
        self, rows: Rows, groups: Rows, squared: Floats, goal: Floats, goal_row: Rows
    ) -> Rows:
        """Rows of the given groups that come before each anchor's target, (q,)."""
        size = len(self.input_rows)
        tied = np.searchsorted(self.member_key, groups * size + goal_row[rows])
        tied -= self.distinct.begin[groups]
        amount = np.where(
            squared < goal[rows],
            self.distinct.count[groups],
            np.where(squared == goal[rows], tied, 0),
        )
        return np.bincount(rows, weights=amount, minlength=len(goal)).astype(np.int64)

    def _search_in_float64(
        self, rest: Rows, target: Target, block_rows: int, found: Negatives, progress: Progress
    ) -> None:
        """Every other class against the anchors that float32 could not settle."""
        frame = frame_of(self.points, self.distinct.first, np.float64, held=False)
        step = max(1, block_rows**2 // self.distinct.size)
        every = np.arange(self.distinct.size)
        stage = Stage(progress, "negatives in float64", len(rest))
        for start in range(0, len(rest), step):
            anchors = rest[start : start + step]
            tile = frame.products(anchors)
            tile[self.codes[anchors][:, None] == self.codes] = np.inf
            sure = frame.upper(tile.min(axis=1), frame.radius[anchors])
            groups = np.broadcast_to(every, tile.shape)
            (nearest, d2), closer = self._decide(frame, anchors, groups, tile, sure, target)
            found.nearest[anchors], found.d2_nearest[anchors] = nearest, d2
            found.closer[anchors] = np.minimum(closer, COUNTED)
            stage.step(len(anchors))


def certified(unseen: Floats, squared: Floats) -> NDArray[np.bool_]:
    """Whether nothing unseen can win or tie: strictly further than what was found."""
    return np.asarray(unseen > squared)


def _blocks(starts: Rows, block_rows: int) -> Iterator[tuple[int, int, int, int]]:
    """Queries [begin, end) with the whole classes [low, high) that hold them.

    Small classes are grouped up to block_rows; a larger class is a block of its own, asked in
    parts, with nothing but negatives outside it.
    """
    low = 0
    classes = len(starts) - 1
    while low < classes:
        high = int(np.searchsorted(starts, starts[low] + block_rows, side="right")) - 1
        high = max(high, low + 1)
        first, last = int(starts[low]), int(starts[high])
        for begin in range(first, last, block_rows):
            yield begin, min(begin + block_rows, last), first, last
        low = high


def _shortlist(frame: Frame, codes: Rows, anchors: Rows, low: int, high: int) -> Shortlist:
    """Candidates from before, inside and after the block of classes [low, high)."""
    queries = frame.taken(anchors)
    parts = []
    for begin, end in ((0, low), (high, len(codes))):
        computed, groups = flat.nearest(queries, frame.taken(slice(begin, end)), CANDIDATES)
        parts.append((computed, groups + begin))
    if codes[low] != codes[high - 1]:
        tile = frame.products(anchors, slice(low, high))
        tile[codes[anchors][:, None] == codes[low:high]] = np.inf
        parts.append(_smallest(tile, np.broadcast_to(np.arange(low, high), tile.shape)))
    computed = np.concatenate([part[0] for part in parts], axis=1)
    groups = np.concatenate([part[1] for part in parts], axis=1)
    computed, groups = _smallest(computed, groups)
    others = len(codes) - np.bincount(codes)[codes[anchors]]
    beyond = np.where(others <= CANDIDATES, np.float32(np.inf), computed.max(axis=1))
    return Shortlist(computed, groups, beyond)


def _smallest(computed: NDArray[Any], groups: Rows) -> tuple[NDArray[Any], Rows]:
    """The CANDIDATES smallest values of each row, in no order."""
    if computed.shape[1] <= CANDIDATES:
        return computed, np.asarray(groups)
    at = np.argpartition(computed, CANDIDATES - 1, axis=1)[:, :CANDIDATES]
    return np.take_along_axis(computed, at, axis=1), np.take_along_axis(groups, at, axis=1)

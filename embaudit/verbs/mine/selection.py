"""Which negatives make a triplet with each anchor and its positive: a rule, applied exactly."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.core.random_streams import MINED_NEGATIVES, MINED_POSITIVES, random_stream
from embaudit.evidence import Evidence
from embaudit.report.mining_document import MiningRule, Removed
from embaudit.search import Neighbours, k_nearest, negatives_at
from embaudit.verbs.mine.false_negatives import NOBODY, duplicates, suspects

FILTERS = tuple(Removed.model_fields)  # in the order in which they are asked
NOWHERE = -1.0  # a squared distance that everything is further than
DRAWS = 4, 8  # times the negatives wanted, and more: what may be drawn of a band


@dataclass(frozen=True)
class Selection:
    """Triplets of m anchors: (m,) ordered rows with a positive each, and k negatives or fewer.

    d2_positives: (m,) squared distances, in units of the points. negatives: their rows and
    squared distances, (m, k), -1 and inf where there are no more; nearest first, or as drawn.
    alone: (m,) how many the mode takes without filters. removed: of these, by filter.
    """

    anchors: Rows
    positives: Rows
    d2_positives: Floats
    negatives: Neighbours
    alone: Rows
    removed: Removed


def select(evidence: Evidence, rule: MiningRule) -> Selection:
    """The triplets that a rule wants, from a scan of all anchors."""
    return _Selector(evidence, rule).select()


class _Selector:
    """The windows in which each anchor's negatives lie, as squared distances, and who is in them.

    A length is turned into the least float64 whose root is at least that long: so a decision on
    squares is the decision on distances, and a search can make it.
    """

    def __init__(self, evidence: Evidence, rule: MiningRule) -> None:
        self.evidence, self.rule, self.codes = evidence, rule, evidence.data.codes
        self.anchors, self.scan = evidence.anchors, evidence.scan
        self.positives = self._positives()
        self.d2_positives = evidence.points.squared_distances(self.anchors, self.positives)

    def select(self) -> Selection:
        """The mode's own choice; where a filter removes some of it, the next ones."""
        k, percentile = self.rule.per_anchor, self.rule.mode == "percentile"
        near = self._drawn() if percentile else self._nearest(np.arange(len(self.anchors)))
        failing = self._failing(near)
        alone, failed = (near.rows[:, :k] >= 0).sum(axis=1), failing[:, :k]
        counts = np.bincount(failed[failed >= 0], minlength=len(FILTERS)).tolist()
        removed = Removed(**dict(zip(FILTERS, counts, strict=True)))
        if percentile:
            near = _first(near, failing < 0, k)
        else:
            again = np.flatnonzero((failing >= 0).any(axis=1))
            rest = self._nearest(again, filtered=True)
            near.rows[again], near.d2[again] = rest.rows, rest.d2
        return Selection(self.anchors, self.positives, self.d2_positives, near, alone, removed)

    def _positives(self) -> Rows:
        """The positive of each anchor."""
        if self.rule.positive == "hardest":
            return self.scan.furthest_positive[self.anchors]
        if self.rule.positive == "easiest":
            return self.scan.nearest_positive[self.anchors]
        rng = random_stream(self.evidence.seed, MINED_POSITIVES)
        start = self.evidence.data.starts[self.codes[self.anchors]]
        size = self.evidence.data.sizes[self.codes[self.anchors]]
        return start + (self.anchors - start + rng.integers(1, size)) % size

    @cached_property
    def floor(self) -> Floats | None:
        """(m,) what the mode's negatives lie strictly further than; None: anything."""
        return self.d2_positives if self.rule.mode == "semi-hard" else None

    @cached_property
    def ceiling(self) -> Floats:
        """(m,) what the mode's negatives lie strictly nearer than."""
        rule, unit = self.rule, self.evidence.unit
        furthest = self.scan.d2_furthest_positive[self.anchors]
        nearest = self.scan.d2_nearest_negative[self.anchors]
        if rule.mode == "semi-hard":
            assert rule.margin is not None
            return _least_square(np.sqrt(self.d2_positives) + rule.margin / unit)
        if rule.mode != "multi-similarity":
            return np.full(len(self.anchors), np.inf)
        if self.evidence.metric == "cosine":  # similarity is 1 - d^2 / 2
            ceiling = furthest + 2 * rule.epsilon
            worth = self.d2_positives > nearest - 2 * rule.epsilon
        else:
            ceiling = _least_square(np.sqrt(furthest) + rule.epsilon / unit)
            worth = np.sqrt(self.d2_positives) > np.sqrt(nearest) - rule.epsilon / unit
        return np.where(worth, ceiling, NOWHERE)

    @cached_property
    def least(self) -> tuple[Floats, Floats]:
        """(m,) squared distances that the filters ask for at least: absolute, and relative."""
        closest = np.full(len(self.anchors), self.rule.min_distance / self.evidence.unit)
        share = self.rule.relative_margin
        if share is None:
            return _least_square(closest), np.zeros_like(closest)
        # s = 1 - d^2 / 2 of unit rows: s_n <= (1 - share) s_p
        return _least_square(closest), 2 * share + (1 - share) * self.d2_positives

    @cached_property
    def duplicates(self) -> NDArray[np.bool_]:
        """(N,) rows that are no negatives as they have a copy under another label."""
        if self.rule.keep_duplicates:
            return np.zeros(self.evidence.data.size, dtype=bool)
        return duplicates(self.evidence)

    @cached_property
    def suspects(self) -> Rows:
        """(N,) the class whose anchors a row is no negative of, as its neighbours are of it."""
        if not self.rule.agreement:
            return np.full(self.evidence.data.size, NOBODY)
        return suspects(self.evidence)

    def _nearest(self, at: Rows, *, filtered: bool = False) -> Neighbours:
        """The nearest negatives in the windows of some anchors, (q, k)."""
        evidence, k, floor = self.evidence, self.rule.per_anchor, self.floor
        if k == 1 and floor is None and not filtered:  # the scan has found them
            rows = self.scan.nearest_negative[self.anchors[at], None]
            near = Neighbours(rows, self.scan.d2_nearest_negative[self.anchors[at], None])
        else:
            if filtered:
                least = np.nextafter(np.maximum(*self.least), NOWHERE)
                floor = least if floor is None else np.maximum(floor, least)
            near = k_nearest(
                evidence.points,
                evidence.deduplicated.vector[evidence.deduplicated.group],
                self.codes,
                evidence.data.rows,
                self.anchors[at],
                k,
                served=~self.duplicates if filtered else None,
                barred=self.suspects if filtered and self.rule.agreement else None,
                beyond=None if floor is None else floor[at],
                threads=evidence.threads,
                progress=evidence.progress,
            )
        outside = near.d2 >= self.ceiling[at, None]
        return Neighbours(np.where(outside, -1, near.rows), np.where(outside, np.inf, near.d2))

    def _drawn(self) -> Neighbours:
        """Negatives drawn from each anchor's band without replacement, in the order of the draw."""
        evidence, rng = self.evidence, random_stream(self.evidence.seed, MINED_NEGATIVES)
        amount = DRAWS[0] * self.rule.per_anchor + DRAWS[1]
        ranks = np.full((len(self.anchors), amount), -1)
        negatives = evidence.data.size - evidence.data.sizes[self.codes[self.anchors]]
        for at, count in enumerate(negatives.tolist()):
            first, last = band_of(self.rule.band, count)
            drawn = rng.choice(last - first, min(amount, last - first), replace=False)
            ranks[at, : len(drawn)] = first + drawn
        ranks = ranks[:, (ranks >= 0).any(axis=0)]
        return negatives_at(
            evidence.points,
            evidence.deduplicated.vector[evidence.deduplicated.group],
            evidence.data.starts,
            evidence.data.rows,
            self.anchors,
            ranks,
            threads=evidence.threads,
            progress=evidence.progress,
        )

    def _failing(self, near: Neighbours) -> Rows:
        """(m, k) the number of the first filter that removes a negative, -1 where none does."""
        closest, relative = self.least
        says = (
            self.duplicates[near.rows],
            near.d2 < closest[:, None],
            near.d2 < relative[:, None],
            self.suspects[near.rows] == self.codes[self.anchors, None],
        )
        failing = np.full(near.rows.shape, -1)
        for number in reversed(range(len(FILTERS))):
            failing[says[number] & (near.rows >= 0)] = number
        return failing


def band_of(band: tuple[float, float], negatives: int) -> tuple[int, int]:
    """The ranks of a band in percent, the nearest negative being 0: from, and up to without."""
    first = int(np.floor(band[0] * negatives / 100))
    first = min(first, negatives - 1)
    return first, max(first + 1, int(np.ceil(band[1] * negatives / 100)))


def _first(near: Neighbours, passing: NDArray[np.bool_], k: int) -> Neighbours:
    """The first k of each anchor that are there and pass, in their order."""
    passing = passing & (near.rows >= 0)
    order = np.argsort(~passing, axis=1, kind="stable")[:, :k]
    there = np.take_along_axis(passing, order, axis=1)
    rows = np.take_along_axis(near.rows, order, axis=1)
    d2 = np.take_along_axis(near.d2, order, axis=1)
    return Neighbours(np.where(there, rows, -1), np.where(there, d2, np.inf))


def _least_square(distance: Floats) -> Floats:
    """The least float64 whose square root is at least so large."""
    with np.errstate(over="ignore"):
        square = np.square(distance)
    while (low := np.sqrt(square) < distance).any():
        square = np.where(low, np.nextafter(square, np.inf), square)
    below = np.nextafter(square, NOWHERE)
    while (high := (below >= 0) & (np.sqrt(np.maximum(below, 0)) >= distance)).any():
        square = np.where(high, below, square)
        below = np.nextafter(square, NOWHERE)
    return square

"""Which rows are to blame: duplicates under other labels, likely mislabels, outliers, or nobody.

Rules of thumb on exact evidence: distances and neighbours are decided in float64, thresholds are
ours. Every row is at most one thing, every violating anchor violates for one reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.evidence.budget import Budget
from embaudit.evidence.label_scores import Doubt, label_scores
from embaudit.geometry.outlier_scores import OutlierScores, distances_to
from embaudit.report.suspects import CULPRITS, REASONS, WRONG
from embaudit.search import AnchorScan, Deduplicated, Neighbours, Progress, k_nearest

NOBODY = -1
DUPLICATE, MISLABEL, OUTLIER = range(3)
OVERLAP = len(REASONS) - 1

FLAT = 1e-2  # of the RMS pair distance: no class's tail is shorter, where rows tie or coincide
SAME = 1e-6  # of the RMS pair distance: rows that are no further apart count as equal
FURTHEST = 4.0  # tails beyond the median of its class, where a row is an outlier
AT_HOME = 3.0  # tails of another class within which a row may belong there
NEIGHBOURS = 10
ASKED = -1.0  # the score of a label above which its neighbours are asked, if they are afforded
WORTH = 100  # suspects that must be afforded: for fewer, a pass over very many rows is no help
COMPANY = 1.5  # times the median distance from a class's centre: so near are rows of one cluster


@dataclass(frozen=True)
class Attribution:
    """What N ordered rows are, and why A anchors violate.

    suspect_kind: (N,) an index into CULPRITS, NOBODY for an innocent row. likely: (N,) the class
    that a row labelled otherwise is at home in, -1 elsewhere. home: (s,) of the s rows that have
    one, their score in that class. reason: (A,) an index into REASONS, NOBODY where the anchor does
    not violate. blamed: (N,) violating anchors whose worst triplet holds the row as its positive or
    negative. scores: (N,) as in `OutlierScores`. undecided: rows far from their class whose nearest
    rows were not looked up, as that would cost too much.
    """

    suspect_kind: NDArray[np.int8]
    likely: NDArray[np.int32]
    home: Floats
    wrong: Floats
    reason: NDArray[np.int8]
    blamed: NDArray[np.int32]
    scores: Floats
    undecided: int

    def homes(self, rows: Rows) -> Floats:
        """(q,) the scores of rows in the class that each is likely of, NaN where there is none."""
        found = np.full(len(rows), np.nan)
        some = self.likely[rows] >= 0
        found[some] = self.home[np.searchsorted(np.flatnonzero(self.likely >= 0), rows[some])]
        return found


def attributed(
    data: EmbeddingSet,
    points: Points,
    distinct: Deduplicated,
    scan: AnchorScan,
    tails: OutlierScores,
    doubt: Doubt | None,
    anchors: Rows,
    violating: NDArray[np.bool_],
    *,
    rms: float,
    budget: Budget,
    threads: int,
    progress: Progress,
) -> Attribution:
    """Attribute the rows of a set, and its anchors (A,), of which some violate.

    rms: the RMS pair distance in units of the points.
    """
    far, undecided = _far(data, tails, budget.suspects)
    doubtful, complete = _doubtful(data, doubt, budget.votes)
    asked = np.union1d(far, doubtful)
    found = None
    if len(asked):
        found = _neighbours(data, points, distinct, asked, threads, progress)
    labels = label_scores(data, scan, doubt, asked, found, complete)
    suspects = np.flatnonzero(labels.probability >= WRONG)
    likely = data.beside(np.full(data.size, -1, dtype=np.int32))
    likely[suspects] = labels.likely[suspects]
    there = distances_to(points, suspects, tails.centres[likely[suspects]])
    home = tails.score(there, labels.likely[suspects])

    suspect_kind = np.full(data.size, NOBODY, dtype=np.int8)
    if found is not None:
        at = np.searchsorted(asked, far)
        near = Neighbours(found.rows[at], found.d2[at])
        suspect_kind[far[~_settled(data, points, tails, far, near)]] = OUTLIER
    suspect_kind[suspects] = MISLABEL
    suspect_kind[_duplicates(distinct, scan, SAME * rms)] = DUPLICATE

    reason = np.full(len(anchors), NOBODY, dtype=np.int8)
    some = anchors[violating]
    positive, negative = scan.furthest_positive[some], scan.nearest_negative[some]
    reason[violating] = _reasons(suspect_kind, some, positive, negative)
    blamed = np.bincount(positive, minlength=data.size)
    blamed += np.bincount(negative, minlength=data.size)
    times = data.beside(blamed.astype(np.int32))
    return Attribution(
        suspect_kind, likely, home, labels.probability, reason, times, tails.scores, undecided
    )


def _neighbours(
    data: EmbeddingSet,
    points: Points,
    distinct: Deduplicated,
    asked: Rows,
    threads: int,
    progress: Progress,
) -> Neighbours:
    """The nearest rows that have a label, of the rows that are asked for."""
    labelled = np.repeat(data.labelled_classes, data.sizes)
    return k_nearest(
        points,
        distinct.vector[distinct.group],
        np.arange(data.size),
        data.rows,
        asked,
        min(NEIGHBOURS, int(np.count_nonzero(labelled)) - 1),
        served=labelled if data.distractors else None,
        threads=threads,
        progress=progress,
    )


def _duplicates(distinct: Deduplicated, scan: AnchorScan, near: float) -> NDArray[np.bool_]:
    """(N,) rows equal, or as good as equal, to a row of another label."""
    twins = np.bincount(distinct.vector)[distinct.vector] > 1  # a group is of one class
    found: NDArray[np.bool_] = twins[distinct.group]
    close = np.flatnonzero(scan.d2_nearest_negative <= near**2)
    found[close] = True
    found[scan.nearest_negative[close]] = True
    return found


def _far(data: EmbeddingSet, tails: OutlierScores, budget: float) -> tuple[Rows, int]:
    """Rows far from their class that may be outliers, those furthest off; how many are left out."""
    far = np.flatnonzero(tails.scores > FURTHEST)
    afforded = int(budget / (data.size * data.dim))
    if afforded < WORTH:
        afforded = 0
    left = max(0, len(far) - afforded)
    if left:
        order = np.lexsort((data.rows[far], -tails.scores[far]))
        far = np.sort(far[order[:afforded]])
    return far, left


def _doubtful(data: EmbeddingSet, doubt: Doubt | None, budget: float) -> tuple[Rows, bool]:
    """Rows whose labels may be wrong and whose neighbours can be afforded; whether that is all."""
    if doubt is None:
        return np.empty(0, dtype=np.int64), True
    first = doubt.first
    doubtful = np.flatnonzero(first > ASKED)
    order = np.lexsort((data.rows[doubtful], -first[doubtful]))
    afforded = int(budget / (data.size * data.dim))
    return np.sort(doubtful[order[:afforded]]), len(doubtful) <= afforded


def _settled(
    data: EmbeddingSet, points: Points, tails: OutlierScores, suspects: Rows, found: Neighbours
) -> NDArray[np.bool_]:
    """(q,) whether each is at home: in another class, or among near rows of its own.

    The latter as in a class of several clusters.
    """
    codes, own, scores = data.codes[found.rows], data.codes[suspects], tails.scores[suspects]
    same = codes == own[:, None]
    near = found.d2 <= np.square(COMPANY * tails.middle[own])[:, None]
    enough = np.minimum(NEIGHBOURS // 2, data.sizes[own] - 1)
    settled: NDArray[np.bool_] = np.count_nonzero(same & near, axis=1) >= enough
    for top, agreeing in _other_classes(codes, same):
        there = tails.score(distances_to(points, suspects, tails.centres[top]), top)
        settled |= (agreeing > 0) & (there < np.minimum(AT_HOME, scores))
    return settled


def _other_classes(codes: Rows, same: NDArray[np.bool_]) -> Iterator[tuple[Rows, Rows]]:
    """Of each row of neighbours (q, k): the nearest other class, then the most frequent one.

    Each with how many of the neighbours are of it, 0 where all are of the row's own class. A small
    class may be the nearest, and a larger one further off the most frequent.
    """
    counts = np.count_nonzero(codes[:, :, None] == codes[:, None, :], axis=2)
    counts[same] = 0
    for place in (same.argmin(axis=1), counts.argmax(axis=1)):
        top, amount = (np.take_along_axis(one, place[:, None], 1)[:, 0] for one in (codes, counts))
        yield top, amount


def _reasons(
    suspect_kind: NDArray[np.int8], anchors: Rows, positive: Rows, negative: Rows
) -> NDArray[np.int8]:
    """Why anchors violate: for what they are, else for what their worst triplet holds."""
    reason = np.full(len(anchors), OVERLAP, dtype=np.int8)
    for kind in (OUTLIER, MISLABEL, DUPLICATE):  # the surest last: it stands
        met = (suspect_kind[positive] == kind) | (suspect_kind[negative] == kind)
        reason[met] = len(CULPRITS) + kind
    itself = suspect_kind[anchors] != NOBODY
    reason[itself] = suspect_kind[anchors[itself]]
    return reason

"""How surely is each label wrong? Centres of classes, nearest rows and neighbours together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.geometry.mahalanobis_rivals import rivals_of
from embaudit.geometry.mean_and_covariance import Moments
from embaudit.geometry.mislabel_probability import probability_wrong
from embaudit.geometry.pairs import Work
from embaudit.search import AnchorScan, Neighbours, for_each, identical_vectors, k_nearest

FLAT = 1e-4  # of the median squared distance to the nearest negative: nearer rows count as so near
FURTHEST = 2.0  # the most that the nearest rows may say, either way


@dataclass(frozen=True)
class Doubt:
    """What is known of N labels before neighbours are looked up.

    near: (N,) log(d_positive / d_negative) of the nearest ones, at most FURTHEST either way. lead:
    (N,) as in `Rivals`. rival: (N,) classes.
    """

    near: Floats
    lead: Floats
    rival: Rows

    @property
    def first(self) -> Floats:
        """(N,) scores in which the nearest rows of all stand for the vote of the neighbours."""
        return self.lead + self.near / 2 + np.clip(self.near, -1, 1)


@dataclass(frozen=True)
class LabelScores:
    """What is known of N labels in the end.

    probability: (N,) that the label is wrong, 0 for rows that are no anchors. likely: (N,) the
    class that it would be instead.
    """

    probability: Floats
    likely: Rows


def doubt_of(
    data: EmbeddingSet,
    points: Points,
    scan: AnchorScan,
    moments: Moments,
    threads: int,
    *,
    usual: NDArray[np.bool_] | None = None,
) -> Doubt | None:
    """What the scan and the centres say; None without anchors of two classes.

    usual: as for rivals_of. A nearest negative without a label says nothing against the row's own.
    """
    counted = data.labelled_classes
    if not scan.anchor.any() or np.count_nonzero(counted) < 2:
        return None
    anchor = scan.anchor
    likely = _class_of_nearest(data, scan)
    bare = np.flatnonzero(~counted[likely])
    if len(bare):
        likely[bare] = _nearest_classes(moments, counted)[data.codes[bare]]
    likely = data.beside(likely)

    def parallel(work: Work, parts: Sequence[slice]) -> None:
        for_each(work, parts, threads)

    rivals = rivals_of(points, data.starts, moments, likely, parallel, usual=usual, counted=counted)
    positive2, negative2 = (
        np.where(anchor, d2, 1.0) for d2 in (scan.d2_nearest_positive, scan.d2_nearest_negative)
    )
    least = FLAT * (float(np.median(negative2[anchor])) or float(negative2.max()) or 1.0)
    near = np.log((positive2 + least) / (negative2 + least)) / 2
    near[bare] = np.minimum(near[bare], 0)
    lead = rivals.lead if counted.all() else np.where(counted[data.codes], rivals.lead, -np.inf)
    near, lead = (data.beside(one) for one in (np.clip(near, -FURTHEST, FURTHEST), lead))
    return Doubt(near, lead, rivals.rival)


def _class_of_nearest(data: EmbeddingSet, scan: AnchorScan) -> Rows:
    """(N,) the class of each anchor's nearest negative; of other rows, any but their own."""
    any_other = np.where(np.arange(data.size) < data.starts[1], data.size - 1, 0)
    return data.codes_of(np.where(scan.anchor, scan.nearest_negative, any_other))


def _nearest_classes(moments: Moments, counted: NDArray[np.bool_]) -> Rows:
    """(C,) of each class the nearest other one that is counted, by their means."""
    centres, some = Points(moments.class_shifts), np.flatnonzero(counted)
    vectors, every = identical_vectors(centres), np.arange(centres.size)
    nearest = np.full(centres.size, some[0])
    nearest[some] = k_nearest(centres, vectors, every, every, some, 1, served=counted).rows[:, 0]
    return nearest


def label_scores(
    data: EmbeddingSet,
    scan: AnchorScan,
    doubt: Doubt | None,
    asked: Rows,
    found: Neighbours | None,
    complete: bool,
) -> LabelScores:
    """Scores of N labels.

    asked: (q,) rows whose neighbours were found. complete: whether these are all whose labels may
    be wrong.

    lead + near / 2 + the share of the neighbours that are of the most frequent other class, less
    that of the row's own. The three were chosen by average precision on seven sets: each alone
    loses to the sum.
    """
    probability = data.beside(np.zeros(data.size))
    if doubt is None:
        return LabelScores(probability, np.full(data.size, -1))
    scores, likely = data.beside(doubt.first), data.beside(doubt.rival.copy())
    before = scores if complete else data.beside(scores.copy())
    if found is not None:
        codes, own = data.codes[found.rows], data.codes[asked]
        counts = np.count_nonzero(codes[:, :, None] == codes[:, None, :], axis=2)
        same = codes == own[:, None]
        counts[same] = 0
        place = counts.argmax(axis=1)[:, None]
        most = np.take_along_axis(counts, place, 1)[:, 0]
        votes = (most - np.count_nonzero(same, axis=1)) / codes.shape[1]
        scores[asked] += votes - np.clip(doubt.near[asked], -1, 1)
        other = np.take_along_axis(codes, place, 1)[:, 0]
        likely[asked] = np.where(most > 0, other, likely[asked])
    anchor = scan.anchor
    if complete:
        probability[anchor] = probability_wrong(scores[anchor])
    else:  # votes of a part would look like a hump: they order that part, no more
        probability[anchor] = probability_wrong(before[anchor])
        rows = asked[anchor[asked]]
        order = np.lexsort((data.rows[rows], scores[rows]))
        probability[rows[order]] = np.sort(probability[rows])
    return LabelScores(probability, likely)

"""Retrieval figures of each class."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.search import AnchorRanks, found_within

CHUNK = 1 << 20  # anchors at a time: memory need not hold three figures of each

Ranked = Callable[[AnchorRanks], Floats]
R_PRECISION: Ranked = attrgetter("r_precision")
AVERAGE_PRECISION: Ranked = attrgetter("average_precision")


@dataclass(frozen=True)
class OfClasses:
    """A figure of each of C classes, by their codes, and between which ends it surely lies.

    value, lower, upper: (C,). NaN where a class has no anchor, the value also where none of its
    anchors was ranked. The ends differ where ties leave the order of rows open, where anchors were
    not ranked, and where a search may have missed a negative.
    """

    value: Floats
    lower: Floats
    upper: Floats


def precision_at_1_of_classes(evidence: Evidence) -> OfClasses:
    """The share of each class's anchors whose nearest other row is of it.

    An approximate search may have missed what is nearer: the upper end is what it found, and only
    anchors that were ranked or searched exhaustively count for the lower one.
    """
    sums, counts = found_at_1(evidence), anchors_of_classes(evidence)
    lower = sums[:, 0] if evidence.search_recall is None else _surely_right(evidence)
    with np.errstate(invalid="ignore"):
        return OfClasses(sums[:, 1] / counts, lower / counts, sums[:, 2] / counts)


def r_precision_of_classes(evidence: Evidence) -> OfClasses:
    """The mean R-precision of each class's anchors."""
    return of_ranked(evidence, R_PRECISION)


def map_at_r_of_classes(evidence: Evidence) -> OfClasses:
    """The mean average precision at R of each class's anchors."""
    return of_ranked(evidence, AVERAGE_PRECISION)


def of_ranked(evidence: Evidence, of: Ranked) -> OfClasses:
    """Means of a figure in [0, 1] over the ranked anchors of each class.

    Of anchors that are not ranked it is 1 where every positive is surely nearer than every
    negative, and else anything.
    """
    ranks, counts = evidence.ranks, anchors_of_classes(evidence)
    figures = of(ranks)
    ranked = evidence.data.codes_of(ranks.anchors)
    known = _sums(ranked, np.ones((len(ranked), 1)), len(counts))[:, 0]
    sums = _sums(ranked, figures, len(counts))
    sure = np.zeros(len(counts))
    if evidence.search_recall is None and len(ranked) < len(evidence.anchors):
        apart = evidence.anchors[evidence.gaps < 0]
        rest = np.setdiff1d(apart, ranks.anchors, assume_unique=True)
        sure = np.bincount(evidence.data.codes_of(rest), minlength=len(counts)).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        lower = (sums[:, 0] + sure) / counts
        upper = (sums[:, 2] + (counts - known)) / counts
        value = np.where(known > 0, sums[:, 1] / known, np.where(lower == upper, lower, np.nan))
    return OfClasses(np.clip(value, lower, upper), lower, upper)


def found_at_1(evidence: Evidence) -> Floats:
    """(C, 3) how many anchors of each class have a nearest row of it: worst, expected, best."""
    anchors = evidence.anchors
    total = np.zeros((len(evidence.data.classes), 3))
    for part in np.split(anchors, range(CHUNK, len(anchors), CHUNK)):
        total += _sums(evidence.data.codes_of(part), right_at_1(evidence, part), len(total))
    return total


def right_at_1(evidence: Evidence, rows: Rows) -> Floats:
    """(m, 3) whether the nearest row of each of these anchors has its label, as the scan has it."""
    scan = evidence.scan
    counts = scan.closer_negatives[rows], scan.tied_positives[rows], scan.tied_negatives[rows]
    return found_within(1, *counts)


def _surely_right(evidence: Evidence) -> Floats:
    """(C,) how many anchors of each class surely have a nearest row of it, in whatever order."""
    scan, ranks = evidence.scan, evidence.ranks
    assert scan.check is not None
    rows = scan.check.rows
    counts = scan.check.closer_negatives, scan.tied_positives[rows], scan.check.tied_negatives
    right = rows[found_within(1, *counts)[:, 0] == 1]
    sure = np.union1d(right, ranks.anchors[ranks.leading > 0])
    found = np.bincount(evidence.data.codes_of(sure), minlength=len(evidence.data.classes))
    return found.astype(np.float64)


def anchors_of_classes(evidence: Evidence) -> Rows:
    """(C,) how many anchors each class has."""
    ends = np.searchsorted(evidence.anchors, evidence.data.starts)  # ordered by class
    return np.diff(ends)


def _sums(codes: Rows, values: Floats, count: int) -> Floats:
    """(count, k) sums of (m, k) values by class."""
    columns = [np.bincount(codes, column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1)

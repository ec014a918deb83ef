"""Retrieval figures of each class, and their mean over classes: the macro averages."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact, open_to_ties
from embaudit.core.metric import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.report import AGAINST, USUAL, Measure
from embaudit.search import AnchorRanks, found_within

GROUP = "Retrieval"
CHUNK = 1 << 20  # anchors at a time: memory need not hold three figures of each
MACRO = "Sebastiani 2002, arXiv cs/0110053, section 7.1 (macroaveraging)"

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
    sums, counts = _found_at_1(evidence), _anchors_of(evidence)
    lower = sums[:, 0] if evidence.search_recall is None else _surely_right(evidence)
    with np.errstate(invalid="ignore"):
        return OfClasses(sums[:, 1] / counts, lower / counts, sums[:, 2] / counts)


def r_precision_of_classes(evidence: Evidence) -> OfClasses:
    """The mean R-precision of each class's anchors."""
    return _of_ranked(evidence, R_PRECISION)


def map_at_r_of_classes(evidence: Evidence) -> OfClasses:
    """The mean average precision at R of each class's anchors."""
    return _of_ranked(evidence, AVERAGE_PRECISION)


def macro_precision_at_1(evidence: Evidence) -> Estimate:
    """Mean over classes of the precision@1 of their anchors."""
    some = _classes_of(evidence)
    found = _found_at_1(evidence)[some] / _anchors_of(evidence)[some, None]
    worst, expected, best = map(float, found.mean(axis=0))
    checked = evidence.search_recall
    if checked is None:
        return open_to_ties(exact(worst), exact(expected), exact(best))
    check, rows = checked.check, checked.check.rows
    truth = found_within(
        1, check.closer_negatives, evidence.scan.tied_positives[rows], check.tied_negatives
    )
    weights = _weights(evidence, rows)
    lost = (_right(evidence, rows) - truth) * weights[:, None]
    highest = float(_weights(evidence, evidence.anchors).max())
    mean = sampled_mean(lost[:, 0], 0.0, highest)
    assert mean.upper is not None
    lower = max(0.0, worst - mean.upper)
    value = min(best, max(lower, expected - float(lost[:, 1].mean())))
    return Estimate("sampled", value, lower, best, mean.confidence, checked.reason)


def macro_of_ranked(of: Ranked, evidence: Evidence) -> Estimate:
    """Mean over classes of the mean of a figure in [0, 1] over their anchors.

    Of ranked anchors alone is drawn by how much it falls short of precision@1, which is known of
    every anchor: that varies less than the figure, and precision@1 may be wrong.
    """
    if evidence.drawn is None or evidence.separated:
        found = _of_ranked(evidence, of)
        some = _classes_of(evidence)
        ends = (found.lower, found.value, found.upper)
        return open_to_ties(*(exact(float(each[some].mean())) for each in ends))
    drawn, anchors = evidence.drawn, evidence.anchors
    figures = of(evidence.ranks)[np.searchsorted(evidence.ranks.anchors, drawn)]
    weights = _weights(evidence, drawn)[:, None]
    short = (_right(evidence, drawn)[:, 1:2] - figures) * weights
    highest = float(_weights(evidence, anchors).max())
    some = _classes_of(evidence)
    base = float((_found_at_1(evidence)[some, 1] / _anchors_of(evidence)[some]).mean())
    why = f"{len(drawn)} of {len(anchors)} anchors drawn at random"

    def mean(each: Floats) -> Estimate:
        looks, population = evidence.looks, len(anchors)
        short = sampled_mean(each, -highest, highest, population=population, looks=looks)
        return _less(base, short).because(why)

    return open_to_ties(*map(mean, short.T))


def _less(base: float, short: Estimate) -> Estimate:
    """A share that falls short of a known one by a drawn mean."""
    assert short.value is not None
    assert short.lower is not None
    assert short.upper is not None
    ends = (base - short.value, base - short.upper, base - short.lower)
    value, lower, upper = (min(1.0, max(0.0, end)) for end in ends)
    return Estimate("sampled", value, lower, upper, short.confidence)


def _of_ranked(evidence: Evidence, of: Ranked) -> OfClasses:
    """Means of a figure in [0, 1] over the ranked anchors of each class.

    Of anchors that are not ranked it is 1 where every positive is surely nearer than every
    negative, and else anything.
    """
    ranks, counts = evidence.ranks, _anchors_of(evidence)
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


def _found_at_1(evidence: Evidence) -> Floats:
    """(C, 3) how many anchors of each class have a nearest row of it: worst, expected, best."""
    anchors = evidence.anchors
    total = np.zeros((len(evidence.data.classes), 3))
    for part in np.split(anchors, range(CHUNK, len(anchors), CHUNK)):
        total += _sums(evidence.data.codes_of(part), _right(evidence, part), len(total))
    return total


def _right(evidence: Evidence, rows: Rows) -> Floats:
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


def _weights(evidence: Evidence, rows: Rows) -> Floats:
    """(m,) what these anchors count for in a mean over classes; the mean over all anchors is 1."""
    counts = _anchors_of(evidence)
    share = len(evidence.anchors) / np.count_nonzero(counts)
    weights: Floats = share / counts[evidence.data.codes_of(rows)]
    return weights


def _anchors_of(evidence: Evidence) -> Rows:
    """(C,) how many anchors each class has."""
    ends = np.searchsorted(evidence.anchors, evidence.data.starts)  # ordered by class
    return np.diff(ends)


def _classes_of(evidence: Evidence) -> Rows:
    """The classes that have an anchor."""
    return np.flatnonzero(_anchors_of(evidence))


def _sums(codes: Rows, values: Floats, count: int) -> Floats:
    """(count, k) sums of (m, k) values by class."""
    columns = [np.bincount(codes, column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1)


MEANING = (
    "Macro average: every class counts the same, however rare, so it falls where rare classes fail "
    "and {micro} hardly moves. Classes without an anchor are left out. The figure of each class is "
    "in `classes` of the JSON report, and a gate can ask for that of the worst class, or of a "
    "named one: see `embaudit explain gate`. "
)
DRAWN = (
    "Where anchors are drawn, by how much those fall short of precision@1, which is known of all; "
    "the interval is wide where a class is rare."
)


def _macro(
    id: str, title: str, low: str, says: str, compute: Callable[[Evidence], Estimate], **more: str
) -> Measure:
    return Measure(
        id=f"macro_{id}",
        title=f"Macro {title}",
        group=GROUP,
        unit="fraction",
        better="higher",
        formula=f"mean over classes of the mean over their anchors of what {id} is the mean of",
        range="0 to 1",
        low=low,
        high="near 1: in rare classes, too",
        source=MACRO,
        says=says,
        meaning=(MEANING.format(micro=id) + more.get("drawn", "")).rstrip(),
        advice=f"Below {id}: rare classes fail; see the worst classes.",
        presets=USUAL,
        with_gallery=AGAINST,
        compute=compute,
    )


MACRO_PRECISION_AT_1 = _macro(
    "precision_at_1",
    "precision@1",
    "near the share of an average class: a neighbour is picked blindly",
    "of an average class, {value} of anchors have a nearest row with the right label",
    macro_precision_at_1,
)
MACRO_R_PRECISION = _macro(
    "r_precision",
    "R-precision",
    "positives of most classes are scattered",
    "of an average class, {value} of the R nearest rows are right",
    partial(macro_of_ranked, R_PRECISION),
    drawn=DRAWN,
)
MACRO_MAP_AT_R = _macro(
    "map_at_r",
    "MAP@R",
    "positives of most classes are scattered, or come after negatives",
    "mean average precision over the R nearest, of an average class, is {value}",
    partial(macro_of_ranked, AVERAGE_PRECISION),
    drawn=DRAWN,
)

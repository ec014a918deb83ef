"""Retrieval figures as their mean over classes: the macro averages."""

from collections.abc import Callable
from functools import partial

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact, open_to_ties
from embaudit.core.prepared_points import Floats, Rows
from embaudit.evidence import Evidence
from embaudit.measures.class_retrieval import (
    AVERAGE_PRECISION,
    R_PRECISION,
    Ranked,
    anchors_of_classes,
    found_at_1,
    of_ranked,
    right_at_1,
)
from embaudit.measures.measure import AGAINST, USUAL, Measure
from embaudit.measures.retrieval import GROUP
from embaudit.search import found_within

MACRO = "Sebastiani 2002, arXiv cs/0110053, section 7.1 (macroaveraging)"


def macro_precision_at_1(evidence: Evidence) -> Estimate:
    """Mean over classes of the precision@1 of their anchors."""
    some = _classes_of(evidence)
    found = found_at_1(evidence)[some] / anchors_of_classes(evidence)[some, None]
    worst, expected, best = map(float, found.mean(axis=0))
    checked = evidence.search_recall
    if checked is None:
        return open_to_ties(exact(worst), exact(expected), exact(best))
    check, rows = checked.check, checked.check.rows
    truth = found_within(
        1, check.closer_negatives, evidence.scan.tied_positives[rows], check.tied_negatives
    )
    weights = _weights(evidence, rows)
    lost = (right_at_1(evidence, rows) - truth) * weights[:, None]
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
        found = of_ranked(evidence, of)
        some = _classes_of(evidence)
        ends = (found.lower, found.value, found.upper)
        return open_to_ties(*(exact(float(each[some].mean())) for each in ends))
    drawn, anchors = evidence.drawn, evidence.anchors
    figures = of(evidence.ranks)[np.searchsorted(evidence.ranks.anchors, drawn)]
    weights = _weights(evidence, drawn)[:, None]
    short = (right_at_1(evidence, drawn)[:, 1:2] - figures) * weights
    highest = float(_weights(evidence, anchors).max())
    some = _classes_of(evidence)
    base = float((found_at_1(evidence)[some, 1] / anchors_of_classes(evidence)[some]).mean())
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


def _weights(evidence: Evidence, rows: Rows) -> Floats:
    """(m,) what these anchors count for in a mean over classes; the mean over all anchors is 1."""
    counts = anchors_of_classes(evidence)
    share = len(evidence.anchors) / np.count_nonzero(counts)
    weights: Floats = share / counts[evidence.data.codes_of(rows)]
    return weights


def _classes_of(evidence: Evidence) -> Rows:
    """The classes that have an anchor."""
    return np.flatnonzero(anchors_of_classes(evidence))


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

MEASURES = (MACRO_PRECISION_AT_1, MACRO_R_PRECISION, MACRO_MAP_AT_R)

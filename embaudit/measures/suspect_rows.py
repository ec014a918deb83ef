"""Which rows are suspect, and which classes simply overlap?"""

import math
from functools import partial

import numpy as np

from embaudit.core.intervals import Estimate, certified, exact
from embaudit.evidence import Evidence
from embaudit.evidence.ann_recall import APPROXIMATE
from embaudit.evidence.violation_causes import (
    AT_HOME,
    FURTHEST,
    MISLABEL,
    NEIGHBOURS,
    NOBODY,
    OVERLAP,
    SAME,
)
from embaudit.measures.confusion import confusions
from embaudit.measures.measure import UNDEFINED, USUAL, Measure
from embaudit.report.suspects import CULPRITS, REASONS, SURE, WRONG, Blame, ConfusedPair, CulpritRow

GROUP = "Suspect rows"
WORST = 200  # rows of each kind
PAIRS = 30
RULE_OF_THUMB = "A rule of thumb: look before you delete."
# python -m tests.bench.labels --sets held
ERRS = (
    "on 13 sets that nothing was chosen on, of suspects at 1, 5 and 20 % labels flipped at random "
    "89, 95 and 96 % were expected to be wrong and 96, 95 and 97 % were, and 73, 84 and 88 % of "
    "the flips were found; flipped to the nearest class, 76, 87 and 87 % were expected and 83, 88 "
    "and 91 % were, and 56, 70 and 71 % found. As given, these sets had 4 suspects. A single set "
    "may be further off, above all one of a dozen suspects or of classes that overlap."
)
TAIL = (
    "A row's score, in spreads of its class, is (r - m) / t: r its distance to the centre of the "
    "others of its class (the mean of the nearest three quarters of them), m the median of r over "
    "the class, t twice the way from m to the 75 % quantile (classes of a few rows borrow t from "
    "all). Of a class of two rows nothing can be told."
)


def flagged_rows(number: int, evidence: Evidence) -> Estimate:
    """How many rows are suspect for one reason."""
    found = int(np.count_nonzero(evidence.attribution.suspect_kind == number))
    undecided = evidence.attribution.undecided
    if evidence.search_recall is not None:
        if CULPRITS[number] == "duplicate":
            return certified(found, evidence.data.size, f"{APPROXIMATE}: there may be more")
        reason = f"{APPROXIMATE}: the nearest rows of other classes may be nearer"
        return Estimate("estimate", found, reason=reason)
    if CULPRITS[number] == "outlier" and undecided:
        reason = f"the neighbours of {undecided} more rows far from their class were not looked up"
        return certified(found, found + undecided, f"{reason}: --measures all looks up more")
    return exact(found)


def blame_of(evidence: Evidence) -> Blame:
    """The report's block: counts, the worst rows, confused pairs of classes."""
    found = evidence.attribution
    rows = np.bincount(found.suspect_kind[found.suspect_kind != NOBODY], minlength=len(CULPRITS))
    anchors = np.bincount(found.reason[found.reason != NOBODY], minlength=len(REASONS))
    wrong = found.wrong[found.suspect_kind == MISLABEL]
    return Blame(
        rows=dict(zip(CULPRITS, rows.tolist(), strict=True)),
        anchors=dict(zip(REASONS, anchors.tolist(), strict=True)),
        worst_rows=_worst_rows(evidence),
        confused_pairs=_confused_pairs(evidence),
        expected_wrong=math.fsum(wrong),
        sure=int(np.count_nonzero(wrong >= SURE)),
    )


def _worst_rows(evidence: Evidence) -> tuple[CulpritRow, ...]:
    """The surest first: labels by how probably they are wrong, others by how far off they are."""
    data, found = evidence.data, evidence.attribution
    codes, worst = data.codes, []
    for number, kind in enumerate(CULPRITS):
        rows = np.flatnonzero(found.suspect_kind == number)
        homes = found.homes(rows)
        # one that belongs nowhere is as far off as it is from its own class
        sure = found.scores[rows] - np.where(np.isnan(homes), 0.0, homes)
        if number == MISLABEL:
            sure = found.wrong[rows]
        order = np.lexsort((data.input_rows[rows], -found.blamed[rows], -sure))[:WORST]
        for row, home in zip(rows[order].tolist(), homes[order].tolist(), strict=True):
            likely = int(found.likely[row])
            worst.append(
                CulpritRow(
                    row=int(data.input_rows[row]),
                    id=data.id_of(row),
                    label=data.classes[codes[row]],
                    attribution=kind,
                    likely_label=None if likely < 0 else data.classes[likely],
                    blamed=int(found.blamed[row]),
                    score=float(found.scores[row]),
                    home_score=None if likely < 0 else home,
                    label_score=float(found.wrong[row]),
                )
            )
    return tuple(worst)


def _confused_pairs(evidence: Evidence) -> tuple[ConfusedPair, ...]:
    classes = evidence.data.classes
    one, other, amount, wrong = confusions(
        evidence, evidence.attribution.reason == OVERLAP, ordered=False
    )
    order = np.lexsort((other, one, -amount, -wrong))[:PAIRS]
    return tuple(
        ConfusedPair(
            labels=(classes[one[k]], classes[other[k]]),
            anchors=int(amount[k]),
            wrong_neighbours=int(wrong[k]),
        )
        for k in order.tolist()
    )


CROSS_LABEL_DUPLICATES, LIKELY_MISLABELS, OUTLIERS = (
    Measure(
        id=id,
        title=title,
        group=GROUP,
        unit="rows",
        better="lower",
        formula=formula,
        range="0 to N",
        low=low,
        high=high,
        source=source,
        says=says,
        meaning=meaning,
        advice=advice,
        presets=USUAL,
        with_gallery=UNDEFINED,
        compute=partial(flagged_rows, number),
        definition=definition,
    )
    for number, (
        id,
        title,
        definition,
        formula,
        low,
        high,
        source,
        says,
        meaning,
        advice,
    ) in enumerate(
        (
            (
                "cross_label_duplicates",
                "Duplicates under other labels",
                1,
                f"rows equal, or within {SAME:g} of rms_pair_distance, to a row of another label",
                "0: no vector has two labels",
                "labels contradict themselves, or many inputs have one vector: see duplicate_rows",
                "embaudit",
                "{value} rows have a twin under another label",
                "No embedding can separate one vector from itself. Both rows of a pair count: "
                "which of the labels is wrong, the embedding cannot tell. Of a collapsed model "
                "nearly all rows do.",
                "See blame.worst_rows: remove the copies, or fix their labels, before training.",
            ),
            (
                "likely_mislabels",
                "Likely mislabels",
                4,
                f"rows whose label is wrong with a probability of {WRONG:g} or more (label_score)",
                "0: no label stands out as wrong",
                "labels are noisy, or classes were mixed up; of cross_label_duplicates one is sure",
                "embaudit; the vote as in Brodley & Friedl 1999, the probability a local false "
                "discovery rate (Efron 2008) with decoys of opposite sign (Barber & Candes 2015)",
                "{value} rows have a label that is probably wrong",
                "A label's score is log(d_own^2 / d_other^2) to the centres of the row's class and "
                "of the nearest other one (without the quarter of rows that each is least sure of, "
                "the covariance within classes divided out), plus log(d_positive / d_negative) / 2 "
                "of the nearest ones, plus the share of the most frequent other class among the "
                f"{NEIGHBOURS} nearest rows less that of the own one. Its probability follows from "
                "the scores of the whole set: as many right labels are expected at +s as rows lie "
                "at -s, times odds that fall with s, as fast as those about 0 tell; what lies "
                "beyond them is wrong. A fifth of its log odds are those of a tail of right labels "
                "and a hump of wrong ones. So classes that overlap have few suspects. Rows without "
                "a label have no vote, nor say anything as a nearest negative. "
                f"How often that errs: {ERRS} {RULE_OF_THUMB}",
                "See blame.worst_rows for the class that each of them is likely of.",
            ),
            (
                "outliers",
                "Outliers",
                3,
                f"rows with a score above {FURTHEST:g} in their own class that belong neither "
                f"in another one (a score below {AT_HOME:g}) nor in a cluster of their own, where "
                f"half of their {NEIGHBOURS} nearest rows are of it and near; nor duplicates under "
                "other labels",
                "0: no class has stragglers",
                "stragglers, or heavy-tailed classes; see hardest_triplet_loss for the worst",
                "embaudit; Tukey's fences, for distances to a robust centre",
                "{value} rows lie far from their class, and near to no other",
                f"{TAIL} Each is the furthest positive of most of its class, so one outlier makes "
                "a whole class violate. In heavy-tailed or long classes a few in a hundred may be "
                f"called so. {RULE_OF_THUMB}",
                "See blame.worst_rows: broken inputs, other languages, blank images.",
            ),
        )
    )
)

MEASURES = (CROSS_LABEL_DUPLICATES, LIKELY_MISLABELS, OUTLIERS)

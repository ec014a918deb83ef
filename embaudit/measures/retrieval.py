"""What a nearest-neighbour search would find."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.intervals import Estimate, exact, open_to_ties, sampled_share, undefined
from embaudit.core.prepared_points import Floats, Rows
from embaudit.core.random_streams import PRECISION_ANCHORS, random_stream
from embaudit.evidence import Evidence
from embaudit.evidence.simple_random_sample import LEAST_ROWS, SimpleRandomSample
from embaudit.geometry.sample_retrieval import corrected
from embaudit.measures.measure import AGAINST, USUAL, Measure
from embaudit.search import found_within, nearest_counts

GROUP = "Retrieval"
CHUNK = 1 << 20  # anchors at a time: memory need not hold three figures of each
MUSGRAVE = "Musgrave et al. 2020, arXiv 2003.08505"
SELF = (
    "Every anchor is a query against all other rows; it is left out by its row, not by distance. "
    "Of rows that are equally far none is first: the value is what a random order of them is "
    "expected to give, the ends what the worst and the best order give."
)


def recall_at(k: int, evidence: Evidence) -> Estimate:
    """Share of anchors with a positive among their k nearest rows."""
    scan, checked, anchors = evidence.scan, evidence.search_recall, evidence.anchors

    def within(rows: Rows, closer: NDArray[Any], tied: NDArray[Any]) -> Floats:
        return found_within(k, closer, scan.tied_positives[rows], tied)

    def seen_within(rows: Rows) -> Floats:
        return within(rows, scan.closer_negatives[rows], scan.tied_negatives[rows])

    parts = np.split(anchors, range(CHUNK, len(anchors), CHUNK))
    found = sum(seen_within(part).sum(axis=0) for part in parts) / len(anchors)
    if checked is None:
        return open_to_ties(*map(exact, found.tolist()))
    check, rows = checked.check, checked.check.rows
    lost = seen_within(rows) - within(rows, check.closer_negatives, check.tied_negatives)
    worst, best = (checked.share_up_to(float(found[end]), lost[:, end] > 0) for end in (0, 2))
    middle = max(worst.lower, float(found[1] - lost[:, 1].mean()))
    return open_to_ties(worst, replace(best, value=middle), best)


def adjusted_precision_at_1(evidence: Evidence) -> Estimate:
    """(precision@1 - chance) / (1 - chance)."""
    chance, precision = evidence.chance, PRECISION_AT_1.compute(evidence)
    if chance == 1:
        return undefined("every other row is a positive")
    return precision.mapped(lambda value: corrected(value, chance))


def drawn_precision_at_1(evidence: Evidence) -> Estimate:
    """Precision@1 without a scan: of at most LEAST_ROWS anchors, each compared with all rows."""
    data, distinct = evidence.data, evidence.deduplicated
    anchors = np.flatnonzero(data.sizes[data.codes] > 1)
    rng = random_stream(evidence.seed, PRECISION_ANCHORS)
    sample = SimpleRandomSample.of(anchors, LEAST_ROWS, rng)
    right, wrong = nearest_counts(
        evidence.points,
        distinct.vector[distinct.group],
        data.codes,
        sample.rows,
        threads=evidence.threads,
        progress=evidence.progress,
    )
    found = np.stack((wrong == 0, right / (right + wrong), right > 0)).mean(axis=1)
    if sample.every:
        return open_to_ties(*map(exact, found.tolist()))
    why = f"{len(right)} of {len(anchors)} anchors drawn at random"
    worst, best = (
        sampled_share(int(which.sum()), len(right)).because(why)
        for which in (wrong == 0, right > 0)
    )
    return open_to_ties(worst, replace(best, value=float(found[1])), best)


def precision_with_own_rows(evidence: Evidence) -> float | None:
    """Precision@1 if queries that are rows of the gallery were matches of themselves.

    Over the queries that have a positive then. None where there are no such queries.
    """
    if not evidence.own_rows:
        return None
    crossing, scan, anchors = evidence.gallery_scan, evidence.scan, evidence.anchors
    positive, negative = crossing.itself_positive, crossing.itself_negative
    found = np.full(len(positive), np.nan)
    tied = scan.tied_negatives[anchors] + negative[anchors]
    within = found_within(1, scan.closer_negatives[anchors], scan.tied_positives[anchors], tied)
    found[anchors] = within[:, 1]
    found[negative & (scan.d2_nearest_positive > 0)] = 0  # itself is nearer
    distinct, gallery = crossing.distinct, crossing.groups[0]
    equal = np.bincount(distinct.vector[gallery], weights=distinct.count[gallery])
    group = distinct.group[crossing.itself[positive]]
    found[positive] = distinct.count[group] / equal[distinct.vector[group]]
    return float(np.nanmean(found))


def r_precision(evidence: Evidence) -> Estimate:
    """Mean share of positives among the R nearest."""
    return evidence.over_orders(evidence.ranks.r_precision)


def map_at_r(evidence: Evidence) -> Estimate:
    """Mean average precision over the R nearest."""
    return evidence.over_orders(evidence.ranks.average_precision)


PRECISION_AT_1 = Measure(
    id="precision_at_1",
    title="Precision@1",
    group=GROUP,
    unit="fraction",
    better="higher",
    formula="share of anchors whose nearest other row has their label",
    range="0 to 1; chance is about the share of the anchor's class",
    low="near chance: a neighbour is picked blindly; see class_collapse",
    high="near 1: a search finds the label; whether by a clear distance, nn_ratio tells",
    source=MUSGRAVE,
    definition=2,
    says="the nearest row has the right label for {value} of anchors",
    meaning=SELF,
    advice="Low with a high separation_auc: local overlap; see the confused classes.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=partial(recall_at, 1),
)
ADJUSTED_PRECISION_AT_1 = Measure(
    id="adjusted_precision_at_1",
    title="Precision@1 beyond chance",
    group=GROUP,
    unit="ratio",
    better="higher",
    formula="(precision_at_1 - chance) / (1 - chance), chance the mean over anchors of the share "
    "of their positives among the other rows",
    range="below 0 (worse than a blind guess) to 1; 0 is a blind guess",
    low="near 0: classes cannot be told apart by nearest neighbours; see class_collapse",
    high="near 1: nearest neighbours tell the class",
    source="Cohen 1960, kappa, for a random neighbour",
    says="of what a blind guess leaves open, the nearest row tells {value}",
    meaning="Comparable between sets of few and of many classes, of even and of lopsided ones.",
    advice="Low: look at the pairs of classes that mix, and at suspect labels. Gate on it rather "
    "than on precision_at_1 where the number of classes may change.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=adjusted_precision_at_1,
)
RECALLS = tuple(
    Measure(
        id=f"recall_at_{k}",
        title=f"Recall@{k}",
        group=GROUP,
        unit="fraction",
        better="higher",
        formula=f"share of anchors with a positive among their {k} nearest rows",
        range="0 to 1",
        low=f"many anchors have no positive among their {k} nearest: no list that short will do",
        high=f"a list of {k} nearly always holds a positive; map_at_r tells how early",
        source=MUSGRAVE,
        definition=2,
        says=f"a right label is among the {k} nearest for {{value}} of anchors",
        meaning=SELF,
        advice="Compare with precision_at_1: a large step means near misses.",
        presets=USUAL,
        with_gallery=AGAINST,
        compute=partial(recall_at, k),
    )
    for k in (5, 10)
)
R_PRECISION = Measure(
    id="r_precision",
    title="R-precision",
    group=GROUP,
    unit="fraction",
    better="higher",
    formula="mean_x of the share of positives among the R_x nearest, R_x = #positives of x",
    range="0 to 1",
    low="positives are scattered, or lie beyond negatives",
    high="near 1: what is nearest to an anchor is the whole of its class",
    source=MUSGRAVE,
    definition=2,
    says="{value} of the R nearest rows are right, R being the number of positives",
    meaning=f"{SELF} Sampled beyond a stated cost, as violated_triplets is.",
    advice="Low with a high precision_at_1: classes fall into several clusters.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=r_precision,
)
MAP_AT_R = Measure(
    id="map_at_r",
    title="MAP@R",
    group=GROUP,
    unit="fraction",
    better="higher",
    formula="mean_x (1 / R_x) sum over ranks i <= R_x that hold a positive of precision@i",
    range="0 to 1, at most r_precision",
    low="positives are scattered, or come after negatives; compare r_precision",
    high="near 1: positives come first, and nearly all of them",
    source=MUSGRAVE,
    definition=2,
    says="mean average precision over the R nearest is {value}",
    meaning=f"R-precision that also rewards the order. {SELF} Sampled beyond a stated "
    "cost, as violated_triplets is.",
    advice="Low with a high precision_at_1: later ranks go to other classes; see the confused "
    "classes.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=map_at_r,
)

MEASURES = (PRECISION_AT_1, ADJUSTED_PRECISION_AT_1, *RECALLS, R_PRECISION, MAP_AT_R)

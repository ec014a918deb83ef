"""What a nearest-neighbour search would find."""

from functools import partial

import numpy as np

from embaudit.bounds import Bound, exact, sampled_share
from embaudit.evidence import Evidence
from embaudit.measures.separation import USUAL
from embaudit.report import AGAINST, Measure
from embaudit.search import nearest_rows

GROUP = "Retrieval"
DRAWN = 1000  # anchors whose precision@1 is looked at where the set is not scanned
MUSGRAVE = "Musgrave et al. 2020, arXiv 2003.08505"
SELF = (
    "Every anchor is a query against all other rows; it is left out by its row, not by distance, "
    "and ties go to the lowest input row."
)


def recall_at(k: int, evidence: Evidence) -> Bound:
    """Share of anchors with a positive among their k nearest rows."""
    closer, checked = evidence.scan.closer_negatives, evidence.checked
    found = float((closer[evidence.anchors] < k).mean())
    if checked is None:
        return exact(found)
    lost = (closer[checked.check.rows] < k) & (checked.check.closer_negatives >= k)
    return checked.share_up_to(found, lost)


def drawn_precision_at_1(evidence: Evidence) -> Bound:
    """Precision@1 without a scan: of at most DRAWN anchors, each compared with all rows."""
    data, distinct = evidence.data, evidence.distinct
    anchors = np.flatnonzero(data.sizes[data.codes] > 1)
    rows = anchors
    if len(anchors) > DRAWN:
        rows = np.random.default_rng((evidence.seed, 5)).choice(anchors, DRAWN, replace=False)
    found = nearest_rows(
        evidence.points,
        distinct.vector[distinct.group],
        data.rows,
        rows,
        threads=evidence.threads,
        progress=evidence.progress,
    )
    hits = int((data.codes[found] == data.codes[rows]).sum())
    if len(rows) == len(anchors):
        return exact(hits / len(rows))
    return sampled_share(hits, len(rows)).because(
        f"{len(rows)} of {len(anchors)} anchors drawn at random"
    )


def r_precision(evidence: Evidence) -> Bound:
    """Mean share of positives among the R nearest."""
    return evidence.over_anchors(evidence.ranks.r_precision)


def map_at_r(evidence: Evidence) -> Bound:
    """Mean average precision over the R nearest."""
    return evidence.over_anchors(evidence.ranks.average_precision)


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
    says="the nearest row has the right label for {value} of anchors",
    meaning=SELF,
    advice="Low with a high separation_auc: local overlap; see the confused classes.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=partial(recall_at, 1),
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
    says="mean average precision over the R nearest is {value}",
    meaning=f"R-precision that also rewards the order. {SELF} Sampled beyond a stated "
    "cost, as violated_triplets is.",
    advice="The figure to compare checkpoints by in the metric-learning literature.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=map_at_r,
)

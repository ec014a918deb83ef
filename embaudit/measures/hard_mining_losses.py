"""What hard negative mining is left with over the whole set: its losses, or the margin to spare."""

import numpy as np

from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.evidence import Evidence
from embaudit.evidence.ann_recall import APPROXIMATE
from embaudit.measures.measure import AGAINST, EVERY, USUAL, Measure
from embaudit.measures.triplet_violations import GROUP, PAPER

OUTWARD = 1 + 1e-12


def hardest_triplet_loss(evidence: Evidence) -> Estimate:
    """max(L, 0)."""
    found = max(0.0, float(evidence.gaps.max())) * evidence.unit
    return exact(found) if evidence.search_recall is None else up_to_furthest(evidence, found)


def separation_margin(evidence: Evidence) -> Estimate:
    """-L where L <= 0."""
    largest = float(evidence.gaps.max())
    if largest > 0:
        return undefined("the classes are not triplet-separated: see hardest_triplet_loss")
    if evidence.search_recall is not None:
        return undefined("only an exhaustive search can tell: --search exact")
    return exact(abs(largest) * evidence.unit)


def batch_hard_loss(evidence: Evidence) -> Estimate:
    """Mean over anchors of max(g + alpha, 0)."""
    unit, margin, checked = evidence.unit, evidence.margin, evidence.search_recall
    found = float(np.maximum(evidence.gaps * unit + margin, 0).mean())
    if checked is None:
        return exact(found)
    seen, true = (np.maximum(gaps * unit + margin, 0) for gaps in checked.gaps)
    return checked.mean_from(found, true - seen, _furthest(evidence) + margin)


def _furthest(evidence: Evidence) -> float:
    """The furthest positive of all, in the user's units: no gap is larger."""
    furthest = evidence.scan.d2_furthest_positive[evidence.anchors]
    return float(np.sqrt(furthest.max())) * OUTWARD * evidence.unit


def up_to_furthest(evidence: Evidence, found: float) -> Estimate:
    """A gap of an approximate search, and the furthest positive, which none exceeds."""
    why = f"{APPROXIMATE}: no gap is above the distance of the furthest positive"
    return Estimate("certified", found, found, max(found, _furthest(evidence)), reason=why)


HARDEST_TRIPLET_LOSS = Measure(
    id="hardest_triplet_loss",
    title="Hardest triplet loss",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="max(L, 0), L = max_x (F_x - M_x)",
    range="0 and up; 0 exactly when the set is triplet-separated",
    low="even the worst anchor is almost right",
    high="one anchor at least is far off; gap_p99 tells whether others are",
    source=f"{PAPER}, eq. (3), at margin 0",
    says="the worst triplet is wrong by {value}",
    meaning=(
        "The triplet loss sampled by hard negative mining over the whole set. A supremum: one "
        "mislabelled row or outlier sets it, so read it beside the gap quantiles. Half of it "
        "bounds d_iso from below."
    ),
    advice="Look at the first of the hardest triplets: is it a mislabel?",
    presets=EVERY,
    with_gallery=AGAINST,
    compute=hardest_triplet_loss,
)
SEPARATION_MARGIN = Measure(
    id="separation_margin",
    title="Separation margin",
    group=GROUP,
    unit="distance",
    better="higher",
    formula="-L where L <= 0, L = max_x (F_x - M_x)",
    range="0 and up; undefined unless triplet-separated",
    low="separated by a hair: hardest_triplet_loss is 0 all the same",
    high="separated with room to spare",
    source=f"{PAPER}, Definition 1",
    says="every triplet is right by at least {value}",
    meaning="How far inside the triplet-separated maps the embedding lies.",
    advice="Compare it with the training margin.",
    presets=EVERY,
    with_gallery=AGAINST,
    compute=separation_margin,
)
BATCH_HARD_LOSS = Measure(
    id="batch_hard_loss",
    title="Batch-hard loss",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="mean_x max(F_x - M_x + alpha, 0)",
    range="0 and up; alpha (--margin) for a collapsed set",
    low="near 0: hardly an anchor is nearer than alpha to a violation",
    high="above alpha: a collapse would lower it",
    source="Hermans et al. 2017, arXiv 1703.07737, over the whole set",
    says="the batch-hard loss over the whole set is {value}",
    meaning=(
        "The loss of batch-hard training if the whole set were one batch, with alpha from "
        "--margin. A mean over all anchors, as in the paper; pytorch-metric-learning's default "
        "reducer leaves out anchors whose loss is 0, so its figure is this over the share of the "
        "others. A totally collapsed set has exactly alpha, so a larger loss means that "
        "collapse is downhill."
    ),
    advice="Above the margin: train with smaller batches or semi-hard mining; see collapse_risk.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=batch_hard_loss,
)

MEASURES = (HARDEST_TRIPLET_LOSS, SEPARATION_MARGIN, BATCH_HARD_LOSS)

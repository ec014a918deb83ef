"""Are the classes triplet-separated, and how far from it is each anchor?"""

from embaudit.core.intervals import Estimate, exact
from embaudit.core.prepared_points import Rows
from embaudit.evidence import ALL, LEAST_DECIDING, LEAST_RANKED, MORE, STANDARD, Evidence
from embaudit.measures.measure import AGAINST, EVERY, USUAL, Measure

GROUP = "Separation"
PAPER = "Xu et al. 2022, arXiv 2210.11173"
SAMPLED = (
    f"Counted on all anchors up to {STANDARD.ranked_pairs / 1e6:.0f} million pairs of an anchor "
    f"and a row, and up to {ALL.ranked_pairs / 1e9:.0f} billion with `all`. Beyond that on anchors "
    f"drawn at random ({LEAST_RANKED} at least), with an interval that holds for every "
    "distribution (betting, Waudby-Smith & Ramdas, arXiv 2010.09686). Where an absolute limit of a "
    f"gate lies within it, {MORE} times as many are drawn, and again, up to "
    f"{STANDARD.deciding / 1e9:.0f} billion pairs ({ALL.deciding / 1e9:.0f} billion with `all`), "
    f"or {LEAST_DECIDING:,} anchors."
)


def violating_anchors(evidence: Evidence) -> Estimate:
    """Share of anchors with g > 0."""
    found, checked = float((evidence.gaps > 0).mean()), evidence.search_recall
    if checked is None:
        return exact(found)
    seen, true = checked.gaps
    return checked.share_from(found, (true > 0) & (seen <= 0))


def violated_triplets(evidence: Evidence) -> Estimate:
    """Violated over all triplets."""
    if evidence.search_recall is None and not (evidence.gaps > 0).any():
        return exact(0.0, "no anchor violates")
    return _share_of_triplets(evidence, evidence.ranks.violated)


def tied_triplets(evidence: Evidence) -> Estimate:
    """Exact ties over all triplets."""
    if evidence.separated:
        return exact(0.0, "every positive is strictly nearer than every negative")
    return _share_of_triplets(evidence, evidence.ranks.tied)


def _share_of_triplets(evidence: Evidence, counted: Rows) -> Estimate:
    triplets = evidence.positives * evidence.negatives
    if evidence.drawn is None:
        return exact(int(counted.sum()) / int(triplets.sum()))
    # the triplets of every anchor are known, so the micro share is the mean of counts / mean
    mean = float(triplets.mean())
    share = evidence.over_anchors(counted / mean, float(triplets.max()) / mean)
    return Estimate(
        share.kind, share.value, share.lower, min(share.upper, 1.0), share.confidence, share.reason
    )


def separation_auc(evidence: Evidence) -> Estimate:
    """Mean over anchors of 1 - (violated + tied / 2) / triplets."""
    ranks = evidence.ranks
    return evidence.over_anchors(1 - (ranks.violated + ranks.tied / 2) / ranks.triplets)


VIOLATING_ANCHORS = Measure(
    id="violating_anchors",
    title="Violating anchors",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="#{x : F_x > M_x} / #anchors",
    range="0 to 1",
    low="0: triplet-separated, or collapsed: collapse_state tells which",
    high="usual on real data, where one bad positive is enough: violated_triplets and gap_p50 "
    "grade it",
    source=f"{PAPER}, Definition 1",
    says="{value} of anchors have some negative nearer than their furthest positive",
    meaning=(
        "F_x is the distance from anchor x to its furthest positive, M_x to its nearest negative. "
        "The set is triplet-separated when no anchor violates. One bad positive is enough to make "
        "an anchor violate, so on real data this saturates: read it with violated_triplets. A "
        "constant map has no violations at all: read it with collapse_state."
    ),
    advice="See hardest_triplets and the worst classes; look for mislabels and duplicates first.",
    presets=EVERY,
    with_gallery=AGAINST,
    compute=violating_anchors,
)
VIOLATED_TRIPLETS = Measure(
    id="violated_triplets",
    title="Violated triplets",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="sum_x #{(p, n) : d(x,p) > d(x,n)} / sum_x P_x N_x",
    range="0 to 1; 0.5 for embeddings that know nothing of the labels",
    low="near 0: positives are nearer than negatives; ties do that, too: see tied_triplets",
    high="near 0.5: distances hardly know the labels; above: they contradict them",
    source=f"{PAPER}, Definition 1, counted over all triplets",
    says="{value} of triplets put a negative nearer than a positive",
    meaning=(
        "Of all (anchor, positive, negative) triplets, the share that is in the wrong order. Micro "
        "average: every triplet counts the same, so large classes weigh more. "
        f"{SAMPLED} A tie is no violation. It is the graded figure to gate on, together with "
        "collapse_state."
    ),
    advice="Fix duplicates and mislabels first, then train on what the confused classes share: "
    "`embaudit mine` picks the triplets.",
    presets=EVERY,
    with_gallery=AGAINST,
    compute=violated_triplets,
)
TIED_TRIPLETS = Measure(
    id="tied_triplets",
    title="Tied triplets",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="sum_x #{(p, n) : d(x,p) = d(x,n)} / sum_x P_x N_x",
    range="0 to 1; near 0 unless rows repeat or values are quantised",
    low="as it should be: distances tell rows apart",
    high="rows repeat, or values are coarse; near 1: collapsed, whatever violated_triplets says",
    source="ties of Definition 1, which uses <=",
    says="{value} of triplets are exact ties, which count as separated",
    meaning=(
        "Exact equality in float64. A collapsed model has all triplets tied and none violated, so "
        "a set with many ties is not separated in any useful sense. Sampled beyond a stated cost, "
        "as violated_triplets is."
    ),
    advice="Many ties: look at duplicate_rows and point_collapse.",
    presets=EVERY,
    with_gallery=AGAINST,
    compute=tied_triplets,
)
SEPARATION_AUC = Measure(
    id="separation_auc",
    title="Separation AUC",
    group=GROUP,
    unit="fraction",
    better="higher",
    formula="mean_x [1 - (violated_x + tied_x / 2) / (P_x N_x)]",
    range="0 to 1; 0.5 is chance",
    low="near 0.5: a positive is no nearer than any other row; see class_collapse",
    high="near 1: positives are nearer than negatives for nearly all anchors; compare "
    "violated_triplets",
    source="the Mann-Whitney statistic of each anchor",
    says="a random positive is nearer than a random negative {value} of the time",
    meaning=(
        "For each anchor, the chance that a random positive is nearer than a random negative, ties "
        "counting half; then the mean over anchors. Macro average: every anchor counts the same, "
        "so it is not 1 - violated_triplets. Sampled beyond a stated cost, as violated_triplets is."
    ),
    advice="At 0.55 and below the embedding hardly knows the labels: see class_collapse.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=separation_auc,
)

MEASURES = (VIOLATED_TRIPLETS, VIOLATING_ANCHORS, TIED_TRIPLETS, SEPARATION_AUC)

"""Does a threshold on similarity tell pairs of one class from pairs of two?"""

from functools import partial

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import (
    CONFIDENCE,
    Estimate,
    certified,
    exact,
    quantile_ranks,
    sampled_share,
    undefined,
)
from embaudit.core.prepared_points import Floats
from embaudit.evidence import DRAWN_PAIRS, Evidence
from embaudit.evidence.ann_recall import APPROXIMATE
from embaudit.geometry.pair_sampling import PairDistances
from embaudit.measures.hypersphere import no_direction
from embaudit.measures.measure import DEAR, UNDEFINED, Measure
from embaudit.measures.nn_margin import GROUP
from embaudit.search import AnchorScan, scan_anchors

TAIL = 0.01  # beyond which similarities are too fragile to be compared
FALSE_ACCEPT_ONE_IN = 1000
HALF = (1 + CONFIDENCE) / 2  # confidence of each of two intervals, so that both hold at CONFIDENCE
UNPG = "Jung et al. 2022, arXiv 2203.11593"
NO_PAIRS = "no two rows are of one class"


def wdfs_gap(evidence: Evidence) -> Estimate:
    """Least similarity of a positive pair less the greatest of a negative pair."""
    zero = evidence.unit_points[1]
    if zero:
        return undefined(no_direction(zero))
    scan = evidence.scan if evidence.metric == "cosine" else _scan_of_directions(evidence)
    furthest = float(scan.d2_furthest_positive[scan.anchor].max())
    nearest = float(scan.d2_nearest_negative[scan.anchor].min())
    gap = (nearest - furthest) / 2  # |u - v|^2 = 2 - 2 cos
    if scan.check is None:
        return exact(gap)
    why = f"{APPROXIMATE}: a negative pair may be more similar, to 1 at most"
    return certified(min(gap, -furthest / 2), gap, why)


def _scan_of_directions(evidence: Evidence) -> AnchorScan:
    """The scan of an audit under cosine."""
    return scan_anchors(
        evidence.data,
        evidence.unit_points[0],
        block_rows=evidence.block_rows,
        threads=evidence.threads,
        progress=evidence.progress,
        approximate=evidence.approximate,
        seed=evidence.seed,
    )


def wdfs_gap_p1(evidence: Evidence) -> Estimate:
    """1 % quantile of positive similarities less the 99 % quantile of negative ones."""
    points, zero = evidence.unit_points
    if zero:
        return undefined(no_direction(zero))
    pairs = evidence.pair_distances
    if evidence.metric != "cosine":
        pairs = evidence.pair_distances_of(points)
    if pairs is None:
        return undefined(NO_PAIRS)
    positive, negative = (np.sort(1 - squared / 2) for squared in (pairs.positive, pairs.negative))
    low = _quantile(positive, TAIL, pairs.every)
    high = _quantile(negative, 1 - TAIL, pairs.every)
    if pairs.every:
        return exact(low[1] - high[1])
    ends = low[0] - high[2], low[2] - high[0]
    return Estimate("sampled", low[1] - high[1], *ends, CONFIDENCE, _drawn(pairs))


def _quantile(ordered: Floats, level: float, every: bool) -> tuple[float, float, float]:
    """Lower end, value and upper end of a quantile of similarities."""
    value = float(np.quantile(ordered, level, method="inverted_cdf"))
    if every:
        return value, value, value
    low, high = quantile_ranks(level, len(ordered), HALF)
    return (
        float(ordered[low - 1]) if low else -1.0,
        value,
        float(ordered[high - 1]) if high <= len(ordered) else 1.0,
    )


def pair_auc(evidence: Evidence) -> Estimate:
    """Chance that a random positive pair is nearer than a random negative pair."""
    pairs = evidence.pair_distances
    if pairs is None:
        return undefined(NO_PAIRS)
    if not pairs.every:  # each positive pair against one negative pair: independent trials
        wins = (pairs.positive < pairs.negative) + (pairs.positive == pairs.negative) / 2
        return sampled_mean(wins, 0.0, 1.0).because(_drawn(pairs))
    ordered = np.sort(pairs.negative)
    further = len(ordered) - np.searchsorted(ordered, pairs.positive, side="right")
    not_nearer = len(ordered) - np.searchsorted(ordered, pairs.positive, side="left")
    return exact((int(further.sum()) + int(not_nearer.sum())) / 2 / len(ordered) / len(further))


def tar_at_far_1e3(evidence: Evidence) -> Estimate:
    """Share of positive pairs accepted where at most 0.1 % of negative pairs are."""
    pairs = evidence.pair_distances
    if pairs is None:
        return undefined(NO_PAIRS)
    positive, negative = np.sort(pairs.positive), np.sort(pairs.negative)
    # accepted is what is strictly nearer than the first negative pair that is one too many
    allowed = len(negative) // FALSE_ACCEPT_ONE_IN
    accepted = int(np.searchsorted(positive, negative[allowed]))
    if pairs.every:
        return exact(accepted / len(positive))
    low, high = quantile_ranks(1 / FALSE_ACCEPT_ONE_IN, len(negative), HALF)
    least = int(np.searchsorted(positive, negative[low - 1])) if low else 0
    most = int(np.searchsorted(positive, negative[high - 1]))
    return Estimate(
        "sampled",
        accepted / len(positive),
        sampled_share(least, len(positive), HALF).lower,
        sampled_share(most, len(positive), HALF).upper,
        CONFIDENCE,
        _drawn(pairs),
    )


def _drawn(pairs: PairDistances) -> str:
    return f"{len(pairs.positive):,} positive and as many negative pairs drawn"


spec = partial(Measure, group=GROUP, better="higher", presets=DEAR, with_gallery=UNDEFINED)
WDFS_GAP = spec(
    id="wdfs_gap",
    title="WDFS gap",
    unit="ratio",
    formula="min over positive pairs of cos - max over anchors' negative pairs of cos",
    range="-2 to 2; above 0 all positive pairs are more similar than all negative ones; undefined "
    "where a row is zero",
    low="below 0: no single threshold is right for every pair",
    high="above 0: one threshold on the cosine is, with that much room",
    source=f"{UNPG}, the well-discriminative feature space",
    says="the least similar positive pair is {value} above the most similar negative pair",
    meaning=(
        "Above 0, one threshold on the cosine verifies every pair, and the directions are "
        "triplet-separated; the reverse does not hold, as each anchor could have a threshold of "
        "its own. On real data two bad rows make it negative: read it with wdfs_gap_p1. Always on "
        "unit rows; under l2 they need a search of their own. Pairs of two rows that are alone in "
        "their classes are left out: neither is an anchor."
    ),
    advice="Negative while wdfs_gap_p1 is not: a few rows; look at the hardest triplets.",
    compute=wdfs_gap,
)
WDFS_GAP_P1 = spec(
    id="wdfs_gap_p1",
    title="WDFS gap, 1 % cut off",
    unit="ratio",
    formula="1 % quantile of cos over positive pairs - 99 % quantile of cos over negative pairs",
    range="-2 to 2; undefined where a row is zero",
    low="below 0: every threshold errs on more than 1 % of one kind of pairs; see pair_auc",
    high="above 0: some threshold errs on at most 1 % of either kind",
    source=f"{UNPG}, with quantiles for extremes",
    says="99 % of positive pairs are {value} above 99 % of negative pairs in the cosine",
    meaning=(
        "The gap of wdfs_gap without the 1 % of pairs on either side that one outlier can move. "
        "Above 0: a threshold errs on at most 1 % of either kind. Always on unit rows. All pairs "
        f"up to a stated number, beyond it {DRAWN_PAIRS:,} of each kind, drawn independently, with "
        "an interval."
    ),
    advice="Below 0: no threshold will do; look at the confused classes.",
    compute=wdfs_gap_p1,
)
PAIR_AUC = spec(
    id="pair_auc",
    title="Pair AUC",
    unit="fraction",
    formula="P(d(positive pair) < d(negative pair)) + P(equal) / 2",
    range="0 to 1; 0.5 is chance",
    low="near 0.5: a threshold tells pairs apart no better than chance",
    high="near 1: one threshold tells nearly all pairs apart; tar_at_far_1e3 asks for more",
    source="area under the ROC curve of verification; the Mann-Whitney statistic of pairs",
    says="a random positive pair is nearer than a random negative pair {value} of the time",
    meaning=(
        "Similarity is the negative distance of the audited metric. Unlike separation_auc, the "
        "pairs share no anchor: one threshold has to serve the whole set, so a class that is "
        "wider than others costs. All pairs up to a stated number, beyond it "
        f"{DRAWN_PAIRS:,} of each kind, drawn independently, with an interval."
    ),
    advice="Well below separation_auc: classes of unequal width; normalise, or use a threshold "
    "for each class.",
    compute=pair_auc,
)
TAR_AT_FAR_1E3 = spec(
    id="tar_at_far_1e3",
    title="TAR at FAR 0.1 %",
    unit="fraction",
    formula="share of positive pairs with d < t, t the largest with #{negative pairs with d < t} "
    "<= 0.001 #negative pairs",
    range="0 to 1",
    low="some negative pairs are nearer than most positive ones",
    high="near 1: nearly all positive pairs get in, and next to no negative one",
    source="verification as NIST reports it: true accepts at a false accept rate of 1e-3",
    says="{value} of positive pairs are accepted where 0.1 % of negative pairs are",
    meaning=(
        "A system that accepts pairs by one threshold on the distance, set so that at most one "
        "negative pair in a thousand gets in: how many positive pairs does it recognise? Ties at "
        "the threshold are rejected. Of fewer than 1,000 negative pairs none gets in. All pairs up "
        f"to a stated number, beyond it {DRAWN_PAIRS:,} of each kind, drawn independently; the "
        "interval holds for the threshold and the share together."
    ),
    advice="Low with a high pair_auc: a few negative pairs are very near; see wdfs_gap.",
    compute=tar_at_far_1e3,
)

MEASURES = (WDFS_GAP, WDFS_GAP_P1, PAIR_AUC, TAR_AT_FAR_1E3)

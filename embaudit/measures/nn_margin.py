"""How much nearer is the nearest positive than the nearest negative?"""

import math
from functools import partial

import numpy as np

from embaudit.core.intervals import CONFIDENCE, Estimate, exact, undefined
from embaudit.core.prepared_points import Floats
from embaudit.evidence import Evidence
from embaudit.evidence.ann_recall import APPROXIMATE, gaps_of
from embaudit.measures.hard_mining_losses import OUTWARD
from embaudit.measures.measure import AGAINST, DEAR, USUAL, Measure

GROUP = "Pair separation"


def nn_ratio(evidence: Evidence) -> Estimate:
    """Mean over anchors of NN_neg / (NN_pos + NN_neg)."""
    positive, negative = _nearest(evidence)
    checked = evidence.search_recall
    told = (positive > 0) | (negative > 0)
    left_out = int((~told).sum())
    if not told.any():
        return undefined("every anchor coincides with a positive and a negative: 0 / 0")
    found = float(_shares(positive[told], negative[told]).mean())
    reason = f"{left_out:,} anchors left out that coincide with a positive and a negative: 0 / 0"
    if checked is None:
        return exact(found, reason if left_out else None)
    if not positive.all():
        # a missed negative may be at distance 0, and then its anchor counts for nothing
        return Estimate("estimate", found, reason=f"{APPROXIMATE}, and some anchors have a twin")
    # a missed negative is nearer than the one found: the mean is at most what was found
    rows, check = checked.check.rows, checked.check
    to_positive = evidence.scan.d2_nearest_positive[rows]
    seen = _shares(to_positive, evidence.scan.d2_nearest_negative[rows])
    rest = checked.mean_from(1 - found, seen - _shares(to_positive, check.d2_nearest_negative), 1.0)
    assert rest.value is not None
    value, lower = 1 - rest.value, max(0.0, 1 - rest.upper)
    return Estimate("sampled", min(max(value, lower), found), lower, found, CONFIDENCE, rest.reason)


def _nearest(evidence: Evidence) -> tuple[Floats, Floats]:
    """Squared distances of the nearest positive and negative of each anchor."""
    scan, anchors = evidence.scan, evidence.anchors
    return scan.d2_nearest_positive[anchors], scan.d2_nearest_negative[anchors]


def _shares(positive: Floats, negative: Floats) -> Floats:
    """NN_neg / (NN_pos + NN_neg) from squared distances, not both 0."""
    to_negative = np.sqrt(negative)
    shares: Floats = to_negative / (np.sqrt(positive) + to_negative)
    return shares


def certified_radius(level: float, evidence: Evidence) -> Estimate:
    """A quantile over anchors of (NN_neg - NN_pos) / 2."""
    positive, negative = _nearest(evidence)
    radii, unit = gaps_of(negative, positive) / 2, evidence.unit
    found = float(np.quantile(radii, level)) * unit
    checked = evidence.search_recall
    if checked is None:
        return exact(found)
    # the anchors whose negative was missed could all lie below; none lies above
    rank = int(level * (len(radii) - 1)) - math.ceil(checked.missed * len(radii))
    if rank < 0:
        lower = -float(np.sqrt(positive.max())) / 2 * OUTWARD * unit
        why = f"{APPROXIMATE}: no radius is below half the furthest nearest positive"
        return Estimate("certified", found, min(lower, found), found, reason=why)
    lower = float(np.partition(radii, rank)[rank]) * unit
    return Estimate("sampled", found, lower, found, CONFIDENCE, checked.reason)


NN_RATIO = Measure(
    id="nn_ratio",
    title="Nearest-neighbour ratio",
    group=GROUP,
    unit="ratio",
    better="higher",
    formula="mean_x NN_neg(x) / (NN_pos(x) + NN_neg(x))",
    range="0 to 1; 0.5 where the nearest positive and negative are equally far",
    low="at 0.5 and below: a nearest neighbour is a coin flip, or worse",
    high="near 1: the right neighbour is clearly nearer",
    source="Lowe 2004, Int. J. Computer Vision 60: the distance ratio test, as a share",
    says="the nearest negative's share of both nearest distances is {value}",
    meaning=(
        "NN_pos and NN_neg are the distances from an anchor to its nearest positive and to its "
        "nearest negative. Graded where precision_at_1 only counts. "
        "Anchors at distance 0 of both have no ratio: they are left out and counted."
    ),
    advice="High precision_at_1 with a ratio near 0.5: right by a hair; expect it not to last.",
    presets=USUAL,
    with_gallery=AGAINST,
    compute=nn_ratio,
)
CERTIFIED_RADII = tuple(
    Measure(
        id=id,
        title=title,
        group=GROUP,
        unit="distance",
        better="higher",
        formula=f"{named} over anchors of (NN_neg(x) - NN_pos(x)) / 2",
        range="any; negative where the nearest row is a negative already",
        low="near 0: right by a hair; below: wrong already, as precision_at_1 counts",
        high=f"{which} keep the label that a search finds under noise of that size",
        source="Wang et al. 2018, arXiv 1706.03922, on the robustness of nearest neighbours",
        says=f"{which} may move {{value}} before the nearest row may be of another class",
        meaning=(
            "If an anchor moves by less than this, its nearest positive stays nearer than every "
            "negative, by the triangle inequality: the label that a nearest-neighbour search finds "
            "for it cannot change. The other rows stay where they are. Negative: the label is "
            "wrong now, and the anchor has to move that far at least to be right. Under cosine it "
            "is a length of the chord between unit rows."
        ),
        advice="Compare with how far an input's embedding moves under noise or augmentation.",
        presets=DEAR,
        with_gallery=AGAINST,
        compute=partial(certified_radius, level),
    )
    for id, title, named, which, level in (
        ("certified_radius", "Certified radius", "median", "half of the anchors", 0.5),
        (
            "certified_radius_p5",
            "Certified radius, 5 % quantile",
            "5 % quantile",
            "all but 5 % of the anchors",
            0.05,
        ),
    )
)

MEASURES = (NN_RATIO, *CERTIFIED_RADII)

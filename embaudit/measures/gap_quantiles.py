"""How gaps are distributed over anchors: furthest positive minus nearest negative."""

from functools import partial

import numpy as np

from embaudit.core.intervals import CONFIDENCE, Estimate, exact
from embaudit.evidence import Evidence
from embaudit.measures.hard_mining_losses import up_to_furthest
from embaudit.measures.measure import AGAINST, USUAL, Measure
from embaudit.measures.triplet_violations import GROUP


def gap_quantile(percent: int, evidence: Evidence) -> Estimate:
    """A quantile of g over anchors."""
    found = float(np.quantile(evidence.gaps, percent / 100)) * evidence.unit
    checked = evidence.search_recall
    if checked is None:
        return exact(found)
    # the anchors that the search may have missed could all lie above; none lies below
    level = percent / 100 + checked.missed
    if level > 1:
        return up_to_furthest(evidence, found)
    upper = float(np.quantile(evidence.gaps, level, method="higher")) * evidence.unit
    return Estimate("sampled", found, found, upper, CONFIDENCE, checked.reason)


GAP_QUANTILES = tuple(
    Measure(
        id=f"gap_p{percent}",
        title=f"Gap, {percent} % quantile",
        group=GROUP,
        unit="distance",
        better="lower",
        formula=f"{percent} % quantile over anchors of F_x - M_x",
        range="any; negative is separated",
        low=f"at most 0: about {percent} % of the anchors or more do not violate",
        high=f"above 0: about {100 - percent} % or more do; violating_anchors has the share",
        source="F and M of hard negative mining, linear interpolation between order statistics",
        says=f"{percent} % of anchors have a gap of at most {{value}}",
        meaning=(
            "The gap g_x = F_x - M_x of an anchor is how far its furthest positive lies beyond its "
            "nearest negative. The quantiles grade what the hardest triplet alone cannot."
        ),
        advice="A long upper tail: a few bad rows. A shifted middle: the classes overlap.",
        presets=USUAL,
        with_gallery=AGAINST,
        compute=partial(gap_quantile, percent),
    )
    for percent in (1, 5, 25, 50, 75, 95, 99)
)

MEASURES = (*GAP_QUANTILES,)

"""What d_iso and d_haus look like on subsets, where the whole set is too large to search near."""

from collections.abc import Callable

import numpy as np

from embaudit.core.intervals import Estimate, undefined
from embaudit.core.prepared_points import Floats
from embaudit.evidence import Evidence
from embaudit.geometry.map_distortion import changed, moved
from embaudit.geometry.separated_map import MapSearch
from embaudit.measures.measure import DEAR, UNDEFINED, Measure
from embaudit.measures.separation_distance import GROUP
from embaudit.measures.triplet_violations import PAPER


def d_iso_estimate(evidence: Evidence) -> Estimate:
    """Mean over subsets of the isometric error to the nearest separated map found."""
    return _estimate(evidence, lambda near: near.isometric, changed, "d_iso")


def d_haus_estimate(evidence: Evidence) -> Estimate:
    """Mean over subsets of the distance to the nearest separated map found."""
    return _estimate(evidence, lambda near: near.hausdorff, moved, "d_haus")


def _estimate(
    evidence: Evidence,
    found: Callable[[MapSearch], Floats | None],
    distance: Callable[[Floats, Floats], float],
    whole: str,
) -> Estimate:
    if float(evidence.gaps.max()) <= 0:
        return undefined(f"the classes are triplet-separated as far as is known: see {whole}")
    if evidence.separated_maps.search is not None:
        return undefined(f"the whole set is searched: see {whole}")
    maps = [(near, found(near)) for near in evidence.separated_maps.subsets]
    values = [distance(near.rows, g) for near, g in maps if g is not None]
    if not values:
        return undefined("no separated map but collapse was found near the subsets")
    rows = ", ".join(f"{len(near.rows):,}" for near, _ in maps)
    reason = f"mean over subsets of {rows} rows, each with the hardest triplets"
    return Estimate("estimate", float(np.mean(values)) * evidence.unit, reason=reason)


MEANING = (
    "Stratified subsets, each with the rows of the hardest triplets, are searched for a near "
    "separated map as a batch-sized set is. {whole} of a subset is never above that of the whole "
    "set, and a map found is never below that of its subset: the mean is a figure to compare, "
    "not a bound. It tells where in the certified interval of {whole} the truth may lie."
)

D_ISO_ESTIMATE = Measure(
    id="d_iso_estimate",
    title="d_iso of subsets",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="mean over subsets S of sup_{x,y in S} | |f(x)-f(y)| - |g(x)-g(y)| |, g found near S",
    range="0 to the diameter; undefined where the whole set is searched",
    low="well below d_iso: few rows set the distance of the whole set",
    high="as high as d_iso: what violates is everywhere",
    source=f"{PAPER}, Definition 4, on stratified subsets; an estimate",
    says="on subsets, some pair distance must change by about {value} to separate all triplets",
    meaning=MEANING.format(whole="d_iso"),
    advice="Read d_iso first; near its lower end, the hardest triplet alone sets the distance.",
    presets=DEAR,
    with_gallery=UNDEFINED,
    compute=d_iso_estimate,
)
D_HAUS_ESTIMATE = Measure(
    id="d_haus_estimate",
    title="d_haus of subsets",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="mean over subsets S of sup_{x in S} |f(x) - g(x)|, g found near S",
    range="0 to the radius of the enclosing ball; undefined where the whole set is searched",
    low="well below d_haus: few rows set the distance of the whole set",
    high="as high as d_haus: what violates is everywhere",
    source=f"{PAPER}, eqs. (11), (12), on stratified subsets; an estimate",
    says="on subsets, some row must move by about {value} to separate all triplets",
    meaning=MEANING.format(whole="d_haus"),
    advice="Read d_haus first; near its lower end, the hardest anchor alone sets the distance.",
    presets=DEAR,
    with_gallery=UNDEFINED,
    compute=d_haus_estimate,
)

MEASURES = (D_ISO_ESTIMATE, D_HAUS_ESTIMATE)

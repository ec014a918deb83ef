"""How far is the embedding from the nearest triplet-separated map? Certified intervals."""

import math

from embaudit.bounds import Bound, certified, exact
from embaudit.evidence import Evidence
from embaudit.geometry.witnesses import ClassShrink, apply, class_shrink
from embaudit.measures.separation import EVERY, PAPER
from embaudit.report import Measure
from embaudit.search import isometric_error

GROUP = "Distance to a triplet-separated map"
STRETCH = 0.3  # of the class centres; on trained embeddings it gave the smallest d_iso
OUTWARD = 1 + 1e-12


def d_iso(evidence: Evidence) -> Bound:
    """Isometric error to the nearest triplet-separated map."""
    least = _hardest_gap(evidence)
    if least is None:
        return exact(0.0, "the classes are triplet-separated")
    upper, name = min(_isometric_uppers(evidence))
    return _interval(evidence, least / 2, upper, "L/2", name)


def d_haus(evidence: Evidence) -> Bound:
    """Hausdorff-like distance to the nearest triplet-separated map."""
    least = _hardest_gap(evidence)
    if least is None:
        return exact(0.0, "the classes are triplet-separated")
    witness = _shrink(evidence)
    uppers = [
        (float(evidence.ball.radii[0]), "collapse to the centre of an enclosing ball"),
        (witness.displacement, _name(witness)),
    ]
    upper, name = min(uppers)
    return _interval(evidence, least / 4, upper, "L/4", name)


def _hardest_gap(evidence: Evidence) -> float | None:
    """L rounded down, None where the set is triplet-separated."""
    at = int(evidence.gaps.argmax())
    largest = float(evidence.gaps[at])
    if largest <= 0:
        return None if evidence.checked is None else 0.0
    furthest = math.sqrt(evidence.scan.d2_furthest_positive[evidence.anchors[at]])
    rounding = (evidence.data.dim + 8) * 2.0**-52 * furthest
    return max(0.0, largest - rounding)


def _interval(evidence: Evidence, lower: float, upper: float, rule: str, witness: str) -> Bound:
    unit = evidence.unit
    reason = f"lower end: {rule} of the hardest triplet; upper end: {witness}"
    return certified(lower * unit, upper * unit, reason)


def _shrink(evidence: Evidence, stretch: float | None = None) -> ClassShrink:
    starts, mean = evidence.data.starts, evidence.moments.mean
    return class_shrink(evidence.class_balls, starts, evidence.centre_gaps, mean, stretch)


def _name(witness: ClassShrink) -> str:
    stretched = f", centres spread by {witness.stretch:.2g}" if witness.stretch else ""
    return f"every class shrunk about its centre{stretched}"


def _isometric_uppers(evidence: Evidence) -> list[tuple[float, str]]:
    """Upper ends for d_iso, each with the witness it belongs to."""
    witness = _shrink(evidence)
    uppers = [
        (evidence.extent.upper * OUTWARD, "collapse to one point (the diameter)"),
        (2 * witness.displacement, f"{_name(witness)} (twice its largest displacement)"),
    ]
    if evidence.data.size**2 / 2 * evidence.data.dim <= evidence.budget.isometry:
        spread = _shrink(evidence, STRETCH)
        mean, points = evidence.moments.mean, evidence.points
        after = apply(spread, evidence.class_balls, mean, points, evidence.data.codes)
        worst = isometric_error(points, after, evidence.progress)
        uppers.append((worst, f"{_name(spread)} (all pairs compared)"))
    return uppers


D_ISO = Measure(
    id="d_iso",
    title="Isometric error to F_TS",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="inf over triplet-separated g of sup_{x,y} | |f(x)-f(y)| - |g(x)-g(y)| |",
    range="0 (triplet-separated) to the diameter",
    source=f"{PAPER}, Definition 4",
    says="some pair distance must change by {value} to separate all triplets",
    meaning=(
        "How much pair distances must change before the classes are triplet-separated. Certified: "
        "from below by half the hardest triplet's violation, from above by a triplet-separated map "
        "built from the data. Theorem 3's upper side (2 L) is not relied on: two regular simplices "
        "in orthogonal subspaces with far satellites give d_iso / L above 2 from 12 dimensions on, "
        "and without bound as the dimension grows; its eq. (37) fails already on a line, for one "
        "class at 0 and 2, a second at 1 and a third at 1000. "
        "Under cosine the map may leave the sphere: the paper's maps go into R^n."
    ),
    advice="Compare its relative length between checkpoints; a supremum, so look at outliers.",
    presets=EVERY,
    compute=d_iso,
)
D_HAUS = Measure(
    id="d_haus",
    title="Distance to F_TS",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="inf over triplet-separated g of sup_x |f(x) - g(x)|",
    range="0 (triplet-separated) to the radius of the enclosing ball; at least d_iso / 2",
    source=f"{PAPER}, eqs. (11), (12)",
    says="some row must move by {value} to separate all triplets",
    meaning=(
        "How far rows must move before the classes are triplet-separated. Certified: a quarter of "
        "the hardest triplet's violation from below, a triplet-separated map from above. The "
        "paper's bound through the c-IAP constant is not needed."
    ),
    advice="If it is near the radius of the set, collapse itself is a nearest separated map.",
    presets=EVERY,
    compute=d_haus,
)

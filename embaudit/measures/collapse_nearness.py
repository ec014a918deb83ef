"""How near is collapse? The distance to a triplet-separated map beside that to a single point."""

import math

from embaudit.core.intervals import Estimate, certified, exact, undefined
from embaudit.evidence import Evidence
from embaudit.measures.measure import UNDEFINED, USUAL, Measure
from embaudit.measures.separation_distance import GROUP, d_haus
from embaudit.measures.triplet_violations import PAPER

ROUNDING = 1e-14  # of a product and a quotient, relative


def enclosing_radius(evidence: Evidence) -> Estimate:
    """Radius of the minimum enclosing ball."""
    if evidence.distinct_vectors == 1:
        return exact(0.0, "all rows coincide")
    ball, unit = evidence.smallest_ball, evidence.unit
    reason = "lower end: weights on a core-set; upper end: the furthest row from the best centre"
    return certified(ball.lower * unit, ball.upper * unit, reason)


def collapse_nearness(evidence: Evidence) -> Estimate:
    """d_haus over the radius of the minimum enclosing ball."""
    if evidence.distinct_vectors == 1:
        return undefined("the enclosing radius is 0: all rows coincide")
    distance, radius = d_haus(evidence), enclosing_radius(evidence)
    if distance.kind == "exact" and distance.value == 0:
        return distance
    if not distance.known or math.isinf(distance.lower):
        return distance
    lower = distance.lower / radius.upper * (1 - ROUNDING)
    upper = 1.0  # collapse itself is triplet-separated
    if distance.upper < radius.lower:
        upper = min(1.0, distance.upper / radius.lower * (1 + ROUNDING))
    reason = f"enclosing radius between {radius.lower:.6g} and {radius.upper:.6g}"
    return certified(min(lower, upper), upper, f"{reason}; d_haus: {distance.reason}")


COLLAPSE_NEARNESS = Measure(
    id="collapse_nearness",
    title="Nearness of collapse",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="d_haus(f, F_TS) / R, R the radius of the minimum enclosing ball",
    range="0 (triplet-separated) to 1; undefined when all rows coincide",
    low="near 0: a separated map is far nearer than collapse",
    high="near 1: hardly a separated map is nearer; collapse_risk forecasts whether training goes "
    "there",
    source=f"{PAPER}, eqs. (11), (12), over the distance to total collapse",
    says="the nearest triplet-separated map is {value} times as far as total collapse",
    meaning=(
        "Collapse to one point separates all triplets too (with ties), and its distance from the "
        "embedding is the radius R of the smallest ball round all rows. 1: nothing is nearer, so "
        "collapse is itself a nearest triplet-separated map, which the paper's account of collapse "
        "assumes. Below: every nearest such map keeps a radius of at least (1 - value) R. Free of "
        "scale and of rigid motions. Certified: the lower end of d_haus over the upper end of R, "
        "and the other way round; R is enclosed by a ball that holds all rows and by weights on "
        "some of them (R^2 is at least their weighted variance). How tight d_haus is decides the "
        "width of the interval; the search for its maps and for the ball's centre is heuristic."
    ),
    advice="An upper end near 1 does not prove that collapse is near; a low one proves it is not.",
    presets=USUAL,
    with_gallery=UNDEFINED,
    compute=collapse_nearness,
)
ENCLOSING_RADIUS = Measure(
    id="enclosing_radius",
    title="Enclosing radius",
    group=GROUP,
    unit="distance",
    better="none",
    formula="min over centres c of max_x |f(x) - c|",
    range="between 0.5 and 0.71 diameters; 0 when all rows coincide",
    low="not far above rms_pair_distance / 1.41: the rows are all about as far out",
    high="many times rms_pair_distance: a row or a few lie far off",
    source=(
        "core-sets: Badoiu & Clarkson, Smaller core-sets for balls, 2003; lower end: the dual, "
        "R^2 >= sum w |x|^2 - |sum w x|^2"
    ),
    says="the smallest ball round all rows has radius {value}",
    meaning=(
        "How far the furthest row must move for all rows to meet at one point: the distance to "
        "total collapse, and so the most that d_haus can be. Both ends are certified."
    ),
    advice="An outlier's number, like the diameter: use it as the measure of d_haus.",
    presets=USUAL,
    compute=enclosing_radius,
    needs_labels=False,
)

MEASURES = (COLLAPSE_NEARNESS, ENCLOSING_RADIUS)

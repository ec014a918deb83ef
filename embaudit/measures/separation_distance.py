"""How far is the embedding from the nearest triplet-separated map? Certified intervals."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from embaudit.core.intervals import Estimate, certified, exact
from embaudit.core.prepared_points import Floats
from embaudit.evidence import Evidence
from embaudit.geometry.map_distortion import moved
from embaudit.geometry.witness_maps import ClassShrink, apply, class_shrink
from embaudit.measures.measure import EVERY, UNDEFINED, Measure
from embaudit.measures.triplet_violations import PAPER
from embaudit.search import isometric_error

GROUP = "Distance to a triplet-separated map"
STRETCH = 0.3  # of the class centres; on trained embeddings it gave the smallest d_iso
OUTWARD = 1 + 1e-12
CROSSED = 1 + 1e-9
SEARCHED = "a map found by descent, verified"
SHRUNK = "every row moved towards the centre of its class, verified"

Witness = tuple[float, str]  # an upper end, and the map that it belongs to
Move = tuple[float, str, Callable[[], Floats]]  # the same, and the map itself


def d_iso(evidence: Evidence) -> Estimate:
    """Isometric error to the nearest triplet-separated map."""
    gap = _hardest_gap(evidence)
    if gap is None:
        return exact(0.0, "the classes are triplet-separated")
    at = evidence.anchors[int(evidence.gaps.argmax())]
    reason = f"lower end: half the violation of the hardest triplet ({_triplet(evidence, at)})"
    nearby = evidence.separated_maps.search
    if nearby is not None and gap > 0 and nearby.realisable:
        half = float(evidence.gaps.max()) / 2
        return exact(half * evidence.unit, f"{reason}, which a map attains that has just those")
    upper, name = min(_changes(evidence))
    return _interval(evidence, gap / 2, upper, f"{reason}; upper end: {name}")


def d_haus(evidence: Evidence) -> Estimate:
    """Hausdorff-like distance to the nearest triplet-separated map."""
    gap = _hardest_gap(evidence)
    if gap is None:
        return exact(0.0, "the classes are triplet-separated")
    least, anchor = evidence.separated_maps.least_move if gap > 0 else (0.0, evidence.anchors[0])
    reason = f"what the hardest anchor needs ({_triplet(evidence, anchor)})"
    upper, name, _ = _least_move(evidence)
    search = evidence.separated_maps.search  # whose failures have proven something
    if search is not None and search.proven > least:
        hardest = evidence.anchors[int(evidence.gaps.argmax())]
        least = search.proven
        reason = f"what the triplets that press hardest need ({_triplet(evidence, hardest)} first)"
    if upper < least < upper * CROSSED:  # both are right, to rounding
        least = upper
    return _interval(evidence, least, upper, f"lower end: {reason}; upper end: {name}")


def nearest_map(evidence: Evidence) -> tuple[Floats, str]:
    """The separated map of a small set that moves its rows least, (N, n) about the mean.

    With its name: the set itself if it is separated, else what gives d_haus its upper end.
    """
    if _hardest_gap(evidence) is None:
        return evidence.moments.centred(evidence.points.floats(slice(None))), "the set itself"
    _, name, g = _least_move(evidence)
    return g(), name


def _least_move(evidence: Evidence) -> Move:
    return min(_moves(evidence), key=lambda move: move[:2])


def _hardest_gap(evidence: Evidence) -> float | None:
    """L rounded down, None where the set is triplet-separated."""
    if float(evidence.gaps.max()) <= 0 and evidence.search_recall is None:
        return None
    return evidence.separated_maps.surely_violated


def _triplet(evidence: Evidence, anchor: int) -> str:
    """The rows of an anchor's hardest triplet, as the input numbers them."""
    scan, rows = evidence.scan, evidence.data.input_rows
    positive, negative = scan.furthest_positive[anchor], scan.nearest_negative[anchor]
    return f"rows {rows[anchor]}, {rows[positive]} and {rows[negative]}"


def _interval(evidence: Evidence, lower: float, upper: float, reason: str) -> Estimate:
    return certified(lower * evidence.unit, upper * evidence.unit, reason)


def _moves(evidence: Evidence) -> Iterator[Move]:
    """Upper ends for d_haus: how far each of some maps moves a row."""
    witness, nearby = evidence.shrunk_classes, evidence.separated_maps.search
    radius = float(evidence.ball.radii[0])
    yield radius, "collapse to the centre of an enclosing ball", lambda: _collapsed(evidence)
    yield witness.displacement, _name(witness), lambda: _applied(evidence, witness)
    if nearby is not None:
        searched = (nearby.hausdorff, SEARCHED), (nearby.isometric, f"{SEARCHED}, for d_iso")
        for g, name in ((nearby.shrunk, SHRUNK), *searched):
            if g is not None:
                yield moved(nearby.rows, g), name, partial(np.copy, g)


def _collapsed(evidence: Evidence) -> Floats:
    centre = evidence.moments.centred(evidence.ball.centres.copy())
    return np.repeat(centre, evidence.data.size, axis=0)


def _changes(evidence: Evidence) -> Iterator[Witness]:
    """Upper ends for d_iso: how much each of some maps changes a pair distance."""
    witness, nearby = evidence.shrunk_classes, evidence.separated_maps.search
    yield evidence.extent.upper * OUTWARD, "collapse to one point (the diameter)"
    yield 2 * witness.displacement, f"{_name(witness)} (twice its largest displacement)"
    compared: list[tuple[Callable[[], Floats | None], str]] = []
    if evidence.data.size**2 / 2 * evidence.data.dim <= evidence.budget.isometry:
        mean = evidence.moments.mean
        spread = class_shrink(evidence.class_balls, evidence.centre_gaps, mean, STRETCH)
        compared.append((lambda: _applied(evidence, spread), _name(spread)))
    if nearby is not None:
        compared.append((lambda: nearby.isometric, SEARCHED))
        compared.append((lambda: nearby.hausdorff, f"{SEARCHED}, for d_haus"))
        compared.append((lambda: nearby.shrunk, SHRUNK))
    for found, name in compared:
        if (g := found()) is not None:
            error = isometric_error(evidence.points, g, evidence.progress)
            yield error, f"{name} (all pairs compared)"


def _applied(evidence: Evidence, witness: ClassShrink) -> Floats:
    mean, balls = evidence.moments.mean, evidence.class_balls
    return apply(witness, balls, mean, evidence.points, evidence.data.codes)


def _name(witness: ClassShrink) -> str:
    stretched = f", centres spread by {witness.stretch:.2g}" if witness.stretch else ""
    return f"every class shrunk about its centre{stretched}"


D_ISO = Measure(
    id="d_iso",
    title="Isometric error to F_TS",
    group=GROUP,
    unit="distance",
    better="lower",
    formula="inf over triplet-separated g of sup_{x,y} | |f(x)-f(y)| - |g(x)-g(y)| |",
    range="0 (triplet-separated) to the diameter",
    low="0: triplet-separated; small beside rms_pair_distance: nearly",
    high="near the diameter: to separate changes distances as much as to collapse does",
    source=f"{PAPER}, Definition 4",
    says="some pair distance must change by {value} to separate all triplets",
    meaning=(
        "How much pair distances must change before the classes are triplet-separated. Certified: "
        "from below by half the hardest triplet's violation (its two discrepancies sum to it at "
        "least), from above by an explicit map that is proven to be triplet-separated, with all "
        "pair distances compared: classes shrunk about their centres, rows moved towards them, and "
        "with --effort maps found by descent. The search is heuristic, what it finds is verified. "
        "Exact where changing every distance by just that half leaves a Euclidean set. "
        "Theorem 3's upper side (2 L) is not relied on: two regular simplices "
        "in orthogonal subspaces with far satellites all round give d_iso / L above 2 from 12 "
        "dimensions on, "
        "and without bound as the dimension grows; its eq. (37) fails already on a line, for one "
        "class at 0 and 2, a second at 1 and a third at 1000. "
        "Under cosine the map may leave the sphere: the paper's maps go into R^n."
    ),
    advice="Compare its relative length between checkpoints; a supremum, so look at outliers.",
    presets=EVERY,
    with_gallery=UNDEFINED,
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
    low="0: triplet-separated; small beside rms_pair_distance: small moves would do",
    high="near enclosing_radius: to separate moves rows as far as to collapse does",
    source=f"{PAPER}, eqs. (11), (12)",
    says="some row must move by {value} to separate all triplets",
    meaning=(
        "How far rows must move before the classes are triplet-separated. Certified: from above "
        "by a map that is proven to be triplet-separated, as for d_iso; from below by what one "
        "anchor needs. If no row moves further than d, the anchor has a place within d of its own "
        "where no positive is further than a negative by more than 2 d; a convex function with a "
        "tangent above 2 d everywhere proves that it has none. That is a quarter of the hardest "
        "triplet's violation at least, and about a third as a rule. With --effort, searches that "
        "fail prove more: weights on the triplets that no map within d satisfies together. The "
        "paper's bound through the c-IAP constant is not needed. embaudit project writes the map."
    ),
    advice="If it is near the radius of the set, collapse itself is a nearest separated map.",
    presets=EVERY,
    with_gallery=UNDEFINED,
    compute=d_haus,
)

MEASURES = (D_ISO, D_HAUS)

"""How thick is the point set? Minimum width, diameter, and what the c-IAP bound needs of them."""

from dataclasses import replace
from functools import partial

import numpy as np

from embaudit.core.intervals import Estimate, certified, exact, ratio, undefined
from embaudit.evidence import Evidence
from embaudit.geometry.width import hull_dimension
from embaudit.measures.measure import EVERY, Measure
from embaudit.measures.triplet_violations import PAPER

GROUP = "Thickness"
OUTWARD = 1 + 1e-12


def rms_pair_distance(evidence: Evidence) -> Estimate:
    """sqrt(2 tr Cov)."""
    return exact(evidence.moments.rms_pair_distance * evidence.unit)


def diameter(evidence: Evidence) -> Estimate:
    """Largest distance between two rows."""
    extent, unit = evidence.extent, evidence.unit
    if extent.exact:
        return exact(extent.distance * unit)
    return certified(
        extent.distance / OUTWARD * unit,
        extent.upper * OUTWARD * unit,
        "comparing the pairs that radii leave open is over the budget: --measures all does",
    )


def thickness(evidence: Evidence) -> Estimate:
    """Minimum width in the ambient space."""
    most, why = _most_dimensions(evidence)
    dim = evidence.data.dim
    if most < dim:
        return exact(0.0, f"{why}: a hyperplane holds them all; see thickness_intrinsic")
    return evidence.width(dim).scaled(evidence.unit)


def thickness_intrinsic(evidence: Evidence) -> Estimate:
    """Minimum width inside the affine hull."""
    dimension = hull_dimension(evidence.moments)
    if dimension == 0:
        return undefined("all rows coincide (to rounding): a point has no width")
    width = evidence.width(dimension).scaled(evidence.unit)
    reason = f"in an affine hull of dimension {dimension}"
    if dimension == _most_dimensions(evidence)[0]:
        return width.because(f"{reason}; {width.reason}" if width.reason else reason)
    return Estimate("estimate", width.value, reason=f"{reason}, found numerically")


def affine_dimension(evidence: Evidence) -> Estimate:
    """Dimension of the affine hull."""
    most, why = _most_dimensions(evidence)
    proven = hull_dimension(evidence.moments)
    if proven == most:
        return exact(most, why)
    return Estimate("certified", proven, proven, most, reason=why)


def thickness_ratio(evidence: Evidence) -> Estimate:
    """Thickness over diameter."""
    across = diameter(evidence)
    if across.upper == 0:
        return undefined("the diameter is 0: all rows coincide")
    share = ratio(thickness(evidence), across)
    return replace(share, reason=thickness(evidence).reason)


def iap_factor(evidence: Evidence) -> Estimate:
    """Diameter over thickness."""
    void = "infinite: the thickness is 0, so the bound is void"
    factor = ratio(diameter(evidence), thickness(evidence), void)
    if factor.known:
        return factor.because("to be multiplied by c_n, of which no explicit value is known")
    return factor


def _most_dimensions(evidence: Evidence) -> tuple[int, str]:
    """A proven upper bound on the dimension of the affine hull, and what proves it."""
    first = evidence.points.floats(slice(0, 1))
    varies = np.zeros(evidence.data.dim, dtype=bool)
    for _, block in evidence.points.chunks():
        varies |= (block != first).any(axis=0)
        if varies.all():
            break
    alive = int(varies.sum())
    spanned = evidence.distinct_vectors - 1
    if spanned < alive:
        return spanned, f"{evidence.distinct_vectors} distinct rows"
    dead = evidence.data.dim - alive
    return alive, f"{dead} constant dimensions" if dead else "no dimension is constant"


spec = partial(Measure, group=GROUP, presets=EVERY, needs_labels=False)
RMS_PAIR_DISTANCE = spec(
    id="rms_pair_distance",
    title="RMS pair distance",
    unit="distance",
    better="none",
    formula="sqrt(2 tr Cov), Cov with 1/(N - 1)",
    range="0 and up; 0 when all rows coincide",
    low="below --margin: collapsed to a point; see point_collapse",
    high="the scale is large, which alone is neither good nor bad",
    source="identity: the root mean square distance over distinct pairs",
    says="two random rows are {value} apart (root mean square)",
    meaning="The yardstick of every length here: `relative` is in multiples of it.",
    advice="Below the training margin the embedding has collapsed to a point.",
    compute=rms_pair_distance,
)
DIAMETER = spec(
    id="diameter",
    title="Diameter",
    unit="distance",
    better="none",
    formula="max_{x,y} |f(x) - f(y)|",
    range="0 and up",
    low="a small multiple of rms_pair_distance: no row stands out",
    high="many times rms_pair_distance: a row or a few lie far off; see outliers",
    source=f"{PAPER}, section on thickness",
    says="the two furthest rows are {value} apart",
    meaning="An outlier's number: it serves only in thickness_ratio and iap_factor.",
    advice="Many times rms_pair_distance: look at the rows far off before anything else.",
    compute=diameter,
)
THICKNESS = spec(
    id="thickness",
    title="Thickness",
    unit="distance",
    better="higher",
    formula="min over unit u of (max_x <u, f(x)> - min_x <u, f(x)>)",
    range="0 (the rows lie in a hyperplane) to the diameter",
    low="near 0 beside the diameter: some direction is hardly used, or rows are few",
    high="every direction is in use; thickness_ratio tells it free of scale",
    source=(
        f"{PAPER}, Definition 3; lower end: Popoviciu's inequality under weights of an E-optimal "
        "design; upper end: a direction found by descent, measured on all rows"
    ),
    says="the set is {value} wide where it is thinnest",
    meaning=(
        "The distance of the two closest parallel hyperplanes with all rows in between, in the "
        "ambient space. NP-hard in general, so an interval. From below: whatever the weights w of "
        "the rows, no direction is narrower than 2 sqrt(lambda_min(Cov_w)), twice the least "
        "weighted standard deviation. From above: no set is wider than along any one direction. "
        "Both ends are certified, rounding included; which weights and which direction is a "
        "heuristic search that --effort prolongs, and that only ever tightens the interval. The "
        "reason says what gave each end. With many more rows than dimensions a gap stays: the "
        "two sides are different quantities (a round Gaussian cloud keeps a factor of 2 to 3). "
        "Exactly 0 with at most as many distinct rows as dimensions, or a constant dimension; "
        "exact in one and two dimensions, but where two are so unequal (an aspect of 1e-6) that "
        "rounding counts: then certified, too."
    ),
    advice="Near 0: dimensions are unused; see entropy_rank and thickness_intrinsic.",
    compute=thickness,
)
THICKNESS_INTRINSIC = spec(
    id="thickness_intrinsic",
    title="Intrinsic thickness",
    unit="distance",
    better="higher",
    formula="the minimum width over directions inside the affine hull",
    range="above 0; undefined when all rows coincide",
    low="the rows are flat even within their hull; see participation_ratio",
    high="no direction of the hull is thin",
    source=f"{PAPER}, Definition 3, restricted to the affine hull",
    says="inside its own affine hull the set is {value} wide where it is thinnest",
    meaning=(
        "What to read where thickness is 0 for a trivial reason, bounded in the same way. The "
        "dimension of the hull, told in the reason, counts the principal directions whose variance "
        "stands out of float64's rounding; where that is proven to be the dimension, both ends are "
        "certified, else the figure is an estimate."
    ),
    advice="Compare between checkpoints with the same affine_dimension only.",
    compute=thickness_intrinsic,
)
AFFINE_DIMENSION = spec(
    id="affine_dimension",
    title="Affine dimension",
    unit="dimensions",
    better="higher",
    formula="dimension of the affine hull of the rows",
    range="0 to n",
    low="rows lie in a subspace, and thickness is 0",
    high="n: no dimension is dead, however thin it may be",
    source="eigenvalues of the covariance above rounding; distinct rows and constant dimensions",
    says="the rows span {value} dimensions",
    meaning=(
        "From below by the eigenvalues that rounding cannot explain, from above by the number of "
        "distinct rows less one and of dimensions that vary."
    ),
    advice="Below n: dimensions are dead or rows are few.",
    compute=affine_dimension,
)
THICKNESS_RATIO = spec(
    id="thickness_ratio",
    title="Thickness / diameter",
    unit="ratio",
    better="higher",
    formula="thickness / diameter",
    range="0 to 1",
    low="near 0: flat, or long",
    high="near 1: as wide in every direction",
    source=f"{PAPER}, the c-IAP constant",
    says="the set is {value} times as thick as it is long",
    meaning="How round the point set is; free of scale.",
    advice="Falling: look for directions that died out (entropy_rank) and for outliers.",
    compute=thickness_ratio,
)
IAP_FACTOR = spec(
    id="iap_factor",
    title="c-IAP factor",
    unit="ratio",
    better="lower",
    formula="diameter / thickness",
    range="1 and up; infinite (undefined) at thickness 0",
    low="near 1: as wide in every direction",
    high="flat or long: the paper's bound is weak",
    source=f"{PAPER}, the isometric approximation property",
    says="isometric errors may be amplified by {value} times an unknown constant c_n",
    meaning=(
        "The paper bounds d_haus by d_iso times c_n x diameter / thickness. No explicit value of "
        "c_n is known (it is at least of order log n), so this is a factor, not a bound. The "
        "interval that d_haus reports is direct and needs neither."
    ),
    advice="Read d_haus instead; use this to compare checkpoints.",
    compute=iap_factor,
)

MEASURES = (
    THICKNESS,
    THICKNESS_INTRINSIC,
    AFFINE_DIMENSION,
    DIAMETER,
    THICKNESS_RATIO,
    IAP_FACTOR,
    RMS_PAIR_DISTANCE,
)

"""Alignment and uniformity on the unit hypersphere: of directions, whatever the metric."""

import math

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.core.random_streams import POTENTIAL_PAIRS, random_stream
from embaudit.evidence import Evidence
from embaudit.geometry.pair_potentials import (
    drawn_potentials,
    least_potential,
    mean_positive_square,
    mean_potential,
)
from embaudit.measures.measure import UNDEFINED, USUAL, Measure

GROUP = "Hypersphere"
DRAWN = 1 << 15  # pairs of rows that are drawn, where there are too many
WANG = "Wang & Isola 2020, arXiv 2005.10242"


def alignment(evidence: Evidence) -> Estimate:
    """Mean |u - v|^2 over positive pairs of unit rows."""
    points, zero = evidence.unit_points
    if zero:
        return undefined(no_direction(zero))
    return exact(min(4.0, mean_positive_square(points, evidence.data.starts)))


def uniformity(evidence: Evidence) -> Estimate:
    """log mean exp(-2 |u - v|^2) over pairs of distinct unit rows."""
    points, zero = evidence.unit_points
    if zero:
        return undefined(no_direction(zero))
    pairs = points.size * (points.size - 1) // 2
    if pairs <= max(DRAWN, evidence.budget.pairs):
        return exact(math.log1p(mean_potential(points, evidence.parallel)))
    drawn = random_stream(evidence.seed, POTENTIAL_PAIRS)
    values = drawn_potentials(points, DRAWN, drawn, evidence.parallel)
    found = sampled_mean(values, least_potential(), 0.0).mapped(math.log1p)
    return found.because(f"{DRAWN:,} of {pairs:,} pairs of rows drawn")


def no_direction(zero: int) -> str:
    """Why figures of unit rows are undefined."""
    return f"{zero:,} zero rows have no direction"


ALIGNMENT = Measure(
    id="alignment",
    title="Alignment",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="mean |u - v|^2 over pairs of rows of one class, u, v scaled to length 1",
    range="0 (each class has one direction) to 4; undefined where a row is zero",
    low="near 0: positives agree in direction; so they do in a collapse: see uniformity",
    high="near 2: positives are as unrelated as random directions",
    source=WANG,
    says="two rows of one class are {value} apart on the unit sphere (squared)",
    meaning=(
        "Every positive pair counts the same, so large classes weigh more. Always on unit rows, "
        "under l2 too. The tolerance of the literature, the mean cosine of positive pairs, is "
        "1 - alignment / 2."
    ),
    advice="Low alignment and low uniformity together are good; compare checkpoints by both.",
    presets=USUAL,
    with_gallery=UNDEFINED,
    compute=alignment,
)
UNIFORMITY = Measure(
    id="uniformity",
    title="Uniformity",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="log mean exp(-2 |u - v|^2) over pairs of distinct rows, u, v scaled to length 1",
    range="-8 to 0 (all rows have one direction), about -4 for a uniform sphere of many "
    "dimensions; undefined where a row is zero",
    low="the directions are spread evenly",
    high="near 0: they point one way, a collapse on the sphere",
    source=f"{WANG}, with t = 2",
    says="the rows cover the unit sphere with a uniformity of {value} (-4 is even, 0 a point)",
    meaning=(
        "The logarithm of the mean Gaussian potential between rows: near pairs dominate it. "
        "Well separated tight classes have about log(1 / C) at best, as positives stay near. All "
        "pairs up to a stated number, beyond it pairs drawn at random, with an interval."
    ),
    advice="Rising towards 0 in training: a collapse is on its way; see mean_cosine.",
    presets=USUAL,
    needs_labels=False,
    compute=uniformity,
)

MEASURES = (ALIGNMENT, UNIFORMITY)

"""The angles between class means: are they those of a simplex, or right angles?"""

import numpy as np

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.core.prepared_points import Floats
from embaudit.core.random_streams import CLASS_PAIRS, random_stream
from embaudit.evidence import Evidence
from embaudit.geometry.class_mean_geometry import drawn_absolute_cosines, mean_absolute_cosine
from embaudit.measures.measure import DEAR, UNDEFINED, USUAL, Measure
from embaudit.measures.neural_collapse import COINCIDE, GROUP, MEANS, PAPYAN

DRAWN = 1 << 14  # pairs of class means that are drawn, where there are too many


def nc2_equiangular(evidence: Evidence) -> Estimate:
    """Mean of |cos + 1 / (C - 1)| over pairs of class means."""
    means, classes = evidence.class_means, len(evidence.data.class_sizes)
    if means.coincide:
        return undefined(COINCIDE)
    if means.central:
        return undefined(
            f"{means.central} of {classes} class means lie at the mean of all (to rounding): they "
            "have no direction"
        )
    return _mean_cosine(evidence, means.centred, means.lengths, 1 / (classes - 1))


def class_orthogonality(evidence: Evidence) -> Estimate:
    """Mean |cos| over pairs of class means, uncentred."""
    means = evidence.moments.class_means
    if evidence.data.distractors:
        means = means[evidence.data.labelled_classes]
    if len(means) < 2:
        return undefined("a single class has no angle with another")
    largest = np.abs(means).max(axis=1)
    if not largest.all():
        zero = int((largest == 0).sum())
        return undefined(f"{zero} of {len(means)} class means are 0: they have no direction")
    means = means / largest[:, None]  # tiny and huge ones have squares, too
    return _mean_cosine(evidence, means, np.sqrt(np.einsum("ij,ij->i", means, means)), 0.0)


def _mean_cosine(evidence: Evidence, vectors: Floats, lengths: Floats, shift: float) -> Estimate:
    """Mean |cos + shift| over pairs of the class vectors: of all, or of pairs drawn at random."""
    pairs = len(vectors) * (len(vectors) - 1) // 2
    if pairs <= max(DRAWN, evidence.budget.pairs):
        return exact(mean_absolute_cosine(vectors, lengths, shift, evidence.parallel))
    rng = random_stream(evidence.seed, CLASS_PAIRS)
    values = drawn_absolute_cosines(vectors, lengths, shift, DRAWN, rng)
    return sampled_mean(np.minimum(values, 1 + shift), 0.0, 1 + shift).because(
        f"{DRAWN:,} of {pairs:,} pairs of classes drawn"
    )


NC2_EQUIANGULAR = Measure(
    id="nc2_equiangular",
    title="NC2, equal angles",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="mean over pairs of classes of |cos(m_c - m_G, m_d - m_G) + 1 / (C - 1)|",
    range="0 (a simplex) to 1 + 1 / (C - 1); undefined where a class mean equals m_G",
    low="no class is nearer to another than it must be",
    high="the classes form groups, or use fewer dimensions than there are",
    source=PAPYAN,
    says="the angles between class means are off those of a simplex by {value} in the cosine",
    meaning=(
        f"{MEANS}. In a simplex ETF every two classes have the cosine -1 / (C - 1), the largest "
        "angle that all can have. Two classes always have 0. "
        "Of very many classes, pairs are drawn, with an interval."
    ),
    advice="High: see the confused classes; similar classes may well deserve it.",
    presets=USUAL,
    with_gallery=UNDEFINED,
    compute=nc2_equiangular,
)
CLASS_ORTHOGONALITY = Measure(
    id="class_orthogonality",
    title="Class orthogonality",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="mean over pairs of classes of |cos(m_c, m_d)|, the means uncentred",
    range="0 (orthogonal) to 1 (on one line through 0); undefined where a class mean is 0",
    low="near 0: the classes are orthogonal as seen from the origin",
    high="near 1: all classes lie in one direction, or its opposite",
    source="Ranasinghe et al. 2021, arXiv 2103.14021, on orthogonal projections",
    says="two class means have an absolute cosine of {value}",
    meaning=(
        "Losses on cosines want classes orthogonal as seen from the origin. An offset that all "
        "rows share makes it large and may be harmless under l2: nc2_equiangular is the same "
        "without offset. More than n classes cannot all be orthogonal. Of very many classes, pairs "
        "are drawn, with an interval."
    ),
    advice="High with a high mean_cosine: an offset; centre the embeddings.",
    presets=DEAR,
    with_gallery=UNDEFINED,
    compute=class_orthogonality,
)

MEASURES = (NC2_EQUIANGULAR, CLASS_ORTHOGONALITY)

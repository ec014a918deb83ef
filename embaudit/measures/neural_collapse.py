"""Have the classes become points at equal angles? Neural collapse, and how near it is."""

from dataclasses import replace
from functools import partial

import numpy as np

from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.core.random_streams import NEAREST_MEAN_ROWS
from embaudit.evidence import Evidence
from embaudit.geometry.class_mean_geometry import least_simplex_distance
from embaudit.geometry.nearest_mean import nearest_to_another
from embaudit.measures.measure import UNDEFINED, USUAL, Measure

GROUP = "Neural collapse"
PAPYAN = "Papyan et al. 2020, arXiv 2008.08186"
JIANG = "Jiang et al. 2023, arXiv 2311.05139"
COINCIDE = "the class means coincide (to rounding): nothing lies between the classes"
MEANS = "m_c the mean of class c, m_G the mean of the class means (every class counts the same)"


def nc1(evidence: Evidence) -> Estimate:
    """tr(S_W S_B^+) / C."""
    means = evidence.class_means
    if means.coincide:
        return undefined(COINCIDE)
    _, along = means.within
    # along / N over spread^2 / C, over C: the number of classes drops out
    return exact(float((along / np.square(means.spread)).sum()) / _rows_of_classes(evidence))


def _rows_of_classes(evidence: Evidence) -> int:
    """N, less the rows without a label: these are of no class."""
    return int(evidence.data.class_sizes.sum())


def nc1_ratio(evidence: Evidence) -> Estimate:
    """tr S_W / tr S_B."""
    means = evidence.class_means
    if means.coincide:
        return undefined(COINCIDE)
    between = float(np.square(means.lengths).mean())
    return exact(means.within[0] / _rows_of_classes(evidence) / between)


def nc2_equinorm(evidence: Evidence) -> Estimate:
    """std / mean of |m_c - m_G|."""
    means = evidence.class_means
    if means.coincide:
        return undefined(COINCIDE)
    return exact(float(means.lengths.std() / means.lengths.mean()))


def etf_distance(evidence: Evidence) -> Estimate:
    """Distance of the normalised Gram matrix of the class means from that of a simplex ETF."""
    means, classes, dim = evidence.class_means, len(evidence.data.class_sizes), evidence.data.dim
    if means.coincide:
        return undefined(COINCIDE)
    found = exact(means.simplex_distance)
    if classes <= dim + 1:
        return found
    return found.because(
        f"{classes:,} classes in {dim} dimensions: a simplex ETF is unattainable, the least is "
        f"{least_simplex_distance(classes, dim):.6g}"
    )


def nc4_error(evidence: Evidence) -> Estimate:
    """Share of rows that are not strictly nearest to the mean of their own class."""
    data, distinct = evidence.data, evidence.deduplicated
    counted = data.labelled_classes
    sample = evidence.labelled_rows(NEAREST_MEAN_ROWS, int(np.count_nonzero(counted)))
    # equal rows of a class are decided once
    groups, weights = np.unique(distinct.group[sample.rows], return_counts=True)
    rows = distinct.first[groups]
    means = evidence.moments
    if data.distractors:
        means = replace(means, class_shifts=means.class_shifts[counted])
    codes = (np.cumsum(counted) - 1)[data.codes[rows]]
    lost = nearest_to_another(evidence.points, means, rows, codes, evidence.parallel)
    return sample.share(int(weights[lost].sum()))


spec = partial(Measure, group=GROUP, better="lower", presets=USUAL, with_gallery=UNDEFINED)
NC1 = spec(
    id="nc1",
    title="NC1, within-class variability",
    unit="ratio",
    formula="tr(S_W S_B^+) / C, S_W = sum_x (x - m_c)(x - m_c)^T / N, "
    "S_B = sum_c (m_c - m_G)(m_c - m_G)^T / C",
    range="0 (each class is a point) and up; undefined where the class means coincide",
    low="the classes have shrunk to points where it matters",
    high="in some direction the classes overlap, which may be a harmless one: compare nc1_ratio",
    source=f"{PAPYAN}; {JIANG}",
    says="the scatter within classes is {value} of that between them, direction by direction",
    meaning=(
        f"{MEANS}. S_B^+ is a pseudo-inverse: only directions count in which the class means "
        "differ, those with at least 1e-10 of the largest eigenvalue of S_B, and a direction in "
        "which they hardly differ counts much."
    ),
    advice="High beside a low nc1_ratio: the class means use few dimensions; see entropy_rank.",
    compute=nc1,
)
NC1_RATIO = spec(
    id="nc1_ratio",
    title="NC1, ratio of traces",
    unit="ratio",
    formula="tr S_W / tr S_B",
    range="0 (each class is a point) and up; undefined where the class means coincide",
    low="the classes are small beside the distances of their means",
    high="above 1: the classes scatter more than they differ",
    source=f"{PAPYAN}; {JIANG}, with traces in place of a pseudo-inverse",
    says="the variance within classes is {value} times that between their means",
    meaning=(
        "The scatter of nc1 over all directions at once: large directions count most, so a few "
        "good ones make it low. Near within_class_share / (1 - within_class_share), but every "
        "class mean counts the same here."
    ),
    advice="Above 1: see class_collapse.",
    compute=nc1_ratio,
)
NC2_EQUINORM = spec(
    id="nc2_equinorm",
    title="NC2, equal norms",
    unit="ratio",
    formula="std / mean over classes of |m_c - m_G|",
    range="0 (all the same) to sqrt(C - 1); undefined where the class means coincide",
    low="all classes are equally far from the centre, as in a simplex ETF",
    high="some classes (often the rare ones) lie near the centre, among all others",
    source=PAPYAN,
    says="the class means differ in length by {value} of their mean length",
    meaning=(
        f"{MEANS}. The classes are all there are, so std divides by C (the authors' notebook "
        "divides by C - 1: theirs is sqrt(C / (C - 1)) times this). Two classes always have 0."
    ),
    advice="High: look at the size of the classes; balance the batches, or weigh the loss.",
    compute=nc2_equinorm,
)
ETF_DISTANCE = spec(
    id="etf_distance",
    title="Distance to a simplex ETF",
    unit="ratio",
    formula="|A / |A|_F - (I - 11^T / C) / sqrt(C - 1)|_F, A the C x C matrix of "
    "(m_c - m_G).(m_d - m_G)",
    range="0 (a simplex ETF) to sqrt(2); undefined where the class means coincide",
    low="near 0: equal norms and equal angles",
    high="which of the two it is not, nc2_equinorm and nc2_equiangular tell",
    source=f"{PAPYAN}; the distance as in Zhu et al. 2021, arXiv 2105.02375",
    says="the class means are {value} from a simplex equiangular tight frame",
    meaning=(
        f"{MEANS}. Equal norms and equal angles in one figure, whatever the scale, place and "
        "rotation. It equals sqrt(2 - 2 sqrt(P / (C - 1))), P the participation ratio of the class "
        "means: so it tells how evenly they use C - 1 dimensions. More than n + 1 classes have no "
        "room for a simplex, and the reason then says how near they could come. Two classes "
        "always have 0."
    ),
    advice="Classifiers end near 0; metric learning need not: read it as a trend.",
    compute=etf_distance,
)
NC4_ERROR = spec(
    id="nc4_error",
    title="NC4, nearest class mean error",
    unit="fraction",
    formula="share of rows x with |x - m_d| <= |x - m_c| for a class d other than x's own c",
    range="0 to 1",
    low="one centre a class is enough",
    high="classes overlap; beside a high precision_at_1 they have several clusters",
    source=PAPYAN,
    says="{value} of rows are as near to another class's mean as to their own, or nearer",
    meaning=(
        "The training error of a classifier that knows the class means only. A tie is an error, as "
        "nobody could tell the classes apart: a collapsed set has 1. A row alone in its class is "
        "its own mean and right, unless another mean is there too. With very many "
        "classes rows are drawn, with an interval."
    ),
    advice="High: look for classes of several clusters or for mislabels.",
    compute=nc4_error,
)

MEASURES = (NC1, NC1_RATIO, NC2_EQUINORM, ETF_DISTANCE, NC4_ERROR)

"""Figures that go with a collapse: copies of a vector, one direction, variance within classes."""

from functools import partial

import numpy as np

from embaudit.core.intervals import Estimate, exact, undefined
from embaudit.evidence import Evidence
from embaudit.geometry.mean_and_covariance import between_class_variance
from embaudit.measures.collapse_state_spec import GROUP
from embaudit.measures.measure import USUAL, Measure
from embaudit.measures.point_collapse import NARROW


def duplicate_rows(evidence: Evidence) -> Estimate:
    """Rows byte-identical to another."""
    return exact(evidence.duplicate_rows)


def mean_cosine(evidence: Evidence) -> Estimate:
    """Mean cosine over distinct pairs."""
    value = evidence.mean_cosine
    return undefined("fewer than two rows have a direction") if value is None else exact(value)


def within_class_share(evidence: Evidence) -> Estimate:
    """tr S_W / tr S_T."""
    if evidence.data.distractors:
        return _share_of_classes(evidence)
    total = evidence.moments.trace
    if total == 0:
        return undefined("all rows coincide: there is no variance")
    between = between_class_variance(evidence.moments, evidence.data.starts)
    return exact(min(1.0, max(0.0, 1 - between / total)))


def _share_of_classes(evidence: Evidence) -> Estimate:
    """The same of the rows that have a label."""
    means, sizes = evidence.class_means, evidence.data.class_sizes
    away = means.centred - sizes @ means.centred / sizes.sum()
    within = means.within[0]
    total = within + float(sizes @ np.einsum("ij,ij->i", away, away))
    if total <= sizes.sum() * means.rounding**2:
        return undefined("all rows with a label coincide: there is no variance")
    return exact(within / total)


spec = partial(Measure, group=GROUP, presets=USUAL)
DUPLICATE_ROWS = spec(
    id="duplicate_rows",
    title="Duplicate rows",
    unit="rows",
    better="lower",
    formula="rows whose vector another row has too, byte for byte (-0.0 is 0.0)",
    range="0 to N",
    low="a few: duplicates in the data",
    high="many: a collapse, or embeddings saved twice; see point_collapse",
    source="embaudit",
    says="{value} rows have a byte-identical twin",
    meaning="A collapsed model maps thousands of inputs to the same vector.",
    advice="Find out where the copies come from. Of a few leave one each: they flatter retrieval. "
    "Where most rows are copies, the model has collapsed or the file is wrong.",
    compute=duplicate_rows,
    needs_labels=False,
)
MEAN_COSINE = spec(
    id="mean_cosine",
    title="Mean pairwise cosine",
    unit="ratio",
    better="none",
    formula="(|sum u|^2 - N) / (N (N - 1)), u the rows scaled to length 1",
    range="-1 to 1; near 1 when all rows point one way",
    low="near 0: directions are spread all round; of many rows it cannot be much lower",
    high="near 1: all rows point one way, by an offset or a collapse; see uniformity",
    source="Gao et al. 2019, arXiv 1907.12009, on anisotropy",
    says="two random rows have a cosine of {value}",
    meaning="Under l2 a common offset alone makes it large and is harmless: a warning only.",
    advice=f"Above {NARROW:g}: look at point_collapse; centre before using cosine.",
    compute=mean_cosine,
    needs_labels=False,
)
WITHIN_CLASS_SHARE = spec(
    id="within_class_share",
    title="Within-class share of variance",
    unit="fraction",
    better="lower",
    formula="tr S_W / tr S_T, both with 1/N, of the rows that have a label",
    range="0 (each class is a point) to 1 (the class means coincide)",
    low="near 0: tight classes; where their means are apart that is neural collapse, see nc1_ratio",
    high="near 1: the class means coincide, or nearly",
    source="analysis of variance; Papyan et al. 2020 on neural collapse",
    says="{value} of the variance lies within classes",
    meaning="Small with distinct class means is neural collapse, which is good.",
    advice="Near 1: see class_collapse.",
    definition=2,
    compute=within_class_share,
)

MEASURES = (DUPLICATE_ROWS, MEAN_COSINE, WITHIN_CLASS_SHARE)

"""Is the embedding collapsed now? Three kinds, each with the figures that decide it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from embaudit.bounds import Bound, exact, undefined
from embaudit.evidence import Evidence
from embaudit.geometry.moments import between_class_variance, mean_pairwise_cosine
from embaudit.measures.retrieval import PRECISION_AT_1
from embaudit.measures.separation import EVERY, SEPARATION_AUC, USUAL
from embaudit.measures.spectrum import ENTROPY_RANK, PARTICIPATION_RATIO
from embaudit.measures.thickness import RMS_PAIR_DISTANCE
from embaudit.report import AGAINST, ALONE, STATES, Collapse, Measure

GROUP = "Collapse"
RULE_OF_THUMB = "The thresholds are rules of thumb, checked on a few really trained networks."
NONE, WARNING, COLLAPSED = range(3)
FEW, FEW_UNLABELLED = 0.1, 0.05  # entropy ranks that call for a warning, of what could be spanned


def duplicate_rows(evidence: Evidence) -> Bound:
    """Rows byte-identical to another."""
    return exact(evidence.duplicate_rows)


def mean_cosine(evidence: Evidence) -> Bound:
    """Mean cosine over distinct pairs."""
    value = mean_pairwise_cosine(evidence.points)
    return undefined("fewer than two rows have a direction") if value is None else exact(value)


def within_class_share(evidence: Evidence) -> Bound:
    """tr S_W / tr S_T."""
    total = evidence.moments.trace
    if total == 0:
        return undefined("all rows coincide: there is no variance")
    between = between_class_variance(evidence.moments, evidence.data.starts)
    return exact(min(1.0, max(0.0, 1 - between / total)))


def point_collapse(evidence: Evidence) -> Bound:
    """Do all rows lie at one point or in one direction?"""
    cosine = mean_cosine(evidence).value
    near = cosine if cosine is not None else 1.0
    if (
        2 * evidence.duplicate_rows >= evidence.data.size
        or (RMS_PAIR_DISTANCE.compute(evidence).value or 0.0) < evidence.margin
        or (evidence.metric == "cosine" and near >= 0.99)
    ):
        return exact(COLLAPSED)
    return exact(WARNING if near >= 0.95 else NONE)


def dimensional_collapse(evidence: Evidence) -> Bound:
    """Does the variance lie in too few dimensions?"""
    data = evidence.data
    available = min((len(data.classes) if data.labelled else data.size) - 1, data.dim)
    ratio = PARTICIPATION_RATIO.compute(evidence).value
    rank = ENTROPY_RANK.compute(evidence).value
    if ratio is None or rank is None:
        return exact(COLLAPSED, "all rows coincide") if available >= 4 else exact(NONE)
    if ratio < 2 and available >= 4:
        return exact(COLLAPSED)
    few = FEW if data.labelled else FEW_UNLABELLED
    return exact(WARNING if rank < few * available else NONE)


def class_collapse(evidence: Evidence) -> Bound:
    """Do the classes coincide?"""
    auc = SEPARATION_AUC.compute(evidence)
    precision = PRECISION_AT_1.compute(evidence)
    if precision.confidence is None:  # what ties are expected to give is a number like any other
        assert precision.value is not None
        precision = exact(precision.value)
    chance = _chance(evidence)

    def state(value: float | None, precision: float | None) -> int:
        assert precision is not None
        blind = precision - chance <= 0.1 * (1 - chance)
        few = blind or precision <= max(0.1, 3 / np.count_nonzero(evidence.reference.sizes))
        if value is None or (value > 0.75 and not blind):
            return NONE
        return COLLAPSED if value <= 0.55 and few else WARNING

    value = state(auc.value, precision.value)
    lower, upper = state(auc.upper, precision.upper), state(auc.lower, precision.lower)
    if lower == upper:
        return exact(value)
    known = auc if auc.confidence else precision
    return Bound("sampled", value, lower, upper, known.confidence, known.reason)


def _chance(evidence: Evidence) -> float:
    """Precision@1 of a random neighbour: the mean over anchors of their share of positives."""
    positives = evidence.positives
    return float((positives / (positives + evidence.negatives)).mean())


KINDS: tuple[tuple[str, Callable[[Evidence], Bound]], ...] = (
    ("point", point_collapse),
    ("dimensional", dimensional_collapse),
    ("class", class_collapse),
)


def _told(evidence: Evidence) -> tuple[tuple[str, Callable[[Evidence], Bound]], ...]:
    """The kinds that can be told: without labels, whether classes coincide is not known."""
    return KINDS if evidence.data.labelled else KINDS[:2]


def collapse_state(evidence: Evidence) -> Bound:
    """The worst of the kinds that are known."""
    kinds = [kind(evidence) for _, kind in _told(evidence)]
    lower, value, upper = (
        max(getattr(kind, end) for kind in kinds) for end in ("lower", "value", "upper")
    )
    if lower == upper:
        return exact(value, None if evidence.data.labelled else "class collapse is not known")
    confidence = next(kind.confidence for kind in kinds if kind.confidence)
    return Bound("sampled", value, lower, upper, confidence)


def collapse_of(evidence: Evidence) -> Collapse:
    """The report's collapse block: the states and the figures that decided them."""
    states = {name: STATES[int(kind(evidence).value or 0)] for name, kind in _told(evidence)}
    deciders = [one for one in DECIDERS if evidence.data.labelled or not one.needs_labels]
    figures = {measure.id: measure.compute(evidence).value for measure in deciders}
    known = {name: value for name, value in figures.items() if value is not None}
    worst = max(states.values(), key=STATES.index)
    kinds: dict[str, Any] = {"class": None, **states}
    return Collapse(state=worst, evidence=known, **kinds)


def _state(
    name: str,
    title: str,
    compute: Callable[[Evidence], Bound],
    rule: str,
    with_gallery: str = ALONE,
    *,
    needs_labels: bool = False,
) -> Measure:
    return Measure(
        id=name,
        title=title,
        group=GROUP,
        unit="state",
        better="lower",
        formula=rule,
        range="0 none, 1 warning, 2 collapsed",
        low="0: no figure crosses its threshold",
        high="1: a figure is on its way there; 2: collapsed",
        source="embaudit",
        says=f"{title.lower()}: {{value}}",
        meaning=f"What the embedding is now, not what it may become. {RULE_OF_THUMB}",
        advice="Look at the figures that decided it (collapse.evidence). If it is collapsed, do "
        "not ship: go back to an earlier checkpoint, smaller batches or semi-hard mining.",
        presets=EVERY,
        with_gallery=with_gallery,
        compute=compute,
        needs_labels=needs_labels,
    )


COLLAPSE_STATE = _state(
    "collapse_state",
    "Collapse state",
    collapse_state,
    "The worst of point_collapse, dimensional_collapse and class_collapse; without labels, of the "
    "first two.",
    f"the first two {ALONE}, class_collapse {AGAINST}",
)
POINT_COLLAPSE = _state(
    "point_collapse",
    "Point collapse",
    point_collapse,
    "Collapsed if at least half of the rows are byte-identical to another, or rms_pair_distance "
    "is below --margin, or under cosine mean_cosine >= 0.99; warning if mean_cosine >= 0.95.",
)
DIMENSIONAL_COLLAPSE = _state(
    "dimensional_collapse",
    "Dimensional collapse",
    dimensional_collapse,
    "With m = min(C - 1, n), the dimensions that C distinct class means can span: collapsed if "
    "participation_ratio < 2 while m >= 4; warning if entropy_rank < 0.1 m. Without labels C is "
    "not known: m = min(N - 1, n), and the warning is at 0.05 m, as healthy networks of 62 classes "
    "had 0.06 m to 0.1 m. One of very few classes, which needs no more than C - 1 dimensions, may "
    "then be warned of or called collapsed all the same.",
)
CLASS_COLLAPSE = _state(
    "class_collapse",
    "Class collapse",
    class_collapse,
    "With q = (precision_at_1 - chance) / (1 - chance), chance being that of a random neighbour: "
    "collapsed if separation_auc <= 0.55 and "
    "(precision_at_1 <= max(0.1, 3 / C) or q <= 0.1); warning if separation_auc <= 0.75 or "
    "q <= 0.1.",
    f"{AGAINST}: chance and C are those of the gallery",
    needs_labels=True,
)
DUPLICATE_ROWS = Measure(
    id="duplicate_rows",
    title="Duplicate rows",
    group=GROUP,
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
    presets=USUAL,
    compute=duplicate_rows,
    needs_labels=False,
)
MEAN_COSINE = Measure(
    id="mean_cosine",
    title="Mean pairwise cosine",
    group=GROUP,
    unit="ratio",
    better="none",
    formula="(|sum u|^2 - N) / (N (N - 1)), u the rows scaled to length 1",
    range="-1 to 1; near 1 when all rows point one way",
    low="near 0: directions are spread all round; of many rows it cannot be much lower",
    high="near 1: all rows point one way, by an offset or a collapse; see uniformity",
    source="Gao et al. 2019, arXiv 1907.12009, on anisotropy",
    says="two random rows have a cosine of {value}",
    meaning="Under l2 a common offset alone makes it large and is harmless: a warning only.",
    advice="Above 0.95: look at point_collapse; centre before using cosine.",
    presets=USUAL,
    compute=mean_cosine,
    needs_labels=False,
)
WITHIN_CLASS_SHARE = Measure(
    id="within_class_share",
    title="Within-class share of variance",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="tr S_W / tr S_T, both with 1/N",
    range="0 (each class is a point) to 1 (the class means coincide)",
    low="near 0: tight classes; where their means are apart that is neural collapse, see nc1_ratio",
    high="near 1: the class means coincide, or nearly",
    source="analysis of variance; Papyan et al. 2020 on neural collapse",
    says="{value} of the variance lies within classes",
    meaning="Small with distinct class means is neural collapse, which is good.",
    advice="Near 1: see class_collapse.",
    presets=USUAL,
    compute=within_class_share,
)
DECIDERS = (
    DUPLICATE_ROWS,
    RMS_PAIR_DISTANCE,
    MEAN_COSINE,
    PARTICIPATION_RATIO,
    ENTROPY_RANK,
    SEPARATION_AUC,
    PRECISION_AT_1,
    WITHIN_CLASS_SHARE,
)

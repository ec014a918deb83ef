"""Is the embedding collapsed now? Three kinds, each with the figures that decide it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from embaudit.core.intervals import Bound, exact, undefined
from embaudit.core.metric import Rows
from embaudit.evidence import Evidence
from embaudit.geometry.moments import between_class_variance, mean_pairwise_cosine
from embaudit.geometry.precision import anchored, corrected
from embaudit.measures.retrieval import ADJUSTED_PRECISION_AT_1, PRECISION_AT_1
from embaudit.measures.separation import EVERY, SEPARATION_AUC, USUAL
from embaudit.measures.spectrum import ENTROPY_RANK, PARTICIPATION_RATIO
from embaudit.measures.thickness import RMS_PAIR_DISTANCE
from embaudit.report import AGAINST, ALONE, STATES, Collapse, Measure

GROUP = "Collapse"
CHECKED = "The thresholds were chosen on half of a collection of healthy and broken sets (verdict)."
SET_ASIDE = "Rows far off and rows of zeros are left out."
NONE, WARNING, COLLAPSED = range(3)

# Precision@1 is adjusted for chance: 0 for a blind guess, 1 for perfect.
BLIND = 0.08  # at most: classes cannot be told apart; real collapses had 0.00, untrained nets 0.35
NOISE, MOST_NOISE = 2.5, 0.3  # standard errors of chance that small or lopsided sets may add to it
LOST = 0.3  # at most, beside a narrow cone: real ones that were told apart had 0.5 and more
HALF = 0.5  # a random order of positives and negatives
BLIND_AUC = 0.65  # at most, for classes that coincide: beside it, blind neighbours are overlap
RANDOM_AUC = 0.55  # at most: an order as at random, beside which twice as much is blind
WEAK, MOST_WEAK = 0.2, 0.5  # at most: a warning; what chance may add to that in lopsided sets
MOST_SHARED, SOME_SHARED = 0.4, 0.2  # of the anchors that coincide with a row of another class
MERGED = 0.05  # of the anchors in classes that lie on one another: a warning
CONE, NARROW = 0.98, 0.95  # mean cosine under cosine: collapsed, a warning
IN_USE = (
    1e-4  # of the largest eigenvalue: a direction in use; healthy nets had 20 to 75 of 61 needed
)
CLIFF = 1e-7  # of it: none below, if the spectrum ends in a cliff
FEW, FEW_AT_A_CLIFF = 0.25, 0.75  # of the directions that class means need
DOMINATING = 2  # directions that may drown the others
NEEDED = 4  # directions below which no count tells


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
    """Can most rows not be told from rows of other classes?"""
    if not evidence.data.labelled:
        return exact(COLLAPSED if _one_vector(evidence) else NONE)
    if evidence.distinct_vectors < len(evidence.data.classes):
        return exact(COLLAPSED, "fewer distinct vectors than classes")
    told_apart = ADJUSTED_PRECISION_AT_1.compute(evidence)
    near = 0.0
    if evidence.metric == "cosine":
        near = evidence.usual_cosine
    shared = (
        evidence.shared_rows / evidence.data.size
        if evidence.gallery is not None
        else (evidence.coinciding)
    )

    def state(precision: float | None) -> int:
        if precision is None or precision > HALF:
            return NONE
        if shared >= MOST_SHARED or (near >= CONE and precision <= LOST):
            return COLLAPSED
        return WARNING if shared >= SOME_SHARED or (near >= NARROW and precision <= LOST) else NONE

    found = _by(told_apart, state)
    return exact(WARNING, "some classes lie on one another") if _merged(evidence, found) else found


def _merged(evidence: Evidence, found: Bound) -> bool:
    """Whether classes have merged that hold a part of the anchors worth a warning."""
    if found.upper != NONE or evidence.gallery is not None:
        return False
    codes = evidence.data.codes_of(evidence.anchors)
    return bool(np.isin(codes, merged_classes(evidence)).mean() >= MERGED)


def merged_classes(evidence: Evidence) -> Rows:
    """Codes of the classes that lie on others.

    Most of their anchors coincide with a row of another class, and half of the nearest rows of
    these are wrong, or more.
    """
    codes = evidence.data.codes_of(evidence.anchors)
    close = evidence.scan.d2_nearest_negative[evidence.anchors] <= evidence.crowded**2
    size = np.maximum(np.bincount(codes), 1)
    lost = np.bincount(codes, evidence.right) <= HALF * size
    return np.flatnonzero((np.bincount(codes, close) > HALF * size) & lost)


def _one_vector(evidence: Evidence) -> bool:
    """Whether one vector is held by half of the rows: without labels nothing less is certain."""
    distinct = evidence.deduplicated
    held = np.bincount(distinct.vector, weights=distinct.count)
    return bool(2 * held.max() > evidence.data.size)


def dimensional_collapse(evidence: Evidence) -> Bound:
    """Does the variance lie in fewer dimensions than the class means need?"""
    data = evidence.data
    needed = min((len(data.classes) if data.labelled else data.size) - 1, data.dim)
    values, vectors = evidence.directions
    if needed < NEEDED:
        return exact(NONE)
    if values[0] <= 0:
        return exact(COLLAPSED, "all rows coincide")
    used = directions_in_use(evidence)
    cliff = used == int(np.count_nonzero(values > CLIFF * values[0]))
    few = used < FEW * needed or (cliff and used < FEW_AT_A_CLIFF * needed)
    if not few:
        return exact(NONE)
    if not data.labelled:
        return exact(WARNING, "how many directions are needed is not known without labels")
    rest = values[used:].sum() > CLIFF * values[0]
    if used <= DOMINATING and rest and evidence.gallery is None:
        # one or two directions drown the others: do these tell the classes apart?
        sample = evidence.sample
        hits = sample.hits_among(sample.values @ vectors[:, used:])[anchored(sample.codes)]
        if len(hits) and corrected(float(hits.mean()), sample.chance) > LOST:
            return exact(NONE, "one or two directions drown others that tell the classes apart")
    return exact(COLLAPSED, f"{used} directions in use, and class means need {needed}")


def directions_in_use(evidence: Evidence) -> int:
    """Eigenvalues of the usual rows' covariance that are not small beside the largest."""
    values = evidence.directions[0]
    return int(np.count_nonzero(values > IN_USE * values[0]))


def class_collapse(evidence: Evidence) -> Bound:
    """Do the classes coincide?"""
    told_apart = ADJUSTED_PRECISION_AT_1.compute(evidence)
    balanced, error, luck = evidence.balanced_precision
    blind = max(BLIND, min(NOISE * error, MOST_NOISE))
    weak = max(WEAK, min(NOISE * error + luck, MOST_WEAK))
    auc = SEPARATION_AUC.compute(evidence).value

    def state(precision: float | None) -> int:
        if precision is None:
            return NONE
        least = min(precision, balanced)  # of lopsided classes the whole is a figure of the large
        if precision <= HALF and (
            (least <= blind and (auc is None or auc <= BLIND_AUC))
            or (least <= 2 * blind and auc is not None and auc <= RANDOM_AUC)
        ):
            return COLLAPSED
        return WARNING if least <= weak else NONE

    return _by(told_apart, state)


def _by(reading: Bound, state: Callable[[float | None], int]) -> Bound:
    """A state decided by a figure, where that is sampled an interval of states."""
    if reading.kind == "certified":  # the ends of all orders of ties: the expectation decides
        return exact(state(reading.value))
    value, most, least = (state(one) for one in (reading.value, reading.lower, reading.upper))
    if least == most:
        return exact(value)
    return Bound("sampled", value, least, most, reading.confidence or 0.99, reading.reason)


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
        formula=f"{rule} {SET_ASIDE}",
        range="0 none, 1 warning, 2 collapsed",
        low="0: no figure crosses its threshold",
        high="1: a figure is on its way there; 2: collapsed",
        source="embaudit",
        says=f"{title.lower()}: {{value}}",
        meaning=f"What the embedding is now, not what it may become. {CHECKED}",
        advice="Look at the figures that decided it (collapse.evidence). If it is collapsed, do "
        "not ship: go back to an earlier checkpoint, smaller batches or semi-hard mining.",
        presets=EVERY,
        with_gallery=with_gallery,
        compute=compute,
        needs_labels=needs_labels,
        definition=4,
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
    "With q = adjusted_precision_at_1: collapsed if there are fewer distinct vectors than classes, "
    f"or q <= {HALF:g} while {MOST_SHARED:g} of the anchors coincide with a row of another class "
    "(are nearer than a twentieth of the RMS pair distance times N^(-1/participation_ratio)), or "
    f"under cosine q <= {LOST:g} while the mean cosine is at least {CONE:g}; warning from "
    f"{SOME_SHARED:g}, or a mean cosine of {NARROW:g}, on, or where {MERGED:g} of the anchors are "
    "of classes most of whose anchors coincide so and half of whose nearest rows are wrong. "
    "Without labels collapsed if one vector is held by half of the rows.",
)
DIMENSIONAL_COLLAPSE = _state(
    "dimensional_collapse",
    "Dimensional collapse",
    dimensional_collapse,
    "With m = min(C - 1, n), the dimensions that C distinct class means can span, and k the "
    f"eigenvalues of the covariance above {IN_USE:g} of the largest: collapsed if m >= {NEEDED} "
    f"and k < {FEW:g} m, or k < {FEW_AT_A_CLIFF:g} m with nothing but rounding beyond; not where "
    "one or two directions drown others that tell the classes apart. Without labels a warning.",
)
CLASS_COLLAPSE = _state(
    "class_collapse",
    "Class collapse",
    class_collapse,
    "With q the lesser of adjusted_precision_at_1 and that of the mean over classes: collapsed if "
    f"q is at most {BLIND:g} ({NOISE:g} standard errors of a blind guess in small sets) and "
    f"separation_auc at most {BLIND_AUC:g}, or at most twice that and {RANDOM_AUC:g}; warning if q "
    f"is at most {WEAK:g}, or as much as those errors and two rows of the rarest class that meet "
    f"by chance, up to {MOST_WEAK:g}.",
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
    ADJUSTED_PRECISION_AT_1,
    WITHIN_CLASS_SHARE,
)

"""Is the embedding collapsed now? The worst of three kinds, and the figures that decide them."""

from collections.abc import Callable
from typing import Any

from embaudit.core.intervals import Estimate, exact
from embaudit.evidence import Evidence
from embaudit.measures.class_collapse import class_collapse
from embaudit.measures.collapse_indicators import DUPLICATE_ROWS, MEAN_COSINE, WITHIN_CLASS_SHARE
from embaudit.measures.collapse_state_spec import state_measure
from embaudit.measures.dimensional_collapse import dimensional_collapse
from embaudit.measures.measure import AGAINST, ALONE
from embaudit.measures.point_collapse import point_collapse
from embaudit.measures.retrieval import ADJUSTED_PRECISION_AT_1, PRECISION_AT_1
from embaudit.measures.spectrum import ENTROPY_RANK, PARTICIPATION_RATIO
from embaudit.measures.thickness import RMS_PAIR_DISTANCE
from embaudit.measures.triplet_violations import SEPARATION_AUC
from embaudit.report import STATES, Collapse

KINDS: tuple[tuple[str, Callable[[Evidence], Estimate]], ...] = (
    ("point", point_collapse),
    ("dimensional", dimensional_collapse),
    ("class", class_collapse),
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


def _known_kinds(evidence: Evidence) -> tuple[tuple[str, Callable[[Evidence], Estimate]], ...]:
    """The kinds that can be told: without labels, whether classes coincide is not known."""
    return KINDS if evidence.data.labelled else KINDS[:2]


def collapse_state(evidence: Evidence) -> Estimate:
    """The worst of the kinds that are known."""
    kinds = [kind(evidence) for _, kind in _known_kinds(evidence)]
    lower, value, upper = (
        max(getattr(kind, end) for kind in kinds) for end in ("lower", "value", "upper")
    )
    if lower == upper:
        return exact(value, None if evidence.data.labelled else "class collapse is not known")
    confidence = next(kind.confidence for kind in kinds if kind.confidence)
    return Estimate("sampled", value, lower, upper, confidence)


def collapse_of(evidence: Evidence) -> Collapse:
    """The report's collapse block: the states and the figures that decided them."""
    states = {name: STATES[int(kind(evidence).value or 0)] for name, kind in _known_kinds(evidence)}
    deciders = [one for one in DECIDERS if evidence.data.labelled or not one.needs_labels]
    figures = {measure.id: measure.compute(evidence).value for measure in deciders}
    known = {name: value for name, value in figures.items() if value is not None}
    worst = max(states.values(), key=STATES.index)
    kinds: dict[str, Any] = {"class": None, **states}
    return Collapse(state=worst, evidence=known, **kinds)


COLLAPSE_STATE = state_measure(
    "collapse_state",
    "Collapse state",
    collapse_state,
    "The worst of point_collapse, dimensional_collapse and class_collapse; without labels, of the "
    "first two.",
    f"the first two {ALONE}, class_collapse {AGAINST}",
    definition=4,
)

MEASURES = (COLLAPSE_STATE,)

"""Can most rows not be told from rows of other classes?"""

import numpy as np

from embaudit.core.intervals import Estimate, exact
from embaudit.core.prepared_points import Rows
from embaudit.evidence import CROWDED, Evidence
from embaudit.measures.collapse_state_spec import (
    COLLAPSED,
    HALF,
    LOST,
    NONE,
    WARNING,
    decided_by,
    state_measure,
)
from embaudit.measures.retrieval import ADJUSTED_PRECISION_AT_1

MOST_SHARED, SOME_SHARED = 0.4, 0.2  # of the anchors that coincide with a row of another class
MERGED = 0.05  # of the anchors in classes that lie on one another: a warning
CONE, NARROW = 0.98, 0.95  # mean cosine under cosine: collapsed, a warning


def point_collapse(evidence: Evidence) -> Estimate:
    """Can most rows not be told from rows of other classes?"""
    if not evidence.data.labelled:
        held = _one_vector(evidence)
        return exact(COLLAPSED, "half of the rows hold one vector") if held else exact(NONE)
    if evidence.distinct_vectors < len(evidence.data.class_sizes):
        return exact(COLLAPSED, "fewer distinct vectors than classes")
    told_apart = ADJUSTED_PRECISION_AT_1.compute(evidence)
    near = 0.0
    if evidence.metric == "cosine":
        near = evidence.usual_cosine
    shared = (
        evidence.deduplicated.shared_rows / evidence.data.size
        if evidence.gallery is not None
        else evidence.coinciding
    )

    def state(precision: float | None) -> int:
        if precision is None or precision > HALF:
            return NONE
        if shared >= MOST_SHARED or (near >= CONE and precision <= LOST):
            return COLLAPSED
        return WARNING if shared >= SOME_SHARED or (near >= NARROW and precision <= LOST) else NONE

    limit = f"collapsed from {MOST_SHARED:g} on"
    why = f"{shared:.2g} of the anchors coincide with a row of another class ({limit})"
    if near >= NARROW:
        why = f"the mean cosine is {near:.4g} (collapsed from {CONE:g} on), and {why}"
    found = decided_by(told_apart, state, why)
    return exact(WARNING, "some classes lie on one another") if _merged(evidence, found) else found


def _merged(evidence: Evidence, found: Estimate) -> bool:
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


POINT_COLLAPSE = state_measure(
    "point_collapse",
    "Point collapse",
    point_collapse,
    "With q = adjusted_precision_at_1: collapsed if there are fewer distinct vectors than classes, "
    f"or q <= {HALF:g} while {MOST_SHARED:g} of the anchors coincide with a row of another class "
    f"(are nearer than {CROWDED:g} RMS pair distances times N^(-1/participation_ratio)), or "
    f"under cosine q <= {LOST:g} while the mean cosine is at least {CONE:g}; warning from "
    f"{SOME_SHARED:g}, or a mean cosine of {NARROW:g}, on, or where {MERGED:g} of the anchors are "
    "of classes most of whose anchors coincide so and half of whose nearest rows are wrong. "
    "Without labels collapsed if one vector is held by half of the rows.",
    definition=4,
)

MEASURES = (POINT_COLLAPSE,)

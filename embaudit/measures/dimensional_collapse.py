"""Does the variance lie in fewer dimensions than the class means need?"""

import numpy as np

from embaudit.core.intervals import Estimate, exact
from embaudit.evidence import Evidence
from embaudit.geometry.sample_retrieval import anchored, corrected
from embaudit.measures.collapse_state_spec import COLLAPSED, LOST, NONE, WARNING, state_measure

# Of the largest eigenvalue: a direction in use; healthy nets had 20 to 75 of 61 needed.
IN_USE = 1e-4
CLIFF = 1e-7  # of it: none below, if the spectrum ends in a cliff
FEW, FEW_AT_A_CLIFF = 0.25, 0.75  # of the directions that class means need
DOMINATING = 2  # directions that may drown the others
NEEDED = 4  # directions below which no count tells


def dimensional_collapse(evidence: Evidence) -> Estimate:
    """Does the variance lie in fewer dimensions than the class means need?"""
    data = evidence.data
    needed = min((len(data.class_sizes) if data.labelled else data.size) - 1, data.dim)
    values = evidence.axes.values
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
        along = evidence.axes.leading(used)[1]
        left = sample.values - (sample.values @ along) @ along.T
        hits = sample.hits_among(left)[anchored(sample.codes)]
        if len(hits) and corrected(float(hits.mean()), sample.chance) > LOST:
            return exact(NONE, "one or two directions drown others that tell the classes apart")
    classes = len(data.class_sizes)
    return exact(COLLAPSED, f"{used} of {data.dim}, where {classes} class means span {needed}")


def directions_in_use(evidence: Evidence) -> int:
    """Eigenvalues of the usual rows' covariance that are not small beside the largest."""
    values = evidence.axes.values
    return int(np.count_nonzero(values > IN_USE * values[0]))


DIMENSIONAL_COLLAPSE = state_measure(
    "dimensional_collapse",
    "Dimensional collapse",
    dimensional_collapse,
    "With m = min(C - 1, n), the dimensions that C distinct class means can span, and k the "
    f"eigenvalues of the covariance above {IN_USE:g} of the largest: collapsed if m >= {NEEDED} "
    f"and k < {FEW:g} m, or k < {FEW_AT_A_CLIFF:g} m with nothing but rounding beyond; not where "
    "one or two directions drown others that tell the classes apart. Without labels a warning.",
    definition=4,
)

MEASURES = (DIMENSIONAL_COLLAPSE,)

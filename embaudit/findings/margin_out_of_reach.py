"""A margin that no set of rows of that length can meet."""

import math

import numpy as np

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found

LARGEST = 700.0  # a logarithm of what float64 holds twice
CONSTANT = 1e-2  # spread of the logarithms of lengths that are one


def reach_of(evidence: Evidence) -> float | None:
    """The largest distance that rows of their length allow, in the user's units; None of many."""
    if evidence.metric == "cosine":
        return 2.0
    rows = evidence.row_statistics
    lengths = rows.log_lengths[rows.usual]
    if not rows.zero.all() and float(np.std(lengths)) > CONSTANT:
        return None
    typical = float(np.median(lengths))
    return 2 * math.exp(typical) if typical < LARGEST else None


def check(evidence: Evidence) -> Found | None:
    """The margin against twice the length of the rows."""
    reach = reach_of(evidence)
    if not evidence.margin or reach is None or evidence.margin < reach:
        return None
    return Found(
        f"A margin of {evidence.margin:g} is out of reach: no two rows of this length are more "
        f"than {reach:.3g} apart",
        {"margin": evidence.margin, "largest_distance": reach},
        ("The loss can never be zero, however good the embedding is.",),
    )


FINDING = FindingSpec(
    id="margin_out_of_reach",
    title="A margin out of reach",
    mark="warning",
    looks="--margin is at least twice the length that all rows have (2 under cosine)",
    remedy="Take a margin well below that, 0.1 to 0.5 for unit vectors.",
    check=check,
    needs_labels=True,
)

"""Rows that are probably no negatives, whatever their labels say: copies and mislabelled rows."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.evidence import NEAREST, Evidence
from embaudit.evidence.violation_causes import SAME
from embaudit.search import k_nearest

NOBODY = -1


def duplicates(evidence: Evidence) -> NDArray[np.bool_]:
    """(N,) flags of rows that have a copy under another label: one of the two labels is wrong."""
    d2 = evidence.scan.d2_nearest_negative.copy()
    lone = np.flatnonzero(np.isnan(d2))  # rows without a positive are not scanned
    found = k_nearest(
        evidence.points,
        evidence.deduplicated.vector[evidence.deduplicated.group],
        evidence.data.codes,
        evidence.data.rows,
        lone,
        1,
        threads=evidence.threads,
    )
    d2[lone] = found.d2[:, 0]
    copies: NDArray[np.bool_] = np.sqrt(d2) <= SAME * evidence.moments.rms_pair_distance
    return copies


def suspects(evidence: Evidence) -> Rows:
    """(N,) the other class that more than half of a row's NEAREST nearest rows carry, or NOBODY."""
    own = evidence.data.codes
    around = np.sort(own[evidence.neighbours[:, : min(NEAREST, len(own) - 1)]], axis=1)
    middle = around[:, around.shape[1] // 2]  # where any class has more than half
    many = 2 * (around == middle[:, None]).sum(axis=1) > around.shape[1]
    return np.where(many & (middle != own), middle, NOBODY)

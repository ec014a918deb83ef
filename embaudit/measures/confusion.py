"""Which classes are taken for which: pairs of classes, counted over anchors some at a time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.evidence import Evidence

CHUNK = 1 << 20  # anchors at a time: there may be more of them than memory likes to hold twice


def confusions(
    evidence: Evidence, which: NDArray[np.bool_], *, ordered: bool
) -> tuple[Rows, Rows, Rows, Rows]:
    """Classes of some anchors and of their nearest negatives, how often, and how often wrong.

    (p,) each, ascending. which: (A,) of the anchors. ordered: whether (a, b) and (b, a) are two
    pairs. Wrong is where a negative is strictly closer than every positive. Nearest negatives
    without a label are of no class.
    """
    count = len(evidence.reference.classes)
    known, counts = np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.int64)
    for own, other, wrong in _blocks(evidence, which):
        if not ordered:
            own, other = np.minimum(own, other), np.maximum(own, other)
        pairs, at = np.unique(own * count + other, return_inverse=True)
        known, into = np.unique(np.concatenate((known, pairs)), return_inverse=True)
        sums = np.zeros((len(known), 2), dtype=np.int64)
        sums[into[: len(counts)]] = counts
        sums[into[len(counts) :], 0] += np.bincount(at, minlength=len(pairs))
        sums[into[len(counts) :], 1] += np.bincount(at[wrong], minlength=len(pairs))
        counts = sums
    return known // count, known % count, counts[:, 0], counts[:, 1]


def _blocks(
    evidence: Evidence, which: NDArray[np.bool_]
) -> Iterator[tuple[Rows, Rows, NDArray[np.bool_]]]:
    data, scan, reference = evidence.data, evidence.scan, evidence.reference
    counted = reference.labelled_classes
    for start in range(0, len(evidence.anchors), CHUNK):
        part = slice(start, start + CHUNK)
        rows = evidence.anchors[part][which[part]]
        other = reference.codes_of(scan.nearest_negative[rows])
        if not counted.all():
            rows, other = rows[counted[other]], other[counted[other]]
        yield data.codes_of(rows), other, scan.closer_negatives[rows] > 0

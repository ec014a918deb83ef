"""Which classes are to blame, and with which other class they are confused."""

from collections.abc import Mapping

import numpy as np

from embaudit.evidence import Evidence
from embaudit.report import ClassRow
from embaudit.space import Rows


def classes_of(evidence: Evidence) -> tuple[ClassRow, ...]:
    """Per class: what its anchors show; violated triplets over those of them that were ranked.

    With a gallery, the classes of the queries.
    """
    data, scan, ranks = evidence.data, evidence.scan, evidence.ranks
    count = len(data.classes)
    codes = data.codes[evidence.anchors]
    anchors = np.bincount(codes, minlength=count)
    violating = evidence.gaps > 0
    wrong = np.bincount(codes, weights=violating, minlength=count)
    largest = np.full(count, -np.inf)
    np.maximum.at(largest, codes, evidence.gaps)

    ranked = data.codes[ranks.anchors]
    violated = np.bincount(ranked, weights=ranks.violated, minlength=count)
    triplets = np.bincount(ranked, weights=ranks.triplets, minlength=count)
    reference = evidence.reference
    seen = reference.codes[scan.nearest_negative[evidence.anchors[violating]]]
    confused = _most_frequent(codes[violating], seen)
    return tuple(
        ClassRow(
            label=label,
            rows=int(data.sizes[c]),
            violating_anchors=float(wrong[c] / anchors[c]) if anchors[c] else None,
            violated_triplets=float(violated[c] / triplets[c]) if triplets[c] else None,
            largest_gap=float(largest[c]) * evidence.unit if anchors[c] else None,
            most_confused_with=reference.classes[confused[c]] if c in confused else None,
        )
        for c, label in enumerate(data.classes)
    )


def _most_frequent(keys: Rows, values: Rows) -> Mapping[int, int]:
    """For each key its most frequent value, the lowest of equally frequent ones."""
    pairs, counts = np.unique(np.stack((keys, values)), axis=1, return_counts=True)
    best: dict[int, tuple[int, int]] = {}
    for key, value, amount in zip(*pairs.tolist(), counts.tolist(), strict=True):
        if key not in best or amount > best[key][0]:
            best[key] = (amount, value)
    return {key: value for key, (_, value) in best.items()}

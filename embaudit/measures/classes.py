"""Which classes are to blame, and with which other class they are confused."""

from collections.abc import Iterator, Mapping

import numpy as np

from embaudit.evidence import Evidence
from embaudit.report import ClassRow
from embaudit.space import Rows

QUANTILES = (0.05, 0.5, 0.95)


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
    quantiles = dict(_quantiles(evidence, codes))

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
            largest_gap=quantiles[c][1] if c in quantiles else None,
            gap_quantiles=quantiles[c][0] if c in quantiles else None,
            most_confused_with=reference.classes[confused[c]] if c in confused else None,
        )
        for c, label in enumerate(data.classes)
    )


def _quantiles(
    evidence: Evidence, codes: Rows
) -> Iterator[tuple[int, tuple[tuple[float, float, float], float]]]:
    """For each class with anchors the QUANTILES of their gaps, each a gap of one, and the largest.

    codes: of the anchors, which are ordered by class.
    """
    present, starts = np.unique(codes, return_index=True)
    for c, some in zip(present.tolist(), np.split(evidence.gaps, starts[1:]), strict=True):
        gaps = np.sort(some) * evidence.unit
        low, middle, high = (float(gaps[int(q * (len(gaps) - 1) + 0.5)]) for q in QUANTILES)
        yield c, ((low, middle, high), float(gaps[-1]))


def _most_frequent(keys: Rows, values: Rows) -> Mapping[int, int]:
    """For each key its most frequent value, the lowest of equally frequent ones."""
    pairs, counts = np.unique(np.stack((keys, values)), axis=1, return_counts=True)
    best: dict[int, tuple[int, int]] = {}
    for key, value, amount in zip(*pairs.tolist(), counts.tolist(), strict=True):
        if key not in best or amount > best[key][0]:
            best[key] = (amount, value)
    return {key: value for key, (_, value) in best.items()}

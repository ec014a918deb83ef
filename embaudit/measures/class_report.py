"""Which classes violate most, and with which other class they are confused."""

from itertools import pairwise
from typing import Any

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.data import Label
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.evidence import Evidence
from embaudit.measures.class_retrieval import (
    OfClasses,
    map_at_r_of_classes,
    precision_at_1_of_classes,
    r_precision_of_classes,
)
from embaudit.measures.confusion import confusions
from embaudit.report import ClassRow

QUANTILES = (0.05, 0.5, 0.95)
RETRIEVAL = {
    "precision_at_1": precision_at_1_of_classes,
    "r_precision": r_precision_of_classes,
    "map_at_r": map_at_r_of_classes,
}


def classes_of(evidence: Evidence) -> tuple[ClassRow, ...]:
    """Per class: what its anchors show; violated triplets over those of them that were ranked.

    With a gallery, the classes of the queries.
    """
    data, ranks = evidence.data, evidence.ranks
    count = len(data.classes)
    ranked = data.codes_of(ranks.anchors)
    violated = np.bincount(ranked, weights=ranks.violated, minlength=count)
    triplets = np.bincount(ranked, weights=ranks.triplets, minlength=count)
    confused = _most_confused(evidence)
    ends = np.searchsorted(evidence.anchors, data.starts).tolist()  # ordered by class
    retrieval = {name: figure(evidence) for name, figure in RETRIEVAL.items()}
    return tuple(
        ClassRow(
            label=label,
            rows=int(data.sizes[c]),
            **_of_anchors(evidence.gaps[slice(*ends_of_class)], evidence.unit),
            violated_triplets=float(violated[c] / triplets[c]) if triplets[c] else None,
            most_confused_with=confused.get(c),
            **_retrieved(retrieval, c),
        )
        for c, (label, ends_of_class) in enumerate(zip(data.classes, pairwise(ends), strict=True))
        if not isinstance(label, Unlabelled)
    )


def _of_anchors(gaps: Floats, unit: float) -> dict[str, Any]:
    """What the gaps of the anchors of a class tell; each quantile is the gap of an anchor."""
    if not len(gaps):
        return {"violating_anchors": None, "largest_gap": None, "gap_quantiles": None}
    ordered = np.sort(gaps) * unit
    at = [int(q * (len(gaps) - 1) + 0.5) for q in QUANTILES]
    return {
        "violating_anchors": float((gaps > 0).mean()),
        "largest_gap": float(ordered[-1]),
        "gap_quantiles": tuple(ordered[at].tolist()),
    }


def _retrieved(figures: dict[str, OfClasses], c: int) -> dict[str, Any]:
    """Retrieval figures of a class, and their ends where these differ."""
    told: dict[str, Any] = {}
    for name, of in figures.items():
        value, lower, upper = float(of.value[c]), float(of.lower[c]), float(of.upper[c])
        told[name] = None if np.isnan(value) else value
        told[f"{name}_ends"] = (lower, upper) if lower < upper else None
    return told


def _most_confused(evidence: Evidence) -> dict[int, Label]:
    """For each class with violating anchors, that of most of their nearest negatives.

    Of equally frequent ones, the first.
    """
    own, other, amount, _ = confusions(evidence, evidence.gaps > 0, ordered=True)
    classes = evidence.reference.classes
    best: dict[int, tuple[int, Label]] = {}
    for a, b, times in zip(own.tolist(), other.tolist(), amount.tolist(), strict=True):
        if a not in best or times > best[a][0]:
            best[a] = times, classes[b]
    return {a: label for a, (_, label) in best.items()}

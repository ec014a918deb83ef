"""A row for each anchor: what it sees, by how much it violates, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence
from embaudit.evidence.violation_causes import NOBODY
from embaudit.report.suspects import CULPRITS, REASONS

Column = NDArray[Any] | Sequence[Any]
COLUMNS = (
    "row",
    "id",
    "label",
    "furthest_positive",
    "furthest_positive_id",
    "d_furthest_positive",
    "nearest_positive",
    "nearest_positive_id",
    "d_nearest_positive",
    "nearest_negative",
    "nearest_negative_id",
    "nearest_negative_label",
    "d_nearest_negative",
    "closer_positives",
    "closer_negatives",
    "tied_positives",
    "tied_negatives",
    "gap",
    "violated_share",
    "violated_as_positive",
    "attribution",
    "likely_label",
    "own_score",
    "home_score",
    "label_score",
)


def anchors_of(evidence: Evidence) -> Mapping[str, Column]:
    """Columns of A values, the anchors in the order of the input; None where there is no value.

    Rows are input rows (positives and negatives of the gallery, if there is one; nothing is
    attributed then), distances and gaps in the units of the input. Of rows exactly as far as each
    other the lowest is named as nearest or furthest, but no count depends on their order:
    closer_positives are strictly closer than the nearest negative, closer_negatives than the
    nearest positive (at most 10 are counted); tied_positives and tied_negatives are exactly as far
    as the nearest positive, itself among them (0 negatives where 10 are closer). So the chance that
    the nearest row has the anchor's label is tied_positives / (tied_positives + tied_negatives)
    where closer_negatives is 0, else 0. Of ranked anchors only is known how many positives are
    closer, and the violated_share of the anchor's triplets. violated_as_positive is the share of
    ranked triplets in which the row is the positive.
    attribution: what the row itself is, else why the anchor violates, else None. own_score and
    home_score: how far the row is from its own class and from the likely one, in their spreads.
    label_score: how probably its label is wrong, 0 to 1.
    """
    data, scan, unit = evidence.data, evidence.scan, evidence.unit
    others = evidence.reference
    order = np.argsort(data.input_rows[evidence.anchors], kind="stable")
    anchors = evidence.anchors[order]
    columns: dict[str, Column] = {"row": data.input_rows[anchors]}
    if data.ids is not None:
        columns["id"] = _ids(data, anchors)
    places = data.rows[anchors].tolist()
    columns |= {name: [some[row] for row in places] for name, some in data.columns.items()}
    columns["label"] = _labels(data, data.codes[anchors])
    for name, rows, d2 in (
        ("furthest_positive", scan.furthest_positive, scan.d2_furthest_positive),
        ("nearest_positive", scan.nearest_positive, scan.d2_nearest_positive),
        ("nearest_negative", scan.nearest_negative, scan.d2_nearest_negative),
    ):
        columns[name] = others.input_rows[rows[anchors]]
        if others.ids is not None:
            columns[f"{name}_id"] = _ids(others, rows[anchors])
        if name == "nearest_negative":
            columns[f"{name}_label"] = _labels(others, others.codes[rows[anchors]])
        columns[f"d_{name}"] = np.sqrt(d2[anchors]) * unit
    columns["closer_positives"] = _ranked(evidence, evidence.ranks.leading)[order]
    columns["closer_negatives"] = scan.closer_negatives[anchors].astype(np.int64)
    for name, tied in (
        ("tied_positives", scan.tied_positives),
        ("tied_negatives", scan.tied_negatives),
    ):
        columns[name] = tied[anchors].astype(np.int64)
    columns["gap"] = evidence.gaps[order] * unit
    shares = evidence.ranks.violated / evidence.ranks.triplets
    columns["violated_share"] = _ranked(evidence, shares)[order]
    columns["violated_as_positive"] = _violated_as_positive(evidence)[order]
    return columns if evidence.gallery else columns | _attributed(evidence, anchors, order)


def _ranked(evidence: Evidence, values: NDArray[Any]) -> NDArray[np.float64]:
    """(A,) values of ranked anchors, NaN for the others."""
    everywhere = np.full(len(evidence.anchors), np.nan)
    everywhere[np.searchsorted(evidence.anchors, evidence.ranks.anchors)] = values
    return everywhere


def _violated_as_positive(evidence: Evidence) -> NDArray[np.float64]:
    """(A,) the violated share of ranked triplets with each row as the positive, NaN for none."""
    if evidence.gallery is not None:  # positives are rows of the gallery
        return np.full(len(evidence.anchors), np.nan)
    data, ranks = evidence.data, evidence.ranks
    ranked = np.zeros(data.size, dtype=np.int64)
    ranked[ranks.anchors] = 1
    by_class = np.bincount(data.codes, weights=ranked, minlength=len(data.classes))
    others = (by_class[data.codes] - ranked) * (data.size - data.sizes[data.codes])
    share = np.full(data.size, np.nan)
    np.divide(ranks.as_positive, others, out=share, where=others > 0)
    return share[evidence.anchors]


def _attributed(evidence: Evidence, anchors: Rows, order: Rows) -> dict[str, Column]:
    found = evidence.attribution
    itself, reason = found.suspect_kind[anchors], found.reason[order]
    names = [None, *CULPRITS], [None, *REASONS]
    told = [
        names[0][own + 1] if own != NOBODY else names[1][why + 1]
        for own, why in zip(itself.tolist(), reason.tolist(), strict=True)
    ]
    likely = [
        None if code < 0 else evidence.data.classes[code] for code in found.likely[anchors].tolist()
    ]
    scores = {"own_score": found.scores[anchors], "home_score": found.homes(anchors)}
    scores["label_score"] = found.wrong[anchors]
    return {"attribution": told, "likely_label": likely, **scores}


def _labels(data: EmbeddingSet, codes: Rows) -> list[Any]:
    return [data.classes[code] for code in codes.tolist()]


def _ids(data: EmbeddingSet, rows: Rows) -> list[Any]:
    assert data.ids is not None
    return [data.ids[row] for row in data.rows[rows].tolist()]

"""Which triplets are violated most."""

from collections.abc import Sequence

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence
from embaudit.report import Triplet

HARDEST = 20


def hardest_triplets_of(evidence: Evidence) -> tuple[Triplet, ...]:
    """The anchors with the largest gaps, each with its hardest triplet."""
    data, others, scan = evidence.data, evidence.reference, evidence.scan
    triplets = []
    for at in np.lexsort((data.input_rows[evidence.anchors], -evidence.gaps))[:HARDEST]:
        anchor = int(evidence.anchors[at])
        three = (anchor, int(scan.furthest_positive[anchor]), int(scan.nearest_negative[anchor]))
        d2 = np.array([scan.d2_furthest_positive[anchor], scan.d2_nearest_negative[anchor]])
        violation = float(evidence.gaps[at]) * evidence.unit
        triplets.append(triplet_of(data, three, np.sqrt(d2) * evidence.unit, violation, others))
    return tuple(triplets)


def triplet_of(
    data: EmbeddingSet,
    three: Sequence[int],
    distances: Floats,
    violation: float,
    reference: EmbeddingSet | None = None,
) -> Triplet:
    """Ordered rows of an anchor, its positive and negative, with the (2,) distances to these.

    reference: the set that positive and negative are rows of, where it is not the anchor's.
    """
    others = data if reference is None else reference
    sets = (data, others, others)
    pairs = list(zip(sets, three, strict=True))
    anchor, positive, negative = (int(one.input_rows[row]) for one, row in pairs)
    labels = [
        one.classes[int(np.searchsorted(one.starts, row, side="right")) - 1] for one, row in pairs
    ]
    ids = tuple(one.id_of(row) for one, row in pairs)
    return Triplet(
        anchor=anchor,
        positive=positive,
        negative=negative,
        ids=None if None in ids else ids,  # type: ignore[arg-type]
        anchor_label=labels[0],
        negative_label=labels[2],
        d_positive=float(distances[0]),
        d_negative=float(distances[1]),
        violation=violation,
    )

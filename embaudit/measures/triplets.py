"""Which triplets are to blame."""

import numpy as np

from embaudit.evidence import Evidence
from embaudit.report import Triplet

HARDEST = 20


def hardest_triplets_of(evidence: Evidence) -> tuple[Triplet, ...]:
    """The anchors with the largest gaps, each with its hardest triplet."""
    data, scan = evidence.data, evidence.scan
    rows = data.input_rows
    triplets = []
    for at in np.lexsort((rows[evidence.anchors], -evidence.gaps))[:HARDEST]:
        anchor = int(evidence.anchors[at])
        positive = int(scan.furthest_positive[anchor])
        negative = int(scan.nearest_negative[anchor])
        three = (anchor, positive, negative)
        codes = data.codes
        ids = None if data.ids is None else tuple(data.id_of(row) for row in three)
        triplets.append(
            Triplet(
                anchor=int(rows[anchor]),
                positive=int(rows[positive]),
                negative=int(rows[negative]),
                ids=ids,  # type: ignore[arg-type]
                anchor_label=data.classes[codes[anchor]],
                negative_label=data.classes[codes[negative]],
                d_positive=float(np.sqrt(scan.d2_furthest_positive[anchor])) * evidence.unit,
                d_negative=float(np.sqrt(scan.d2_nearest_negative[anchor])) * evidence.unit,
                violation=float(evidence.gaps[at]) * evidence.unit,
            )
        )
    return tuple(triplets)

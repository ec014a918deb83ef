"""Which triplets are to blame."""

import numpy as np

from embaudit.evidence import Evidence
from embaudit.report import Triplet

HARDEST = 20


def hardest_triplets_of(evidence: Evidence) -> tuple[Triplet, ...]:
    """The anchors with the largest gaps, each with its hardest triplet."""
    data, others, scan = evidence.data, evidence.reference, evidence.scan
    rows, other_rows, codes, other_codes = (
        data.input_rows,
        others.input_rows,
        data.codes,
        others.codes,
    )
    triplets = []
    for at in np.lexsort((rows[evidence.anchors], -evidence.gaps))[:HARDEST]:
        anchor = int(evidence.anchors[at])
        positive = int(scan.furthest_positive[anchor])
        negative = int(scan.nearest_negative[anchor])
        ids = data.id_of(anchor), others.id_of(positive), others.id_of(negative)
        triplets.append(
            Triplet(
                anchor=int(rows[anchor]),
                positive=int(other_rows[positive]),
                negative=int(other_rows[negative]),
                ids=None if None in ids else ids,  # type: ignore[arg-type]
                anchor_label=data.classes[codes[anchor]],
                negative_label=others.classes[other_codes[negative]],
                d_positive=float(np.sqrt(scan.d2_furthest_positive[anchor])) * evidence.unit,
                d_negative=float(np.sqrt(scan.d2_nearest_negative[anchor])) * evidence.unit,
                violation=float(evidence.gaps[at]) * evidence.unit,
            )
        )
    return tuple(triplets)

"""Rows that findings name, left out of a set: which they are is what each finding flags."""

from collections.abc import Sequence

import numpy as np

from embaudit.core.metric import Metric
from embaudit.data import EmbeddingSet
from embaudit.data.left_out_rows import ZERO, Drop, Flags, LeftOut
from embaudit.data.subsets import leave_out
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.findings import FINDINGS


def without(
    data: EmbeddingSet, drop: Sequence[Drop], metric: Metric, *, alone: bool = True
) -> EmbeddingSet:
    """A set less the rows of some findings; rows of zeros go first, which cosine cannot take.

    The others are looked for in what is left by then, all at once. alone: as in
    `leave_out`. Raises InputRefused where what is left cannot be audited.
    """
    if ZERO in drop:
        data = leave_out(data, *_flagged(Evidence(data), [ZERO]), alone=alone)
    if others := [one for one in drop if one != ZERO]:
        data = leave_out(
            data, *_flagged(Evidence(data, EvidenceOptions(metric=metric)), others), alone=alone
        )
    return data


def _flagged(evidence: Evidence, drop: Sequence[Drop]) -> tuple[Flags, list[LeftOut]]:
    """Ordered rows that the findings flag, (N,), and how many each; a row counts once."""
    rows_of = {spec.id: spec.rows for spec in FINDINGS}
    out, left_out = np.zeros(evidence.data.size, dtype=bool), list[LeftOut]()
    for one in drop:
        find = rows_of[one]
        assert find is not None, f"{one} names no rows"
        rows = find(evidence) & ~out
        left_out.append(LeftOut(one, int(np.count_nonzero(rows))))
        out |= rows
    return out, left_out

"""Values that stand at the ends of their type: clipped."""

import numpy as np

from embaudit.core.prepared_points import CHUNK
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, share

SHARE = 0.01  # of integers: quantisers clip less
SOME = 1e-6  # of floats: none reaches its largest value by itself
CODES = 4  # distinct values of a code, which stands at its ends by design


def check(evidence: Evidence) -> Found | None:
    """The share of stored values at the ends of their type."""
    vectors = evidence.data.vectors
    dtype = vectors.dtype
    step = max(1, -(-len(vectors) // (16 * CHUNK)))
    some = evidence.data.stored.as_stored(np.arange(0, len(vectors), step))
    if dtype.kind == "f":
        ends = [float(np.finfo(dtype).max)]
        blocks = (some[at : at + CHUNK] for at in range(0, len(some), CHUNK))
        clipped = sum(int(np.count_nonzero(np.abs(one) >= ends[0])) for one in blocks)
    elif dtype.itemsize == 1:
        info = np.iinfo(dtype)
        ends = [float(info.max)] if dtype.kind == "u" else [float(info.min), float(info.max)]
        at = np.asarray(some) == info.max
        if dtype.kind == "i":
            at |= some <= info.min + 1  # symmetric quantisers stop at -127
        clipped = int(np.count_nonzero(at))
        if len(np.unique(some)) <= CODES:
            return None
    else:
        return None
    part = clipped / (len(some) * vectors.shape[1])
    if part < (SOME if dtype.kind == "f" else SHARE):
        return None
    facts = {"share": part, "ends": ends, "rows_looked_at": len(some)}
    return Found(
        f"{share(part)} of the values stand at the end of {dtype}: they were clipped",
        facts,
        ("What was further out is lost, and distances between such rows are too small.",),
    )


FINDING = FindingSpec(
    id="saturated_values",
    title="Clipped values",
    mark="warning",
    looks=f"{share(SHARE)} of 8-bit values at an end of the type, or any float at its largest "
    "value",
    remedy="Quantise with a wider range (calibrate on these rows), or save as float16 or float32.",
    check=check,
    cost="a pass over at most 16,384 rows",
)

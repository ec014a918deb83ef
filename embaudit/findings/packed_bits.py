"""Bytes that are eight bits each, audited as if they were numbers."""

import numpy as np

from embaudit.data.bit_unpacking import unpacked
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, share
from embaudit.geometry.sample_retrieval import anchored, hits_of, pair_squares, surely_more

LEAST = 0.03  # of precision@1, surely


def check(evidence: Evidence) -> Found | None:
    """Precision@1 of a sample by bits and by bytes."""
    data = evidence.data
    if data.unpacked or data.vectors.dtype not in (np.uint8, np.int8):
        return None
    sample = evidence.sample
    anchors = anchored(sample.codes)
    if np.count_nonzero(anchors) < 20:
        return None
    bits = unpacked(np.ascontiguousarray(data.vectors[sample.rows])).astype(np.float64)
    here = sample.hits[anchors]
    there = hits_of(pair_squares(bits), sample.codes)[anchors]
    low, high = surely_more(there, here)
    now, then = float(here.mean()), float(there.mean())
    if low < LEAST:
        return None
    facts = {"precision_at_1": now, "precision_at_1_other": then, "difference": [low, high]}
    return Found(
        f"These bytes look like packed bits: precision@1 is {share(then)} by Hamming distance and "
        f"{share(now)} with bytes as numbers",
        facts,
        (f"{data.dim} bytes hold {8 * data.dim} bits, as binary quantisation saves them.",),
        options={"unpack_bits": None},
    )


FINDING = FindingSpec(
    id="packed_bits",
    title="Packed bits",
    mark="bad",
    looks="values of uint8 or int8 whose bits tell classes apart surely better than the numbers do",
    remedy="--unpack-bits audits them as bits, by Hamming distance.",
    check=check,
    cost="a comparison of at most 1,024 rows with each other, of 8-bit values only",
    needs_labels=True,
    needs_own_positives=True,
    decides_neighbours=True,
)

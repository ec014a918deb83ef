"""One vector under many rows: a placeholder for inputs that could not be embedded."""

import numpy as np

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, rows_text, rows_told, share

LEAST = 4  # copies
SHARE = 2e-3  # of the rows, of larger sets
TIMES = 4  # as often as 99 of 100 other vectors at least
SPREAD = 0.5  # labels that the copies have, of as many as they could: chance, not a class
FEW = 8  # vectors that are told of


def check(evidence: Evidence) -> Found | None:
    """Vectors held far more often than the others, under labels as chance has it."""
    data, distinct = evidence.data, evidence.distinct
    vector = distinct.vector[distinct.group]
    if evidence.distinct_vectors == data.size:
        return None
    counts = np.bincount(vector, minlength=data.size)
    counts[vector[evidence.profile.zero]] = 0
    held = counts[counts > 0]
    if not len(held):
        return None
    usual = float(np.quantile(held, 0.99)) if len(held) >= 100 else float(np.median(held))
    least = max(LEAST, SHARE * data.size, TIMES * usual)
    some = np.flatnonzero(counts >= least)
    # amid many distinct ones: where most rows are copies, it is a collapse or codes
    others = len(held) - len(some)
    rest = int(held.sum() - counts[some].sum())
    if not len(some) or len(some) > FEW or 2 * others < rest or 2 * rest < data.size:
        return None
    chosen, labels, mixed = np.zeros(data.size, dtype=bool), set(), False
    for one in some:
        rows = np.flatnonzero(vector == one)
        if data.labelled:
            own = np.unique(data.codes[rows])
            if len(own) == 1 and counts[one] < 5 * least:
                continue  # a class has its copies, as neural collapse has
            if len(own) > 1 and len(own) < SPREAD * min(len(rows), len(data.classes)):
                continue  # near classes whose codes coincide
            mixed |= len(own) > 1
            labels |= set(own.tolist())
        chosen[rows] = True
    count = int(np.count_nonzero(chosen))
    if not count:
        return None
    told = {**rows_told(data, chosen), "share": count / data.size, "vectors": len(some)}
    told["labels"] = [data.classes[code] for code in sorted(labels)][:200]
    under = f" under {len(labels)} labels" if len(labels) > 1 else ""
    copies = "the same vector" if len(some) == 1 else f"one of {len(some)} vectors"
    return Found(
        f"{rows_text(count)} ({share(count / data.size)}) hold {copies}{under}: a placeholder",
        told,
        ("An empty or broken input gets the same vector every time; it says nothing of its row.",),
        mark="bad" if mixed or not data.labelled else "warning",
        options=("--drop", "repeated_vector"),
    )


REPEATED_VECTOR = FindingSpec(
    id="repeated_vector",
    title="One vector under many rows",
    mark="bad",
    looks="one or a few vectors held by far more rows than others are, under labels as chance has "
    "it, amid many distinct vectors",
    remedy="Find what these rows have in common (empty text, missing image) and embed them again, "
    "or leave them out: --drop repeated_vector.",
    check=check,
)

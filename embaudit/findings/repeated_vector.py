"""One vector under many rows: a placeholder for inputs that could not be embedded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.evidence import Evidence
from embaudit.findings.finding import (
    FindingSpec,
    Found,
    precision_of_others,
    row_facts,
    rows_text,
    share,
)

LEAST = 4  # copies
SHARE = 2e-3  # of the rows, of larger sets
TIMES = 4  # as often as 99 of 100 other vectors at least
SPREAD = 0.5  # labels that the copies have, of as many as they could: chance, not a class
FEW = 8  # vectors that are told of


@dataclass(frozen=True)
class Repeated:
    """Vectors held far more often than the others, under labels as chance has it.

    rows: (N,) flags of the ordered rows that hold one. vectors: how many there are. codes: of
    their labels. mixed: whether one of them stands under several.
    """

    rows: NDArray[np.bool_]
    vectors: int
    codes: frozenset[int]
    mixed: bool


def rows(evidence: Evidence) -> NDArray[np.bool_]:
    """(N,) whether a row holds such a vector."""
    return _repeated(evidence).rows


def check(evidence: Evidence) -> Found | None:
    """How many rows hold such a vector, and under how many labels."""
    data, found = evidence.data, _repeated(evidence)
    count = int(np.count_nonzero(found.rows))
    if not count:
        return None
    facts = {**row_facts(data, found.rows), "share": count / data.size, "vectors": found.vectors}
    facts |= precision_of_others(evidence, found.rows)
    facts["labels"] = [data.classes[code] for code in sorted(found.codes)][:200]
    under = f" under {len(found.codes)} labels" if len(found.codes) > 1 else ""
    copies = "the same vector" if found.vectors == 1 else f"one of {found.vectors} vectors"
    return Found(
        f"{rows_text(count)} ({share(count / data.size)}) hold {copies}{under}: a placeholder",
        facts,
        ("An empty or broken input gets the same vector every time; it says nothing of its row.",),
        mark="bad" if found.mixed or not data.labelled else "warning",
        options={"drop": "repeated_vector"},
    )


def _repeated(evidence: Evidence) -> Repeated:
    data, distinct = evidence.data, evidence.deduplicated
    none = Repeated(np.zeros(data.size, dtype=bool), 0, frozenset(), mixed=False)
    if evidence.distinct_vectors == data.size:
        return none
    vector = distinct.vector[distinct.group]
    counts = np.bincount(vector, minlength=data.size)
    counts[vector[evidence.row_statistics.zero]] = 0
    held = counts[counts > 0]
    if not len(held):
        return none
    usual = float(np.quantile(held, 0.99)) if len(held) >= 100 else float(np.median(held))
    least = max(LEAST, SHARE * data.size, TIMES * usual)
    some = np.flatnonzero(counts >= least)
    # amid many distinct ones: where most rows are copies, it is a collapse or codes
    others = len(held) - len(some)
    rest = int(held.sum() - counts[some].sum())
    if not len(some) or len(some) > FEW or 2 * others < rest or 2 * rest < data.size:
        return none
    chosen, labels, mixed = np.zeros(data.size, dtype=bool), set[int](), False
    for one in some:
        held = np.flatnonzero(vector == one)
        if data.labelled:
            own = np.unique(data.codes[held])
            if len(own) == 1 and counts[one] < 5 * least:
                continue  # a class has its copies, as neural collapse has
            if len(own) > 1 and len(own) < SPREAD * min(len(held), len(data.classes)):
                continue  # near classes whose codes coincide
            mixed |= len(own) > 1
            labels |= set(own.tolist())
        chosen[held] = True
    return Repeated(chosen, len(some), frozenset(labels), mixed)


FINDING = FindingSpec(
    id="repeated_vector",
    title="One vector under many rows",
    mark="bad",
    looks="one or a few vectors held by far more rows than others are, under labels as chance has "
    "it, amid many distinct vectors",
    remedy="Find what these rows have in common (empty text, missing image) and embed them again, "
    "or leave them out: --drop repeated_vector.",
    check=check,
    rows=rows,
)

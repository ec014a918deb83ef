"""Rows that are all zero: never written, or an encoder that failed."""

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

FEW = 1e-3  # of the rows: so many may be empty inputs


def rows(evidence: Evidence) -> NDArray[np.bool_]:
    """(N,) whether all values of a row are zero."""
    return evidence.row_statistics.zero


def check(evidence: Evidence) -> Found | None:
    """All-zero rows; an unbroken end is of a job that died."""
    zero, data = rows(evidence), evidence.data
    count = int(np.count_nonzero(zero))
    if not count or count == data.size:
        return None
    places = np.sort(data.rows[zero])
    tail = bool(places[0] == data.size - count) and count > 1
    facts = {**row_facts(data, zero), "share": count / data.size, "tail": tail}
    facts |= precision_of_others(evidence, zero)
    first = int(data.input_rows[zero].min())
    where = f"row {first} on, to the end" if tail else f"the first is row {first}"
    why = (
        "The file was preallocated, and the job that filled it stopped early."
        if tail
        else "A vector of zeros is what is left of an empty input, or of a row never written."
    )
    return Found(
        f"{rows_text(count)} of {data.size:,} ({share(count / data.size)}) are all zeros: {where}",
        facts,
        (why,),
        mark="bad" if count > FEW * data.size else "warning",
        options={"drop": "zero_rows"},
    )


FINDING = FindingSpec(
    id="zero_rows",
    title="Rows of zeros",
    mark="bad",
    looks=f"rows whose values are all zero; bad beyond {share(FEW)} of the rows; `tail` where they "
    "are the unbroken end of the file, as a job leaves it that died",
    remedy="Embed these rows again; --drop zero_rows audits the rest.",
    check=check,
    rows=rows,
)

"""Rows of other labels that are the same input, encoded once more."""

import numpy as np

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, row_facts, rows_text
from embaudit.search import k_nearest

NEAR = 1e-2  # RMS pair distances: a float16 copy is 2e-4 off, a JPEG of quality 75 3.5e-3
TENTH = 0.1  # of the distance of the next negative that is no copy
WIDE = 3.0  # participation ratio: in a plane rows come as near to each other by chance
NEXT = 6  # nearest negatives that are looked at
MOST = 2000  # rows whose next negatives are looked up
FEW = 0.2  # of the rows: more are a set that nearly coincides


def check(evidence: Evidence) -> Found | None:
    """Nearest negatives that are far nearer than the next."""
    data, scan = evidence.data, evidence.scan
    near = min(NEAR * evidence.moments.rms_pair_distance, evidence.crowded) ** 2
    with np.errstate(invalid="ignore"):
        close = scan.d2_nearest_negative <= near
        close &= scan.d2_nearest_negative <= TENTH**2 * scan.d2_nearest_positive
    close &= ~(evidence.row_statistics.zero | evidence.row_statistics.stray)
    rows = np.flatnonzero(close)
    if not len(rows) or len(rows) > FEW * data.size:
        return None
    rows = rows[:MOST]
    distinct = evidence.deduplicated
    found = k_nearest(
        evidence.points,
        distinct.vector[distinct.group],
        data.codes,
        data.rows,
        rows,
        min(NEXT, data.size - int(data.sizes.max())),
        threads=evidence.threads,
    )
    if found.d2.shape[1] < 2:
        return None
    ratio = found.d2[:, :-1] <= TENTH**2 * found.d2[:, 1:]
    ratio &= found.d2[:, :-1] <= near
    copies = rows[ratio.any(axis=1)]
    if not len(copies) or (evidence.axes.participation or 0) < WIDE:
        return None
    chosen = np.zeros(data.size, dtype=bool)
    chosen[copies] = True
    chosen[scan.nearest_negative[copies]] = True
    facts = row_facts(data, chosen)
    first = int(copies[0])
    one, other = data.input_rows[first], data.input_rows[scan.nearest_negative[first]]
    return Found(
        f"{rows_text(facts['count'])} are nearly the same vector as a row of another label: rows "
        f"{one} and {other}",
        facts,
        ("One input under two labels: no embedding can tell them apart.",),
        options={"output": "anchors.parquet"},
    )


FINDING = FindingSpec(
    id="near_copies",
    title="Copies under other labels",
    mark="warning",
    looks=f"the nearest row of another label is within {NEAR:g} of the RMS pair distance, and the "
    f"next one that is no copy {1 / TENTH:g} times further off",
    remedy="Decide which label is right, and keep one of the copies.",
    check=check,
    cost=f"nearest negatives of at most {MOST:,} rows",
    needs_labels=True,
    needs_own_positives=True,
    explained_by=("misaligned_labels", "repeated_vector"),
)

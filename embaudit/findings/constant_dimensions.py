"""Dimensions that are the same in every row."""

import numpy as np

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, listed, share

NOTHING = 1e-12  # of the usual variance: no unit that is alive has as little

ALIKE = 1e-9  # of a stored value, on a sample: so little is rounding


def check(evidence: Evidence) -> Found | None:
    """Dimensions without variance, of rows that have some."""
    variances, mean = evidence.row_statistics.variances, evidence.row_statistics.mean
    total = float(variances.sum())
    if not total:
        return None
    rounding = np.square(np.abs(mean) * 2.0**-50 + 1e-300)
    alive = variances[variances > rounding]
    usual = float(np.median(alive)) if len(alive) else 0.0
    dead = np.flatnonzero((variances <= rounding) | (variances <= NOTHING * usual))
    if evidence.metric == "cosine" and len(dead):  # what is nearly all of a row's length varies too
        stored = evidence.data.stored.floats(evidence.sample.rows)[:, dead]
        dead = dead[np.ptp(stored, axis=0) <= ALIKE * np.abs(stored).max(axis=0)]
    if not len(dead):
        return None
    facts = {"dimensions": dead[:200].tolist(), "count": len(dead), "share": len(dead) / len(mean)}
    each = "dimension is" if len(dead) == 1 else "dimensions are"
    return Found(
        f"{len(dead)} of {len(mean)} {each} the same in every row: {listed(dead.tolist())}",
        facts,
        (f"{share(len(dead) / len(mean))} of the file says nothing.",),
    )


FINDING = FindingSpec(
    id="constant_dimensions",
    title="Dead dimensions",
    mark="note",
    looks="dimensions with the same value in every row",
    remedy="Units that died (a ReLU, padding): drop them to save room, or train fewer.",
    check=check,
)

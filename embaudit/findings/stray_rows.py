"""Rows orders of magnitude further off than all others: overflow, or another unit."""

import numpy as np
from numpy.typing import NDArray

from embaudit.evidence import Evidence
from embaudit.evidence.norms_and_outliers import BEYOND, SHARE
from embaudit.findings.finding import FindingSpec, Found, listed, row_facts, rows_text, share


def rows(evidence: Evidence) -> NDArray[np.bool_]:
    """(N,) the profile's stray rows."""
    stray: NDArray[np.bool_] = evidence.row_statistics.stray & ~evidence.row_statistics.zero
    return stray


def check(evidence: Evidence) -> Found | None:
    """How far off they are."""
    profile, data = evidence.row_statistics, evidence.data
    stray = rows(evidence)
    count = int(np.count_nonzero(stray))
    if not count:
        return None
    times = profile.beyond
    facts = {**row_facts(data, stray), "share": count / data.size, "times": times}
    now = evidence.moments.rms_pair_distance * evidence.unit
    then = float(np.sqrt(2 * profile.variances.sum())) * evidence.unit
    facts |= {"rms_pair_distance": now, "rms_pair_distance_without": then}
    far = f"{times:,.0f} times as far off as the others or more" if times else "far off"
    return Found(
        f"{rows_text(count)} {'lies' if count == 1 else 'lie'} {far}: "
        f"{'row' if count == 1 else 'rows'} {listed(facts['rows'])}",
        facts,
        (
            "Such rows are the furthest positives of their classes and carry the variance; "
            "collapse was decided without them.",
            f"The RMS pair distance is {now:.4g} with and {then:.4g} without them.",
        ),
        options={"drop": "stray_rows"},
    )


FINDING = FindingSpec(
    id="stray_rows",
    title="Rows far off",
    mark="bad",
    looks=f"at most {share(SHARE)} of the rows, beyond a gap, at least {BEYOND:g} times further "
    "from the centre than 95 % of the others, more where these have a long tail, and no class by "
    "itself",
    remedy="Embed these rows again, or leave them out: --drop stray_rows.",
    check=check,
    rows=rows,
)

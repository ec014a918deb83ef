"""Queries that are rows of their gallery: each is its own best match."""

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, rows_text, share
from embaudit.report.diagnosis_model import MOST_ROWS

FEW = 1e-3  # of the queries


def check(evidence: Evidence) -> Found | None:
    """Queries with a copy of their own label in the gallery."""
    if evidence.gallery is None:
        return None
    leakage = evidence.leakage
    own = leakage.queries[leakage.itself >= 0]
    if not len(own):
        return None
    rows = evidence.data.input_rows[own]
    facts = {"count": len(rows), "rows": sorted(rows.tolist())[:MOST_ROWS]}
    facts["share"] = len(rows) / evidence.data.size
    return Found(
        f"{rows_text(len(rows))} of {evidence.data.size:,} queries are rows of the gallery too",
        facts,
        ("A row is no match of itself: precision and recall are told without these matches.",),
        mark="bad" if len(rows) > FEW * evidence.data.size else "warning",
    )


FINDING = FindingSpec(
    id="gallery_holds_queries",
    title="The gallery holds the queries",
    mark="bad",
    looks="queries whose vector the gallery has too, under the same label; bad beyond "
    f"{share(FEW)} of them",
    remedy="Take the queries out of the gallery; to audit one set against itself leave --gallery "
    "away.",
    check=check,
    needs_labels=True,
)

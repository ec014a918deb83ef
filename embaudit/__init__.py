"""Audit saved embeddings: separation, hard negatives, collapse, and whether they may ship.

>>> import embaudit
>>> report = embaudit.audit(embeddings, labels)          # arrays
>>> report = embaudit.audit("emb.parquet")                 # files
>>> report.measures["d_iso"].upper
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from embaudit.version import __version__

__all__ = [
    "Comparison",
    "Estimate",
    "Evidence",
    "FindingSpec",
    "Found",
    "Inspection",
    "Measure",
    "Mined",
    "Projected",
    "Report",
    "Sweep",
    "Trend",
    "__version__",
    "audit",
    "certified",
    "compare",
    "exact",
    "forecast",
    "inspect",
    "load",
    "mine",
    "project",
    "trend",
    "undefined",
]

if TYPE_CHECKING:
    from embaudit.core.intervals import Estimate, certified, exact, undefined
    from embaudit.evidence import Evidence
    from embaudit.findings.finding import FindingSpec, Found
    from embaudit.measures.measure import Measure
    from embaudit.report import Report
    from embaudit.report.comparison_document import Comparison
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.inspection_document import Inspection
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import audit
    from embaudit.verbs.compare import compare
    from embaudit.verbs.forecast import forecast
    from embaudit.verbs.inspect import inspect
    from embaudit.verbs.load import load
    from embaudit.verbs.mine import Mined, mine
    from embaudit.verbs.project import Projected, project
    from embaudit.verbs.trend import trend


_HOMES = {
    "Comparison": "embaudit.report.comparison_document",
    "Estimate": "embaudit.core.intervals",
    "Evidence": "embaudit.evidence",
    "FindingSpec": "embaudit.findings.finding",
    "Found": "embaudit.findings.finding",
    "Inspection": "embaudit.report.inspection_document",
    "Measure": "embaudit.measures.measure",
    "Mined": "embaudit.verbs.mine",
    "Projected": "embaudit.verbs.project",
    "Report": "embaudit.report",
    "Sweep": "embaudit.report.forecast_document",
    "Trend": "embaudit.report.trend_document",
    "audit": "embaudit.verbs.audit",
    "certified": "embaudit.core.intervals",
    "compare": "embaudit.verbs.compare",
    "exact": "embaudit.core.intervals",
    "forecast": "embaudit.verbs.forecast",
    "inspect": "embaudit.verbs.inspect",
    "load": "embaudit.verbs.load",
    "mine": "embaudit.verbs.mine",
    "project": "embaudit.verbs.project",
    "trend": "embaudit.verbs.trend",
    "undefined": "embaudit.core.intervals",
}


def __getattr__(name: str) -> Any:
    """Import on first use: importing embaudit itself costs nothing."""
    if name in _HOMES:
        import_module("embaudit.verbs")  # which shows what a document holds
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'embaudit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

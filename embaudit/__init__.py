"""Audit saved embeddings: separation, hard negatives, collapse, and whether they may ship.

>>> import embaudit
>>> report = embaudit.audit(embeddings, labels)          # arrays
>>> report = embaudit.audit(embaudit.load("emb.parquet"))  # files
>>> report.measures["d_iso"].upper
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from embaudit.version import __version__

__all__ = [
    "Mined",
    "Projected",
    "Report",
    "Sweep",
    "__version__",
    "audit",
    "forecast",
    "load",
    "mine",
    "project",
]

if TYPE_CHECKING:
    from embaudit.report import Report
    from embaudit.report.sweep import Sweep
    from embaudit.verbs.audit import audit
    from embaudit.verbs.forecast import forecast
    from embaudit.verbs.load import load
    from embaudit.verbs.mine import Mined, mine
    from embaudit.verbs.project import Projected, project


_HOMES = {
    "Mined": "embaudit.verbs.mine",
    "Projected": "embaudit.verbs.project",
    "Report": "embaudit.report",
    "Sweep": "embaudit.report.sweep",
    "audit": "embaudit.verbs.audit",
    "forecast": "embaudit.verbs.forecast",
    "load": "embaudit.verbs.load",
    "mine": "embaudit.verbs.mine",
    "project": "embaudit.verbs.project",
}


def __getattr__(name: str) -> Any:
    """Import on first use: importing embaudit itself costs nothing."""
    if name in _HOMES:
        import_module("embaudit.verbs")  # which shows what a document holds
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'embaudit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Audit saved embeddings: separation, hard negatives, collapse, and whether they may ship.

>>> import embaudit
>>> report = embaudit.audit(embeddings, labels)          # arrays
>>> report = embaudit.audit(embaudit.load("emb.parquet"))  # files
>>> report.measures["d_iso"].upper
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
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
    from embaudit.forecasting import forecast
    from embaudit.loading import load
    from embaudit.mining import Mined, mine
    from embaudit.pipeline import audit
    from embaudit.projecting import Projected, project
    from embaudit.report import Report
    from embaudit.report.sweep import Sweep


_HOMES = {
    "Mined": "embaudit.mining",
    "Projected": "embaudit.projecting",
    "Report": "embaudit.report",
    "Sweep": "embaudit.report.sweep",
    "audit": "embaudit.pipeline",
    "forecast": "embaudit.forecasting",
    "load": "embaudit.loading",
    "mine": "embaudit.mining",
    "project": "embaudit.projecting",
}


def __getattr__(name: str) -> Any:
    """Import on first use: importing embaudit itself costs nothing."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'embaudit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

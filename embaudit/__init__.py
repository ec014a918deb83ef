"""Audit saved embeddings: separation, hard negatives, collapse, and whether they may ship.

>>> import embaudit
>>> report = embaudit.audit(embeddings, labels)          # arrays
>>> report = embaudit.audit(embaudit.load("emb.parquet"))  # files
>>> report.measures["d_iso"].upper
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Report", "__version__", "audit", "load"]

if TYPE_CHECKING:
    from embaudit.files import load
    from embaudit.pipeline import audit
    from embaudit.report import Report


def __getattr__(name: str) -> Any:
    """Import on first use: importing embaudit itself costs nothing."""
    if name == "audit":
        from embaudit.pipeline import audit

        return audit
    if name == "load":
        from embaudit.files import load

        return load
    if name == "Report":
        from embaudit.report import Report

        return Report
    raise AttributeError(f"module 'embaudit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

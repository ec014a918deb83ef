"""Every document that the tool writes: plain, validated data; who reads it needs nothing else.

It knows the fields, their meaning (the JSON Schema is made from them) and the digest. It computes
nothing.
"""

from embaudit.report.audit_document import SCHEMA_VERSION, ClassRow, Report, Triplet
from embaudit.report.collapse_risk import (
    HIGH,
    RISING,
    ForecastRow,
    Risk,
    Span,
    largest_of_low_risk,
    largest_safe,
    risk_of,
)
from embaudit.report.collapse_state import STATES, Collapse, State
from embaudit.report.measured_value import Better, Reading, Unit
from embaudit.report.preset import GatePreset
from embaudit.report.report_sha256 import digest_of, with_digest
from embaudit.report.run_metadata import DataSummary, GallerySummary, Options, SearchSummary, Tool
from embaudit.report.verdict_model import Rule, Verdict

__all__ = [
    "HIGH",
    "RISING",
    "SCHEMA_VERSION",
    "STATES",
    "Better",
    "ClassRow",
    "Collapse",
    "DataSummary",
    "ForecastRow",
    "GallerySummary",
    "GatePreset",
    "Options",
    "Reading",
    "Report",
    "Risk",
    "Rule",
    "SearchSummary",
    "Span",
    "State",
    "Tool",
    "Triplet",
    "Unit",
    "Verdict",
    "digest_of",
    "largest_of_low_risk",
    "largest_safe",
    "risk_of",
    "with_digest",
]

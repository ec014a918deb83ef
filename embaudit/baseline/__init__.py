"""Earlier reports, and what changed since.

It knows how a report is kept and read again, which reports may be compared, and which changes
chance does not explain (a paired test of the tables of anchors, or an estimate from the reports).
It decides nothing: the gate does.
"""

from embaudit.baseline.baseline_comparison import compared, missing
from embaudit.baseline.comparability import differences_of
from embaudit.baseline.deltas import change_of
from embaudit.baseline.earlier_report import RUN_ID, Held, Saved, saved_report
from embaudit.baseline.paired_comparison import real_at
from embaudit.baseline.updating import keep

__all__ = [
    "RUN_ID",
    "Held",
    "Saved",
    "change_of",
    "compared",
    "differences_of",
    "keep",
    "missing",
    "real_at",
    "saved_report",
]

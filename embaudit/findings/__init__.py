"""Faults that explain the figures, one a file, in the order in which they are told.

A new finding is a file, whose spec is its FINDING, and a line here. `embaudit explain`, the gate,
the report and the manual read the specs. Beside them: `diagnose`, which says the state and what
comes first; `collapse_findings`, `suspect_labels` and `overlapping_classes`, which are told of what
measures found; and what a fault needs for itself (`mixed_space_candidates`,
`candidate_label_orders`, `label_runs`). Other packages add theirs by entry points.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from embaudit.findings.finding import FindingSpec, Found
from embaudit.report.diagnosis_model import Mark

# The files of faults, in the order in which they are told.
FILES = (
    "gallery_holds_queries",
    "packed_bits",
    "zero_rows",
    "repeated_vector",
    "misaligned_labels",
    "mixed_spaces",
    "mixed_lengths",
    "rogue_dimensions",
    "stray_rows",
    "metric_mismatch",
    "repeated_block",
    "near_copies",
    "sentinel_labels",
    "saturated_values",
    "low_precision",
    "margin_out_of_reach",
    "scale_below_margin",
    "narrow_cone",
    "constant_dimensions",
)


def _of(file: str) -> FindingSpec:
    found: FindingSpec = import_module(f"{__name__}.{file}").FINDING
    return found


OWN: tuple[FindingSpec, ...] = tuple(map(_of, FILES))

# What the diagnosis finds of network and labels, beside the faults of files; with usual marks.
OF_NETWORK: Mapping[str, Mark] = {
    "collapsed": "bad",
    "collapse_warning": "warning",
    "suspect_labels": "bad",
    "overlapping": "warning",
}
OF_STATES = frozenset({"collapsed", "overlapping"})  # the state itself, as a finding

if TYPE_CHECKING:
    FINDINGS: tuple[FindingSpec, ...]
    KNOWN_FINDINGS: Mapping[str, Mark]


@cache
def _every() -> tuple[FindingSpec, ...]:
    from embaudit.findings.added_findings import findings_of_packages

    return (*OWN, *findings_of_packages())


def __getattr__(name: str) -> Any:
    """FINDINGS, and their marks: those of other packages are looked up when first asked for."""
    if name == "FINDINGS":
        return _every()
    if name == "KNOWN_FINDINGS":
        return {**{one.id: one.mark for one in _every()}, **OF_NETWORK}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["FINDINGS", "KNOWN_FINDINGS", "OF_STATES", "FindingSpec", "Found"]

"""Faults that explain the figures, one a file, in the order in which they are told.

A new finding is a file with its spec and a line here. `embaudit explain`, the gate, the report
and the documentation read the specs. Beside them: `diagnose`, which says the state and what comes
first; `collapse_findings` and `label_findings`, which are told of what measures found; and what a
fault needs for itself (`space_parts`, `label_orders`, `label_runs`).
"""

from collections.abc import Mapping

from embaudit.findings.constant_dimensions import CONSTANT_DIMENSIONS
from embaudit.findings.finding import FindingSpec, Found
from embaudit.findings.gallery_holds_queries import GALLERY_HOLDS_QUERIES
from embaudit.findings.low_precision import LOW_PRECISION
from embaudit.findings.margin_out_of_reach import MARGIN_OUT_OF_REACH
from embaudit.findings.metric_mismatch import METRIC_MISMATCH
from embaudit.findings.misaligned_labels import MISALIGNED_LABELS
from embaudit.findings.mixed_lengths import MIXED_LENGTHS
from embaudit.findings.mixed_spaces import MIXED_SPACES
from embaudit.findings.narrow_cone import NARROW_CONE
from embaudit.findings.near_copies import NEAR_COPIES
from embaudit.findings.packed_bits import PACKED_BITS
from embaudit.findings.repeated_block import REPEATED_BLOCK
from embaudit.findings.repeated_vector import REPEATED_VECTOR
from embaudit.findings.rogue_dimensions import ROGUE_DIMENSIONS
from embaudit.findings.saturated_values import SATURATED_VALUES
from embaudit.findings.scale_below_margin import SCALE_BELOW_MARGIN
from embaudit.findings.sentinel_labels import SENTINEL_LABELS
from embaudit.findings.stray_rows import STRAY_ROWS
from embaudit.findings.zero_rows import ZERO_ROWS
from embaudit.report.diagnosis import Mark

FINDINGS: tuple[FindingSpec, ...] = (
    GALLERY_HOLDS_QUERIES,
    PACKED_BITS,
    ZERO_ROWS,
    REPEATED_VECTOR,
    MISALIGNED_LABELS,
    MIXED_SPACES,
    MIXED_LENGTHS,
    ROGUE_DIMENSIONS,
    STRAY_ROWS,
    METRIC_MISMATCH,
    REPEATED_BLOCK,
    NEAR_COPIES,
    SENTINEL_LABELS,
    SATURATED_VALUES,
    LOW_PRECISION,
    MARGIN_OUT_OF_REACH,
    SCALE_BELOW_MARGIN,
    NARROW_CONE,
    CONSTANT_DIMENSIONS,
)

# What the diagnosis finds of network and labels, beside the faults of files; with usual marks.
OF_NETWORK: Mapping[str, Mark] = {
    "collapsed": "bad",
    "collapse_warning": "warning",
    "suspect_labels": "bad",
    "overlapping": "warning",
}
OF_STATES = frozenset({"collapsed", "overlapping"})  # the state itself, as a finding
KNOWN_FINDINGS: Mapping[str, Mark] = {**{one.id: one.mark for one in FINDINGS}, **OF_NETWORK}

__all__ = ["FINDINGS", "KNOWN_FINDINGS", "OF_STATES", "FindingSpec", "Found"]

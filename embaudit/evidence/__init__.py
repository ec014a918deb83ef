"""What measures share: computed once, when first asked for.

It knows the scan, the ranks, the spectrum, the nearest separated maps, the drawn batches, and
which rows are suspect; and how much of each a budget allows. It knows no measure.
"""

from embaudit.evidence.anchor_evidence import NEAREST
from embaudit.evidence.batch_pressure_estimate import BATCHES, DRAWN_ROWS, MOST, BatchForecast
from embaudit.evidence.budget import ALL, LEAST_DECIDING, LEAST_RANKED, MORE, STANDARD, Budget
from embaudit.evidence.evidence_options import EvidenceOptions
from embaudit.evidence.shape_evidence import CROWDED, DRAWN_PAIRS
from embaudit.evidence.shared_evidence import Evidence

__all__ = [
    "ALL",
    "BATCHES",
    "CROWDED",
    "DRAWN_PAIRS",
    "DRAWN_ROWS",
    "LEAST_DECIDING",
    "LEAST_RANKED",
    "MORE",
    "MOST",
    "NEAREST",
    "STANDARD",
    "BatchForecast",
    "Budget",
    "Evidence",
    "EvidenceOptions",
]

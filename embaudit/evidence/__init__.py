"""What measures share: computed once, when first asked for."""

from embaudit.evidence.batches import BATCHES, BatchForecast
from embaudit.evidence.budget import ALL, STANDARD, Budget
from embaudit.evidence.shared import DRAWN_PAIRS, LEAST_SAMPLE, NEAREST, Evidence

__all__ = [
    "ALL",
    "BATCHES",
    "DRAWN_PAIRS",
    "LEAST_SAMPLE",
    "NEAREST",
    "STANDARD",
    "BatchForecast",
    "Budget",
    "Evidence",
]

"""What measures share: computed once, when first asked for."""

from embaudit.evidence.batches import BATCHES, BatchForecast
from embaudit.evidence.budget import (
    ALL,
    LEAST_DECIDING,
    LEAST_SAMPLE,
    MORE,
    STANDARD,
    Budget,
)
from embaudit.evidence.shared import DRAWN_PAIRS, NEAREST, Evidence

__all__ = [
    "ALL",
    "BATCHES",
    "DRAWN_PAIRS",
    "LEAST_DECIDING",
    "LEAST_SAMPLE",
    "MORE",
    "NEAREST",
    "STANDARD",
    "BatchForecast",
    "Budget",
    "Evidence",
]

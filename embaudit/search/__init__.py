"""Nearest and furthest rows; the only room that knows FAISS."""

from embaudit.search.distinct import Distinct, distinct_in_classes, identical_vectors
from embaudit.search.progress import Progress, silent
from embaudit.search.ranks import AnchorRanks, rank_anchors
from embaudit.search.scan import AnchorScan, scan_anchors

__all__ = [
    "AnchorRanks",
    "AnchorScan",
    "Distinct",
    "Progress",
    "distinct_in_classes",
    "identical_vectors",
    "rank_anchors",
    "scan_anchors",
    "silent",
]

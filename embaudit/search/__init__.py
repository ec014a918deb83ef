"""Nearest and furthest rows; the only room that knows FAISS."""

from embaudit.search.progress import Progress, silent
from embaudit.search.scan import AnchorScan, scan_anchors

__all__ = ["AnchorScan", "Progress", "scan_anchors", "silent"]

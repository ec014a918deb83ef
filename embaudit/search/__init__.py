"""Nearest and furthest rows; the only room that knows FAISS."""

from embaudit.search.at_ranks import negatives_at
from embaudit.search.crossing import Crossing, rank_crossing, scan_crossing
from embaudit.search.diameter import Extent, furthest_pair
from embaudit.search.discrepancy import isometric_error
from embaudit.search.distinct import Distinct, distinct_in_classes, identical_vectors
from embaudit.search.flat import use_threads, version
from embaudit.search.leakage import Leakage, leakage_of
from embaudit.search.nearest import nearest_rows
from embaudit.search.neighbours import Neighbours, k_nearest
from embaudit.search.plan import Plan, Search, plan_for
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.ranks import AnchorRanks, rank_anchors
from embaudit.search.scan import AnchorCheck, AnchorScan, nearest_neighbours, scan_anchors
from embaudit.search.workers import for_each, one_blas_thread

__all__ = [
    "AnchorCheck",
    "AnchorRanks",
    "AnchorScan",
    "Crossing",
    "Distinct",
    "Extent",
    "Leakage",
    "Neighbours",
    "Plan",
    "Progress",
    "Search",
    "Stage",
    "distinct_in_classes",
    "for_each",
    "furthest_pair",
    "identical_vectors",
    "isometric_error",
    "k_nearest",
    "leakage_of",
    "nearest_neighbours",
    "nearest_rows",
    "negatives_at",
    "one_blas_thread",
    "plan_for",
    "rank_anchors",
    "rank_crossing",
    "scan_anchors",
    "scan_crossing",
    "silent",
    "use_threads",
    "version",
]

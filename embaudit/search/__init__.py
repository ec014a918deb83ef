"""Nearest and furthest rows; the only room that knows FAISS.

It knows how to bound distances in float32 with a margin for their rounding, to decide in float64
what can still win, and to look into the nearest inverted lists where all pairs cost too much.
Positives are always exact; an approximate search can only miss negatives.

Every search takes three steps of `error_bounds` and `grouped_argmin`: products, a limit from
their bounds, float64 for what is within it. What the limit is of is the search's own: the least
distance so far and a count of closer ones (`nearest_negative`), both ends of a class
(`positive_candidates`), the k-th of all tiles so far (`k_nearest_rows`), given ranks
(`negatives_at_rank`), or an interval a positive (`rank_counting`).
"""

from embaudit.search.anchor_ranks import AnchorRanks
from embaudit.search.anchor_scan import (
    AnchorCheck,
    AnchorScan,
    probed,
    scan_anchors,
    sought_of,
    targets_of,
)
from embaudit.search.blockwise_scan import (
    BlockBounds,
    BlockResult,
    BlockScan,
    blocks_of,
    positives_of,
    scan_of,
    settled_alone,
    together,
)
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.deduplicated import Deduplicated, distinct_in_classes, identical_vectors
from embaudit.search.diameter import Extent, furthest_pair
from embaudit.search.error_bounds import Frame
from embaudit.search.exact_nearest_negatives import Negatives
from embaudit.search.executor import Executor, LocalExecutor, Prepared
from embaudit.search.faiss_minima import use_threads, version
from embaudit.search.gallery_scan import GalleryScan, rank_gallery, scan_gallery
from embaudit.search.ivf.approximate_negatives import ALL_PAIRS, ProbeSearch
from embaudit.search.ivf.cell_search import CellSearch, Searcher
from embaudit.search.ivf.inverted_lists import (
    Cells,
    Centre,
    ListGroup,
    nearest_centre,
    rows_of_cell,
)
from embaudit.search.ivf.list_executor import (
    ListThreads,
    codes_of,
    codes_of_rows,
    distances_of,
    homes_in,
    homes_of,
    pieces_of,
)
from embaudit.search.ivf.product_codes import Codebook, Codes
from embaudit.search.ivf.robust_scaling import Matrix, PlacedRows, Placement
from embaudit.search.k_nearest_rows import Neighbours, k_nearest
from embaudit.search.k_occurrence import Occurrence, occurrence_of
from embaudit.search.nearest_negative import COUNTED, NearestNegatives, PartialResult
from embaudit.search.nearest_ties import nearest_counts
from embaudit.search.negatives_at_rank import negatives_at
from embaudit.search.pair_distance_change import isometric_error
from embaudit.search.positive_candidates import Positives
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.query_gallery_duplicates import Leakage, leakage_of
from embaudit.search.rank_counting import rank_anchors
from embaudit.search.ranking_dtype import ranking_frame
from embaudit.search.thread_pool import blas_in_force, for_each, one_blas_thread
from embaudit.search.tied_retrieval import found_within
from embaudit.search.tile_grid import tiles_of

__all__ = [
    "ALL_PAIRS",
    "COUNTED",
    "AnchorCheck",
    "AnchorRanks",
    "AnchorScan",
    "BlockBounds",
    "BlockResult",
    "BlockScan",
    "CellSearch",
    "Cells",
    "Centre",
    "Codebook",
    "Codes",
    "Deduplicated",
    "Executor",
    "Extent",
    "Frame",
    "GalleryScan",
    "Leakage",
    "ListGroup",
    "ListThreads",
    "LocalExecutor",
    "Matrix",
    "NearestNegatives",
    "Negatives",
    "Neighbours",
    "Occurrence",
    "PartialResult",
    "PlacedRows",
    "Placement",
    "Positives",
    "Prepared",
    "ProbeSearch",
    "Progress",
    "Searcher",
    "Stage",
    "blas_in_force",
    "blocks_of",
    "codes_of",
    "codes_of_rows",
    "distances_of",
    "distinct_in_classes",
    "for_each",
    "found_within",
    "frame_of",
    "furthest_pair",
    "homes_in",
    "homes_of",
    "identical_vectors",
    "isometric_error",
    "k_nearest",
    "leakage_of",
    "nearest_centre",
    "nearest_counts",
    "negatives_at",
    "occurrence_of",
    "one_blas_thread",
    "pieces_of",
    "positives_of",
    "probed",
    "rank_anchors",
    "rank_gallery",
    "ranking_frame",
    "rows_of_cell",
    "scan_anchors",
    "scan_gallery",
    "scan_of",
    "settled_alone",
    "silent",
    "sought_of",
    "targets_of",
    "tiles_of",
    "together",
    "use_threads",
    "version",
]

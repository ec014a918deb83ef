"""Everything embaudit reports, in reading order. A new measure is a function and a line here.

It knows of every number its formula, unit, range, source and reading (the spec), and the function
that computes it from the shared evidence.
"""

from embaudit.measures.anchors import COLUMNS, anchors_of
from embaudit.measures.class_angles import CLASS_ORTHOGONALITY, NC2_EQUIANGULAR
from embaudit.measures.class_collapse import CLASS_COLLAPSE
from embaudit.measures.class_retrieval import (
    MACRO_MAP_AT_R,
    MACRO_PRECISION_AT_1,
    MACRO_R_PRECISION,
)
from embaudit.measures.classes import classes_of
from embaudit.measures.collapse_distance import COLLAPSE_NEARNESS, ENCLOSING_RADIUS
from embaudit.measures.collapse_figures import DUPLICATE_ROWS, MEAN_COSINE, WITHIN_CLASS_SHARE
from embaudit.measures.collapse_forecast import (
    BATCH_GAP,
    COLLAPSE_PRESSURE,
    COLLAPSE_RISK,
    forecast_of,
    row_of,
)
from embaudit.measures.collapse_kinds import COLLAPSE_STATE, collapse_of
from embaudit.measures.dimensional_collapse import DIMENSIONAL_COLLAPSE
from embaudit.measures.distributions import distributions_of
from embaudit.measures.gap_quantiles import GAP_QUANTILES
from embaudit.measures.hubness import ANTIHUB_SHARE, HUBNESS_SKEWNESS
from embaudit.measures.hypersphere import ALIGNMENT, UNIFORMITY
from embaudit.measures.isometry import D_HAUS, D_ISO, nearest_map
from embaudit.measures.neural_collapse import (
    ETF_DISTANCE,
    NC1,
    NC1_RATIO,
    NC2_EQUINORM,
    NC4_ERROR,
)
from embaudit.measures.nn_margin import CERTIFIED_RADII, NN_RATIO
from embaudit.measures.point_collapse import POINT_COLLAPSE, merged_classes
from embaudit.measures.retrieval import (
    ADJUSTED_PRECISION_AT_1,
    MAP_AT_R,
    PRECISION_AT_1,
    R_PRECISION,
    RECALLS,
    drawn_precision_at_1,
    precision_with_own_rows,
)
from embaudit.measures.separation import (
    BATCH_HARD_LOSS,
    HARDEST_TRIPLET_LOSS,
    SEPARATION_AUC,
    SEPARATION_MARGIN,
    TIED_TRIPLETS,
    VIOLATED_TRIPLETS,
    VIOLATING_ANCHORS,
)
from embaudit.measures.spectrum import ENTROPY_RANK, PARTICIPATION_RATIO, RANKME
from embaudit.measures.subset_estimates import D_HAUS_ESTIMATE, D_ISO_ESTIMATE
from embaudit.measures.suspect_rows import (
    CROSS_LABEL_DUPLICATES,
    LIKELY_MISLABELS,
    OUTLIERS,
    blame_of,
)
from embaudit.measures.thickness import (
    AFFINE_DIMENSION,
    DIAMETER,
    IAP_FACTOR,
    RMS_PAIR_DISTANCE,
    THICKNESS,
    THICKNESS_INTRINSIC,
    THICKNESS_RATIO,
)
from embaudit.measures.triplets import hardest_triplets_of, triplet_of
from embaudit.measures.verification import PAIR_AUC, TAR_AT_FAR_1E3, WDFS_GAP, WDFS_GAP_P1
from embaudit.report import Measure

MEASURES: tuple[Measure, ...] = (
    VIOLATED_TRIPLETS,
    VIOLATING_ANCHORS,
    TIED_TRIPLETS,
    SEPARATION_AUC,
    HARDEST_TRIPLET_LOSS,
    SEPARATION_MARGIN,
    BATCH_HARD_LOSS,
    *GAP_QUANTILES,
    PRECISION_AT_1,
    ADJUSTED_PRECISION_AT_1,
    *RECALLS,
    R_PRECISION,
    MAP_AT_R,
    MACRO_PRECISION_AT_1,
    MACRO_R_PRECISION,
    MACRO_MAP_AT_R,
    HUBNESS_SKEWNESS,
    ANTIHUB_SHARE,
    CROSS_LABEL_DUPLICATES,
    LIKELY_MISLABELS,
    OUTLIERS,
    NN_RATIO,
    *CERTIFIED_RADII,
    WDFS_GAP,
    WDFS_GAP_P1,
    PAIR_AUC,
    TAR_AT_FAR_1E3,
    COLLAPSE_STATE,
    POINT_COLLAPSE,
    DIMENSIONAL_COLLAPSE,
    CLASS_COLLAPSE,
    DUPLICATE_ROWS,
    MEAN_COSINE,
    WITHIN_CLASS_SHARE,
    COLLAPSE_RISK,
    COLLAPSE_PRESSURE,
    BATCH_GAP,
    D_ISO,
    D_HAUS,
    COLLAPSE_NEARNESS,
    ENCLOSING_RADIUS,
    D_ISO_ESTIMATE,
    D_HAUS_ESTIMATE,
    THICKNESS,
    THICKNESS_INTRINSIC,
    AFFINE_DIMENSION,
    DIAMETER,
    THICKNESS_RATIO,
    IAP_FACTOR,
    RMS_PAIR_DISTANCE,
    PARTICIPATION_RATIO,
    ENTROPY_RANK,
    RANKME,
    NC1,
    NC1_RATIO,
    NC2_EQUINORM,
    NC2_EQUIANGULAR,
    ETF_DISTANCE,
    NC4_ERROR,
    CLASS_ORTHOGONALITY,
    ALIGNMENT,
    UNIFORMITY,
)

# Means over anchors that are sampled where ranking all of them costs too much.
OF_RANKS = (
    VIOLATED_TRIPLETS,
    TIED_TRIPLETS,
    SEPARATION_AUC,
    R_PRECISION,
    MAP_AT_R,
    MACRO_R_PRECISION,
    MACRO_MAP_AT_R,
)

__all__ = [
    "COLUMNS",
    "D_HAUS",
    "MEASURES",
    "OF_RANKS",
    "POINT_COLLAPSE",
    "PRECISION_AT_1",
    "SEPARATION_AUC",
    "anchors_of",
    "blame_of",
    "classes_of",
    "collapse_of",
    "distributions_of",
    "drawn_precision_at_1",
    "forecast_of",
    "hardest_triplets_of",
    "merged_classes",
    "nearest_map",
    "precision_with_own_rows",
    "row_of",
    "triplet_of",
]

"""Everything embaudit reports, in reading order. A new measure is a file, and its name here.

It knows of every number its formula, unit, range, source and reading (the spec), and the function
that computes it from the shared evidence. Other packages add theirs by entry points.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from embaudit.measures.anchor_table import COLUMNS, anchors_of
from embaudit.measures.chart_data import distributions_of
from embaudit.measures.class_report import classes_of
from embaudit.measures.collapse_forecast import forecast_of, row_of
from embaudit.measures.hardest_triplets import hardest_triplets_of, triplet_of
from embaudit.measures.macro_averages import MACRO_MAP_AT_R, MACRO_R_PRECISION
from embaudit.measures.measure import Measure
from embaudit.measures.overall_collapse import collapse_of
from embaudit.measures.point_collapse import POINT_COLLAPSE, merged_classes
from embaudit.measures.retrieval import (
    MAP_AT_R,
    PRECISION_AT_1,
    R_PRECISION,
    drawn_precision_at_1,
    precision_with_own_rows,
)
from embaudit.measures.separation_distance import D_HAUS, nearest_map
from embaudit.measures.suspect_rows import blame_of
from embaudit.measures.triplet_violations import SEPARATION_AUC, TIED_TRIPLETS, VIOLATED_TRIPLETS

# The files that have them, in reading order.
FILES = (
    "triplet_violations",
    "hard_mining_losses",
    "gap_quantiles",
    "retrieval",
    "macro_averages",
    "hubness",
    "suspect_rows",
    "nn_margin",
    "verification",
    "overall_collapse",
    "point_collapse",
    "dimensional_collapse",
    "class_collapse",
    "collapse_indicators",
    "collapse_forecast",
    "separation_distance",
    "collapse_nearness",
    "subset_isometry",
    "thickness",
    "spectrum",
    "neural_collapse",
    "class_angles",
    "hypersphere",
)


def _of(file: str) -> Sequence[Measure]:
    own: Sequence[Measure] = import_module(f"{__name__}.{file}").MEASURES
    return own


OWN: tuple[Measure, ...] = tuple(one for file in FILES for one in _of(file))

if TYPE_CHECKING:
    MEASURES: tuple[Measure, ...]


@cache
def _every() -> tuple[Measure, ...]:
    from embaudit.measures.added_measures import measures_of_packages

    return (*OWN, *measures_of_packages())


def __getattr__(name: str) -> Any:
    """MEASURES: ours, and those of other packages, which are looked up when first asked for."""
    if name == "MEASURES":
        return _every()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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

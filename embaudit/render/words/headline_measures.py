"""The numbers that matter most, of those that a report holds."""

from collections.abc import Sequence

from embaudit.measures.measure import Measure
from embaudit.report import Reading, Report

MOST = 6
# The first six are of a whole audit; the others stand in where some of these are not known:
# without labels, against a gallery, or where other measures were asked for. No figure is among
# them that every real set saturates.
HEADLINE: tuple[str, ...] = (
    "precision_at_1",
    "separation_auc",
    "violated_triplets",
    "d_iso",
    "thickness",
    "collapse_risk",
    "map_at_r",
    "entropy_rank",
    "rms_pair_distance",
    "mean_cosine",
    "duplicate_rows",
)
# What tells of a collapse: a constant map violates no triplet.
COLLAPSED = (
    "precision_at_1",
    "separation_auc",
    "entropy_rank",
    "duplicate_rows",
    "rms_pair_distance",
    "mean_cosine",
)
RANDOM_ORDER = 0.5  # the AUC of one


def headline(report: Report, measures: Sequence[Measure]) -> list[tuple[Measure, Reading]]:
    """At most MOST of the figures, those that are known; of a collapse those that tell of it."""
    wanted = COLLAPSED if report.collapse.state == "collapsed" else HEADLINE
    specs = {measure.id: measure for measure in measures}
    known = [
        (specs[id], report.measures[id])
        for id in wanted
        if id in specs and id in report.measures and report.measures[id].kind != "undefined"
    ]
    return known[:MOST]


def by_chance(report: Report, id: str) -> str:
    """What a figure would be by chance, beside which it is read; empty where that says nothing."""
    told = report.diagnosis
    chance = {
        "precision_at_1": None if told is None else told.chance,
        "separation_auc": RANDOM_ORDER,
    }.get(id)
    return "" if chance is None else f"chance {100 * chance:.3g}%"

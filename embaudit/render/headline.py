"""The numbers that matter most, of those that a report holds."""

from collections.abc import Sequence

from embaudit.render.diagnosis import Diagnosis, diagnosis
from embaudit.report import Measure, Reading, Report

MOST = 5
# The first five are of a whole audit; the others stand in where some of these are not known:
# without labels, against a gallery, or where other measures were asked for.
HEADLINE: tuple[str, ...] = (
    "violated_triplets",
    "precision_at_1",
    "d_iso",
    "thickness",
    "collapse_risk",
    "separation_auc",
    "map_at_r",
    "entropy_rank",
    "rms_pair_distance",
    "mean_cosine",
    "duplicate_rows",
)
# What carries the diagnosis comes first.
COLLAPSED = (
    "duplicate_rows",
    "rms_pair_distance",
    "mean_cosine",
    "entropy_rank",
    "separation_auc",
    "precision_at_1",
)
LABELS = ("likely_mislabels", "violated_triplets", "precision_at_1", "separation_auc")
FIRST: dict[Diagnosis, tuple[str, ...]] = {
    "collapse": COLLAPSED,
    "labels": LABELS,
    "separation": (),
}


def headline(report: Report, measures: Sequence[Measure]) -> list[tuple[Measure, Reading]]:
    """At most MOST of the figures, those that are known, the diagnosis's first."""
    specs = {measure.id: measure for measure in measures}
    known = [
        (specs[id], report.measures[id])
        for id in dict.fromkeys((*FIRST[diagnosis(report)], *HEADLINE))
        if id in specs and id in report.measures and report.measures[id].kind != "undefined"
    ]
    return known[:MOST]

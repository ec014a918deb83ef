"""The pictures of an audit, drawn from its report alone."""

from collections.abc import Sequence

from embaudit.measures.measure import Measure
from embaudit.render.pictures.captioned_drawing import Name, Picture
from embaudit.render.pictures.densities_drawing import densities_picture
from embaudit.render.pictures.gaps_drawing import class_gaps_picture, gaps_picture
from embaudit.render.pictures.interval_plot import lengths_picture
from embaudit.render.pictures.map_drawing import Kept, map_picture
from embaudit.render.pictures.positive_negative_heatmap import distances_picture
from embaudit.render.pictures.separated_map_arrows import arrows_picture
from embaudit.render.pictures.spectrum_drawing import spectrum_picture
from embaudit.report import Report

__all__ = ["Picture", "leading_pictures", "more_pictures"]

SATURATED = 0.9  # of the anchors violate: a picture of how far they do is all of one colour


def leading_pictures(report: Report, name: Name, kept: Kept, tell: bool) -> list[Picture]:
    """Where rows lie, and how far pairs are apart; without labels, how the variance is spread.

    tell: whether labels say anything.
    """
    beside = densities_picture(report) if report.options.labels else spectrum_picture(report)
    drawn = map_picture(report, name, kept, tell), beside
    return [picture for picture in drawn if picture is not None]


def more_pictures(
    report: Report, measures: Sequence[Measure], name: Name, tell: bool
) -> list[Picture]:
    """Those for who wants to know more; of gaps only where some anchors are separated."""
    share = report.measures.get("violating_anchors")
    gaps = tell and not (share and share.value is not None and share.value > SATURATED)
    drawn = (
        spectrum_picture(report) if report.options.labels else None,
        lengths_picture(report, measures),
        arrows_picture(report, name),
        *((distances_picture(report), gaps_picture(report)) if gaps else ()),
        class_gaps_picture(report, name) if gaps else None,
    )
    return [picture for picture in drawn if picture is not None]

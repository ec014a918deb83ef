"""The pictures of an audit, drawn from its report alone."""

from collections.abc import Sequence

from embaudit.render.pictures.arrows import arrows_picture
from embaudit.render.pictures.confusion_drawing import confusion_picture
from embaudit.render.pictures.distances import distances_picture
from embaudit.render.pictures.forecast_drawing import forecast_picture
from embaudit.render.pictures.gaps_drawing import class_gaps_picture, gaps_picture
from embaudit.render.pictures.lengths import lengths_picture
from embaudit.render.pictures.picture import Name, Picture
from embaudit.render.pictures.spectrum_drawing import spectrum_picture
from embaudit.report import Measure, Report

__all__ = ["Picture", "pictures_of"]


def pictures_of(report: Report, measures: Sequence[Measure], name: Name) -> list[Picture]:
    """Those that the report has figures for, in reading order; of labels only if they tell."""
    tell = report.diagnosis is None or report.diagnosis.labels_tell
    drawn = (
        *((distances_picture(report), gaps_picture(report)) if tell else ()),
        *((class_gaps_picture(report, name), confusion_picture(report, name)) if tell else ()),
        spectrum_picture(report),
        forecast_picture(report) if tell else None,
        lengths_picture(report, measures),
        arrows_picture(report, name),
    )
    return [picture for picture in drawn if picture is not None]

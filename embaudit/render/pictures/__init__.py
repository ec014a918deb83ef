"""The pictures of an audit, drawn from its report alone."""

from collections.abc import Sequence

from embaudit.render.pictures.arrows import arrows
from embaudit.render.pictures.confusion import confusion
from embaudit.render.pictures.distances import distances
from embaudit.render.pictures.forecast import forecast
from embaudit.render.pictures.gaps import class_gaps, gaps
from embaudit.render.pictures.lengths import lengths
from embaudit.render.pictures.picture import Name, Picture
from embaudit.render.pictures.spectrum import spectrum
from embaudit.report import Measure, Report

__all__ = ["Picture", "pictures_of"]


def pictures_of(report: Report, measures: Sequence[Measure], name: Name) -> list[Picture]:
    """Those that the report has figures for, in reading order."""
    drawn = (
        distances(report),
        gaps(report),
        class_gaps(report, name),
        confusion(report, name),
        spectrum(report),
        forecast(report),
        lengths(report, measures),
        arrows(report, name),
    )
    return [picture for picture in drawn if picture is not None]

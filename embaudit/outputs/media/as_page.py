"""A page in HTML with pictures, which needs no other file and no network."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from embaudit.report.comparison import Comparison
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import Audited


def audit(found: "Audited", options: OutputOptions) -> str:
    """The report, with the rows it speaks of."""
    from embaudit.measures import MEASURES
    from embaudit.render.html import audit_page

    return audit_page(found.report, MEASURES, found.kept(), options.assets)


def trend(found: "Trend", options: OutputOptions) -> str:
    """A series of checkpoints."""
    from embaudit.measures import MEASURES
    from embaudit.render.html import trend_page

    return trend_page(found, MEASURES)


def compare(found: "Comparison", options: OutputOptions) -> str:
    """A comparison of reports."""
    from embaudit.measures import MEASURES
    from embaudit.render.html import comparison_page

    return comparison_page(found, MEASURES)

"""A page in HTML with pictures, which needs no other file and no network."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from embaudit.report.comparison_document import Comparison
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import Audited
    from embaudit.verbs.mine import Mined
    from embaudit.verbs.project import Projected


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


def forecast(found: "Sweep", options: OutputOptions) -> str:
    """A forecast of batches."""
    from embaudit.render import forecast_document
    from embaudit.render.html import document_page

    return document_page(forecast_document(found))


def project(found: "Projected", options: OutputOptions) -> str:
    """What is to be said of a projection."""
    from embaudit.render import projection_document
    from embaudit.render.html import document_page

    return document_page(projection_document(found.told))


def mine(found: "Mined", options: OutputOptions) -> str:
    """What is to be said of mined triplets."""
    from embaudit.render import mining_document
    from embaudit.render.html import document_page

    return document_page(mining_document(found.told))

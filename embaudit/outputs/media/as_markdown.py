"""Markdown, for pages of pull requests and job summaries."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.docs import ManualPage
    from embaudit.measures.measure import Measure
    from embaudit.report import GatePreset
    from embaudit.report.comparison_document import Comparison
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.glossary_term import Topic
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import Audited
    from embaudit.verbs.mine import Mined
    from embaudit.verbs.project import Projected


def audit(found: "Audited", options: OutputOptions) -> str:
    """The report."""
    from embaudit.measures import MEASURES
    from embaudit.render import audit_document, document_markdown

    return document_markdown(audit_document(found.report, MEASURES))


def trend(found: "Trend", options: OutputOptions) -> str:
    """A series of checkpoints."""
    from embaudit.render import document_markdown, trend_document

    return document_markdown(trend_document(found))


def forecast(found: "Sweep", options: OutputOptions) -> str:
    """A forecast of batches."""
    from embaudit.render import document_markdown, forecast_document

    return document_markdown(forecast_document(found))


def project(found: "Projected", options: OutputOptions) -> str:
    """What is to be said of a projection."""
    from embaudit.render import document_markdown, projection_document

    return document_markdown(projection_document(found.told))


def mine(found: "Mined", options: OutputOptions) -> str:
    """What is to be said of mined triplets."""
    from embaudit.render import document_markdown, mining_document

    return document_markdown(mining_document(found.told))


def compare(found: "Comparison", options: OutputOptions) -> str:
    """A comparison of reports."""
    from embaudit.measures import MEASURES
    from embaudit.render import comparison_document, document_markdown

    return document_markdown(comparison_document(found, MEASURES))


def explain(found: "Sequence[Measure | Topic]", options: OutputOptions) -> str:
    """Measures and findings; all of them with the presets of the gate."""
    from embaudit.gate import PRESETS
    from embaudit.render import reference_markdown
    from embaudit.verbs.explain import explained

    known = explained(None)
    presets = tuple(PRESETS.values()) if len(found) == len(known) else ()
    return reference_markdown(found, known, presets)


def preset(found: "GatePreset", options: OutputOptions) -> str:
    """A preset of the gate."""
    from embaudit.render import presets_markdown

    return presets_markdown((found,))


def manual(found: "ManualPage", options: OutputOptions) -> str:
    """A page of the manual, which is Markdown."""
    return found.text

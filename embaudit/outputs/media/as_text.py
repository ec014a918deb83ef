"""What is read on a terminal; it prints itself, since the console knows its width and colours."""

import sys
from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.docs import ManualPage
    from embaudit.measures.measure import Measure
    from embaudit.render.words.block_document import BlockDocument
    from embaudit.report import GatePreset
    from embaudit.report.comparison_document import Comparison
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.glossary_term import Topic
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import Audited
    from embaudit.verbs.mine import Mined
    from embaudit.verbs.project import Projected


def audit(found: "Audited", options: OutputOptions) -> None:
    """The first screen, or all; for who asked for quiet, what the gate says against it."""
    from embaudit.measures import MEASURES
    from embaudit.render import (
        audit_document,
        console_for,
        first_screens,
        gate_screen,
        show_document,
        show_first_fitting,
        show_paged,
    )

    console, report = console_for(sys.stdout), found.report
    if options.quiet:
        if report.gate.verdict == "fail":
            show_document(gate_screen(report), console)
    elif options.full:
        show_paged(audit_document(report, MEASURES), console)
    else:
        show_first_fitting(first_screens(report), console)


def trend(found: "Trend", options: OutputOptions) -> None:
    """A series of checkpoints."""
    from embaudit.render import trend_document

    _show(trend_document(found), options)


def forecast(found: "Sweep", options: OutputOptions) -> None:
    """A forecast of batches."""
    from embaudit.render import forecast_document

    _show(forecast_document(found), options)


def project(found: "Projected", options: OutputOptions) -> None:
    """What is to be said of a projection."""
    from embaudit.render import projection_document

    _show(projection_document(found.told), options)


def mine(found: "Mined", options: OutputOptions) -> None:
    """What is to be said of mined triplets."""
    from embaudit.render import mining_document

    _show(mining_document(found.told), options)


def compare(found: "Comparison", options: OutputOptions) -> None:
    """A comparison of reports."""
    from embaudit.measures import MEASURES
    from embaudit.render import comparison_document

    _show(comparison_document(found, MEASURES), options)


def explain(found: "Sequence[Measure | Topic]", options: OutputOptions) -> None:
    """Measures and findings."""
    from embaudit.render import console_for, render_explanations
    from embaudit.verbs.explain import explained

    render_explanations(found, explained(None), console_for(sys.stdout))


def preset(found: "GatePreset", options: OutputOptions) -> None:
    """A preset of the gate."""
    from embaudit.render import console_for, render_preset

    render_preset(found, console_for(sys.stdout))


def manual(found: "ManualPage", options: OutputOptions) -> None:
    """A page of the manual."""
    from embaudit.docs import NAMES
    from embaudit.render import console_for, render_manual_page

    render_manual_page(found, NAMES, console_for(sys.stdout))


def _show(document: "BlockDocument", options: OutputOptions) -> None:
    """The first screen of a document, or all of it."""
    from embaudit.render import console_for, show_document, show_paged

    if options.full:
        show_paged(document, console_for(sys.stdout))
    else:
        show_document(document, console_for(sys.stdout), full=False)

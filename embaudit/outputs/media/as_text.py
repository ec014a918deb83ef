"""What is read on a terminal; it prints itself, since the console knows its width and colours."""

import sys
from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.docs import ManualPage
    from embaudit.report import GatePreset, Measure
    from embaudit.report.comparison import Comparison
    from embaudit.report.sweep import Sweep
    from embaudit.report.topic import Topic
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
    from embaudit.render import console_for, show_document, trend_document

    if not options.quiet:
        show_document(trend_document(found), console_for(sys.stdout))


def forecast(found: "Sweep", options: OutputOptions) -> None:
    """A forecast of batches."""
    from embaudit.render import console_for, forecast_document, show_document

    if not options.quiet:
        show_document(forecast_document(found), console_for(sys.stdout))


def project(found: "Projected", options: OutputOptions) -> None:
    """What is to be said of a projection."""
    from embaudit.render import console_for, projection_document, show_document

    if not options.quiet:
        show_document(projection_document(found.told), console_for(sys.stdout))


def mine(found: "Mined", options: OutputOptions) -> None:
    """What is to be said of mined triplets."""
    from embaudit.render import console_for, mining_document, show_document

    if not options.quiet:
        show_document(mining_document(found.told), console_for(sys.stdout))


def compare(found: "Comparison", options: OutputOptions) -> None:
    """A comparison of reports."""
    from embaudit.measures import MEASURES
    from embaudit.render import comparison_document, console_for, show_document

    if not options.quiet:
        show_document(comparison_document(found, MEASURES), console_for(sys.stdout))


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

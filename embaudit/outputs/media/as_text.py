"""What is read on a terminal; it prints itself, since the console knows its width and colours."""

import sys
from typing import TYPE_CHECKING

from embaudit.outputs.media import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.mining import Mined
    from embaudit.pipeline import Audited
    from embaudit.projecting import Projected
    from embaudit.report import GatePreset, Measure
    from embaudit.report.comparison import Comparison
    from embaudit.report.sweep import Sweep
    from embaudit.report.topic import Topic
    from embaudit.report.trend import Trend


def audit(found: "Audited", asked: Asked) -> None:
    """The report; for who asked for quiet, what the gate says against it."""
    from embaudit.measures import MEASURES
    from embaudit.render import console_for, render_gate, render_terminal

    if not asked.quiet:
        render_terminal(found.report, MEASURES, console_for(sys.stdout))
    elif found.report.gate.verdict == "fail":
        render_gate(found.report, console_for(sys.stdout))


def trend(found: "Trend", asked: Asked) -> None:
    """A series of checkpoints."""
    from embaudit.render import console_for, render_trend

    if not asked.quiet:
        render_trend(found, console_for(sys.stdout))


def forecast(found: "Sweep", asked: Asked) -> None:
    """A forecast of batches."""
    from embaudit.render import console_for, render_forecast

    if not asked.quiet:
        render_forecast(found, console_for(sys.stdout))


def project(found: "Projected", asked: Asked) -> None:
    """What is to be said of a projection."""
    from embaudit.render import console_for, render_projection

    if not asked.quiet:
        render_projection(found.told, console_for(sys.stdout))


def mine(found: "Mined", asked: Asked) -> None:
    """What is to be said of mined triplets."""
    from embaudit.render import console_for, render_mining

    if not asked.quiet:
        render_mining(found.told, console_for(sys.stdout))


def compare(found: "Comparison", asked: Asked) -> None:
    """A comparison of reports."""
    from embaudit.measures import MEASURES
    from embaudit.render import console_for, render_comparison

    if not asked.quiet:
        render_comparison(found, MEASURES, console_for(sys.stdout))


def explain(found: "Sequence[Measure | Topic]", asked: Asked) -> None:
    """Measures and findings."""
    from embaudit.reference import explained
    from embaudit.render import console_for, render_explanations

    render_explanations(found, explained(None), console_for(sys.stdout))


def preset(found: "GatePreset", asked: Asked) -> None:
    """A preset of the gate."""
    from embaudit.render import console_for, render_preset

    render_preset(found, console_for(sys.stdout))

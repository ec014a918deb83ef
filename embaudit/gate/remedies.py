"""What to do about a rule that did not pass, with a command that can be pasted."""

from embaudit.evidence.checked import APPROXIMATE
from embaudit.gate.conditions import OfMeasure
from embaudit.gate.deciding import Status
from embaudit.report import Measure, Reading, Report
from embaudit.report.command import Command

WRITE_ONE = "`embaudit baseline report.json -o baseline.json` makes a report the baseline."
HIGHEST_EFFORT = 6


def remedy_of(condition: OfMeasure, reading: Reading, status: Status, report: Report) -> str:
    """Of a rule about a measure; nothing where it passed."""
    if status == "pass":
        return ""
    if status == "fail":
        return f"{condition.measure.advice} {explained(condition.measure)}"
    if reading.kind == "undefined":
        return f"Undefined: {reading.reason}. Gate on a measure that is defined for this data."
    if reading.kind == "estimate":
        return "An estimate has no interval to decide on; gate on a certified or exact measure."
    if reading.reason and reading.reason.startswith(APPROXIMATE):
        exact = again(report, search="exact")
        return f"The interval holds the limit. An exact search decides: {exact}"
    if condition.worst_class:
        return f"Classes are known exactly where all anchors are ranked. {ranking_more(report)}"
    if reading.kind == "sampled":
        return (
            "The interval holds the limit after all draws that a gate may cost: move the limit. "
            f"{ranking_more(report)}"
        )
    return f"The interval holds the limit: move it to its safe side. {tightening(report)}"


def explained(measure: Measure) -> str:
    """Where more is said of a measure."""
    return f"`{Command('explain', (measure.id,)).line()}` says more."


def ranking_more(report: Report) -> str:
    """The audit again with all that can be ranked."""
    return f"All measures rank more: {again(report, measures='all')}"


def tightening(report: Report) -> str:
    """The audit again with more effort; nothing where there is no more."""
    level = min(report.options.effort + 1, HIGHEST_EFFORT)
    return f"More effort tightens it: {again(report, effort=str(level))}"


def again(report: Report, **options: str) -> str:
    """The audit of the same input with other options, or these options alone."""
    if report.invocation is None:
        flags = " ".join(f"--{name} {value}" for name, value in options.items())
        return f"{flags}."
    return f"`{report.invocation.then('audit', **options).line()}`"

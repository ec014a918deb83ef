"""What to do about a rule that did not pass, with a command that can be pasted."""

from embaudit.core.intervals import TIES
from embaudit.evidence.ann_recall import APPROXIMATE
from embaudit.gate.rule_status import Status, sentences
from embaudit.gate.rule_types import OfMeasure
from embaudit.measures.measure import Measure
from embaudit.report import Reading, Report
from embaudit.report.diagnosis_model import Finding
from embaudit.report.shell_command import Command

WRITE_ONE = "`embaudit baseline report.json -o baseline.json` makes a report the baseline."
HIGHEST_EFFORT = 6


def remedy_of(condition: OfMeasure, reading: Reading, status: Status, report: Report) -> str:
    """Of a rule about a measure; nothing where it passed."""
    if status == "pass":
        return ""
    if status == "fail":
        found = collapse_in(report) if condition.measure.unit == "state" else None
        return told_of(found) if found else said_of(condition.measure)
    if reading.kind == "undefined":
        return f"Undefined: {reading.reason}. Gate on a measure that is defined for this data."
    if reading.kind == "estimate":
        return "An estimate has no interval to decide on; gate on a certified or exact measure."
    if reading.reason and reading.reason.startswith(APPROXIMATE):
        exact = again(report, search="exact")
        return f"The interval holds the limit. An exact search decides: {exact}"
    if (reading.reason or "").startswith(TIES):
        return (
            "Rows that are equally far leave it open, and no search decides between them: move the "
            "limit to its safe side."
        )
    if condition.of_class:
        return f"Classes are known exactly where all anchors are ranked. {ranking_more(report)}"
    if reading.kind == "sampled":
        return (
            "The interval holds the limit after all draws that a gate may cost: move the limit. "
            f"{ranking_more(report)}"
        )
    return f"The interval holds the limit: move it to its safe side. {tightening(report)}"


def said_of(measure: Measure) -> str:
    """What to do about a measure, and where more is said of it."""
    return f"{measure.advice} `{Command('explain', (measure.id,)).line()}` says more."


def collapse_in(report: Report) -> Finding | None:
    """What the diagnosis says of the collapse."""
    found = () if report.diagnosis is None else report.diagnosis.findings
    return next((one for one in found if one.id in ("collapsed", "collapse_warning")), None)


def told_of(finding: Finding) -> str:
    """What was found, and what to do about it."""
    headline = finding.headline[:1].upper() + finding.headline[1:]
    return sentences(ended(headline), *finding.details, help_of(finding))


def help_of(finding: Finding) -> str:
    """What to do about it, with a command where there is one."""
    return sentences(finding.remedy, f"`{finding.command}`." if finding.command else "")


def ended(sentence: str) -> str:
    """It with a full stop."""
    return sentence if sentence.endswith(".") else f"{sentence}."


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

"""May it ship? Rules decided on the pessimistic end of what is known."""

from collections.abc import Sequence

from embaudit.gate.change_rules import confidence_of, of_change
from embaudit.gate.conditions import Condition, OfDiagnosis, OfFinding, OfMeasure
from embaudit.gate.deciding import UNKNOWN, Ends, Status, decided, told
from embaudit.gate.diagnosed import of_diagnosis, of_finding
from embaudit.gate.remedies import WRITE_ONE, remedy_of
from embaudit.report import Report, Rule, Verdict
from embaudit.report.changes import Compared

BASELINE = "comparable with the baseline"


def judge(conditions: Sequence[Condition], report: Report) -> Verdict:
    """The verdict on all rules: what is not certain to pass fails.

    But for a change that chance may have made: that warns. A baseline that was asked for and cannot
    be compared with is a rule of its own, undecided.
    """
    confidence = confidence_of(conditions)
    rules = tuple(_rule(condition, report, confidence) for condition in conditions)
    baseline = report.baseline
    if baseline is not None and not baseline.comparable:
        rules = (_incomparable(baseline), *rules)
    if not rules:
        return Verdict(verdict="none", rules=())
    failed = any(rule.status in ("fail", "undecided") for rule in rules)
    return Verdict(verdict="fail" if failed else "pass", rules=rules)


def _rule(condition: Condition, report: Report, confidence: float) -> Rule:
    if isinstance(condition, OfDiagnosis):
        return of_diagnosis(condition, report)
    if isinstance(condition, OfFinding):
        return of_finding(condition, report)
    if condition.turn is not None:
        return of_change(condition, report, confidence)
    return _of_measure(condition, report)


def _of_measure(condition: OfMeasure, report: Report) -> Rule:
    """A rule about a measure, or its worst class."""
    reading = report.measures[condition.measure.id]
    ends, where = (reading.lower, reading.upper), ""
    if condition.worst_class:
        ends, where = _worst_class(condition, report)
    status: Status = "undecided"
    if reading.kind not in ("undefined", "estimate"):
        status = decided(condition.operator, condition.limit, ends)
    return told(
        condition,
        status,
        where + remedy_of(condition, reading, status, report),
        observed=ends,
        limit=condition.limit,
        measure=condition.measure.id,
        unit=condition.measure.unit,
    )


def _worst_class(condition: OfMeasure, report: Report) -> tuple[Ends, str]:
    """Between which values the worst class lies, and which one it is."""
    known = [
        (value, row.label)
        for row in report.classes
        if (value := getattr(row, condition.measure.id)) is not None
    ]
    if not known:
        return UNKNOWN, ""
    value, label = max(known, key=lambda one: one[0])
    where = f"The worst class is {label!r}. "
    if report.measures[condition.measure.id].kind == "exact":
        return (value, value), where
    # a search that misses negatives finds too few violations; drawn anchors bound nothing
    return (value if condition.measure.id == "violating_anchors" else 0.0, 1.0), where


def _incomparable(baseline: Compared) -> Rule:
    return Rule(
        rule=f"{BASELINE} {baseline.path}",
        level="error",
        status="undecided",
        observed=UNKNOWN,
        limit=0.0,
        remedy=f"{'; '.join(baseline.differences)}. {WRITE_ONE}",
        origin="--baseline",
        kind="baseline",
    )

"""May it ship? Rules decided on the pessimistic end of what is known."""

from collections.abc import Sequence

from embaudit.errors import did_you_mean
from embaudit.gate.change_rules import confidence_of, of_change
from embaudit.gate.diagnosis_rules import of_diagnosis, of_finding
from embaudit.gate.remedies import WRITE_ONE, remedy_of
from embaudit.gate.rule_status import UNKNOWN, Ends, Status, decided, told
from embaudit.gate.rule_types import Condition, OfDiagnosis, OfFinding, OfMeasure
from embaudit.report import ClassRow, Report, Rule, Verdict
from embaudit.report.changes_model import Compared

RETRIEVED = ("precision_at_1", "r_precision", "map_at_r")  # of classes: exact, or with their ends
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
    """A rule about a measure, its worst class or a named one."""
    reading = report.measures[condition.measure.id]
    ends, where = (reading.lower, reading.upper), ""
    status: Status = "undecided"
    if condition.of_class:
        ends, where = _of_class(condition, report)
    if reading.kind not in ("undefined", "estimate"):
        status = decided(condition.operator, condition.limit, ends)
    said = where and ends == UNKNOWN  # of a class: why nothing is known
    remedy = "" if said else remedy_of(condition, reading, status, report)
    return told(
        condition,
        status,
        (where + remedy).rstrip(),
        observed=ends,
        limit=condition.limit,
        measure=condition.measure.id,
        unit=condition.measure.unit,
    )


def _of_class(condition: OfMeasure, report: Report) -> tuple[Ends, str]:
    """Between which values the worst class lies, or the named one, and which one it is."""
    if not report.classes:
        return UNKNOWN, ""
    rows = [row for row in report.classes if condition.label in (None, str(row.label))]
    if not rows:
        labels = [str(row.label) for row in report.classes]
        near = (
            did_you_mean(condition.label or "", labels) or "`classes` of the JSON report has all."
        )
        return UNKNOWN, f"There is no class {condition.label!r}. {near}"
    known = [(ends, row.label) for row in rows if (ends := _ends_of(row, condition, report))]
    if not known:
        named = "No class" if condition.label is None else f"Class {condition.label!r}"
        verb = "has" if condition.label is None else "has no"
        return UNKNOWN, f"{named} {verb} anchor: a row with another of its class, and negatives."
    worst = min if condition.measure.better == "higher" else max
    lower, upper = (worst(ends[side] for ends, _ in known) for side in (0, 1))
    _, label = worst(known, key=lambda one: one[0])
    return (lower, upper), f"The worst class is {label!r}. " if condition.worst_class else ""


def _ends_of(row: ClassRow, condition: OfMeasure, report: Report) -> tuple[float, float] | None:
    """Between which values a figure of a class lies; None where it has no anchor."""
    id = condition.measure.id
    value, ends = getattr(row, id), getattr(row, f"{id}_ends", None)
    if ends is not None:
        return ends[0], ends[1]
    if value is None:
        return None
    if id in RETRIEVED or report.measures[id].kind == "exact":
        return value, value
    # a search that misses negatives finds too few violations; drawn anchors bound nothing
    return (value if id == "violating_anchors" else 0.0), 1.0


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

"""May it ship? Rules decided on the pessimistic end of what is known."""

import math
from collections.abc import Sequence
from typing import Literal

from embaudit.evidence.checked import APPROXIMATE
from embaudit.gate.rules import Condition
from embaudit.report import Reading, Report, Rule, Verdict
from embaudit.report.changes import Change, Compared, PairedTest

Status = Literal["pass", "fail", "undecided"]
Ends = tuple[float | None, float | None]
UNKNOWN: Ends = (None, None)
BASELINE = "comparable with the baseline"
WRITE_ONE = "`embaudit baseline report.json -o baseline.json` makes a report the baseline."


def judge(conditions: Sequence[Condition], report: Report) -> Verdict:
    """The verdict on all rules: what is not certain to pass fails.

    A baseline that was asked for and cannot be compared with is a rule of its own, undecided.
    """
    rules = tuple(_rule(condition, report) for condition in conditions)
    baseline = report.baseline
    if baseline is not None and not baseline.comparable:
        rules = (_incomparable(baseline), *rules)
    if not rules:
        return Verdict(verdict="none", rules=())
    failed = any(rule.status in ("fail", "undecided") for rule in rules)
    return Verdict(verdict="fail" if failed else "pass", rules=rules)


def decided(operator: str, limit: float, ends: Ends) -> Status:
    """Pass if the whole interval does, fail if none of it does, else undecided."""
    lower = -math.inf if ends[0] is None else ends[0]
    upper = math.inf if ends[1] is None else ends[1]
    worst = {
        "<=": (upper <= limit, lower > limit),
        "<": (upper < limit, lower >= limit),
        ">=": (lower >= limit, upper < limit),
        ">": (lower > limit, upper <= limit),
        "==": (lower == upper == limit, not lower <= limit <= upper),
    }
    passes, fails = worst[operator]
    return "pass" if passes else "fail" if fails else "undecided"


def _rule(condition: Condition, report: Report) -> Rule:
    if condition.turn is not None:
        return _of_change(condition, report)
    reading = report.measures[condition.measure.id]
    ends, where = (reading.lower, reading.upper), ""
    if condition.worst_class:
        ends, where = _worst_class(condition, report)
    status: Status = "undecided"
    if reading.kind not in ("undefined", "estimate"):
        status = decided(condition.operator, condition.limit, ends)
    remedy = where + _remedy(condition, reading, status)
    return _told(condition, status, ends, condition.limit, remedy)


def _told(
    condition: Condition,
    status: Literal["pass", "fail", "undecided", "warn"],
    ends: Ends,
    limit: float,
    remedy: str,
) -> Rule:
    """A rule as it is reported: of level warn, nothing fails."""
    soft = condition.level == "warn" and status != "pass"
    if soft and status == "undecided":
        remedy = f"Undecided. {remedy}"
    return Rule(
        rule=condition.text,
        level=condition.level,
        status="warn" if soft else status,
        observed=ends,
        limit=limit,
        remedy=remedy,
        measure=condition.measure.id,
        origin=condition.origin,
        unit=condition.measure.unit,
    )


def _remedy(condition: Condition, reading: Reading, status: Status) -> str:
    if status == "pass":
        return ""
    if status == "fail":
        return _advice(condition)
    if reading.kind == "undefined":
        return f"Undefined: {reading.reason}. Gate on a measure that is defined for this data."
    if reading.kind == "estimate":
        return "An estimate has no interval to decide on; gate on a certified or exact measure."
    if reading.reason and reading.reason.startswith(APPROXIMATE):
        return "The interval holds the limit: --search exact decides."
    if condition.worst_class:
        return "Classes are known exactly where all anchors are ranked: --measures all ranks more."
    if reading.kind == "sampled":
        return (
            "The interval holds the limit after all draws that a gate may cost: --measures all "
            "draws more, or move the limit."
        )
    return "The certified interval holds the limit: move the limit to its safe side."


def _advice(condition: Condition) -> str:
    """What to do about a measure that fails, with a command at the end."""
    advice = condition.measure.advice
    more = f"`embaudit explain {condition.measure.id}` tells more."
    return advice if "`embaudit " in advice else f"{advice} {more}"


def _worst_class(condition: Condition, report: Report) -> tuple[Ends, str]:
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


def _of_change(condition: Condition, report: Report) -> Rule:
    """A rule about how far a measure moved from the baseline, in its direction."""
    compared = report.baseline
    if compared is None:
        return _told(
            condition,
            "undecided",
            UNKNOWN,
            condition.limit,
            f"No baseline yet. {WRITE_ONE} Then give it with --baseline baseline.json.",
        )
    if not compared.comparable:
        why = "There is nothing to compare with: see the rule about the baseline."
        return _told(condition, "undecided", UNKNOWN, condition.limit, why)
    if condition.worst_class:
        return _of_worst_change(condition, report, compared)
    change = compared.changes.get(condition.measure.id)
    if change is None or change.value is None:
        why = (change.reason if change else None) or "not compared"
        remedy = f"Nothing is known of the change: {why}."
        return _told(condition, "undecided", UNKNOWN, condition.limit, remedy)
    test, broken = change.test, _broken(compared)
    ends = _turned(condition, *_ends(change))
    least, most = _limits(condition, change)
    status = decided(condition.operator, least, ends)
    if status == "fail" and decided(condition.operator, most, ends) != "fail":
        status = "undecided"  # a share of a baseline that is itself an interval
    if status == "pass":
        return _told(condition, status, ends, least, _improvement(change))
    if status == "undecided":
        return _told(condition, status, ends, least, _straddling(change))
    if test is not None and not test.real and not broken and _slight(ends, least):
        return _told(condition, "warn", ends, least, _chance(test))
    real = "A paired test says that the change is real." if test is not None and test.real else ""
    remedy = " ".join(filter(None, (real, broken, _advice(condition))))
    return _told(condition, status, ends, least, remedy)


def _ends(change: Change) -> Ends:
    """Between which values the change lies; a paired test knows a sampled one better."""
    test = change.test
    if test is None or change.kind != "sampled":
        return change.lower, change.upper
    lower = test.lower if change.lower is None else max(change.lower, test.lower)
    upper = test.upper if change.upper is None else min(change.upper, test.upper)
    return min(lower, upper), max(lower, upper)


def _of_worst_change(condition: Condition, report: Report, compared: Compared) -> Rule:
    """The class whose violated triplets grew the most."""
    exact = report.measures[condition.measure.id].kind == "exact"
    then = compared.changes.get(condition.measure.id)
    classes = compared.classes
    if classes is None or then is None:
        why = "Nothing is known of the classes then and now."
        return _told(condition, "undecided", UNKNOWN, condition.limit, why)
    if compared.same_input:
        return _told(condition, "pass", (0.0, 0.0), condition.limit, "")
    if not exact or then.kind != "exact":
        why = "Classes are known exactly where all anchors are ranked: --measures all ranks more."
        return _told(condition, "undecided", UNKNOWN, condition.limit, why)
    worst = classes.worst_increase
    grown = 0.0 if worst is None else worst.now - worst.then
    status = decided(condition.operator, condition.limit, (grown, grown))
    where = ""
    if worst is not None and status != "pass":
        where = f"It is {worst.label!r}: {worst.then:.4g} then, {worst.now:.4g} now."
    return _told(condition, status, (grown, grown), condition.limit, where)


def _turned(condition: Condition, lower: float | None, upper: float | None) -> Ends:
    """An interval of the change as one of the growth in the rule's direction."""
    if condition.turn == "increase":
        return lower, upper
    return (None if upper is None else -upper), (None if lower is None else -lower)


def _limits(condition: Condition, change: Change) -> tuple[float, float]:
    """The strictest and the most lenient absolute limit; they differ for a share of an interval."""
    if not condition.relative:
        return condition.limit, condition.limit
    ends = [end for end in (change.then_lower, change.then_upper) if end is not None]
    across = len(ends) == 2 and ends[0] < 0 < ends[1]
    sizes = [abs(end) for end in ends]
    least = 0.0 if across or not sizes else min(sizes)
    return condition.limit * least, condition.limit * max(sizes, default=0.0)


def _slight(ends: Ends, limit: float) -> bool:
    """Beyond the limit by no more than the limit: so much chance may excuse, and no more."""
    return ends[1] is not None and ends[1] <= 2 * limit


def _chance(test: PairedTest) -> str:
    return (
        f"Little beyond the limit, and not told from chance: over {test.classes} classes and "
        f"{test.groups} groups of rows the change lies in [{test.lower:.4g}, {test.upper:.4g}] "
        f"with {test.confidence:.0%} confidence. It fails nothing."
    )


def _improvement(change: Change) -> str:
    real = change.direction == "better" if change.test is None else change.test.real
    if change.direction != "better" or not real:
        return ""
    return f"Better than the baseline: tighten it. {WRITE_ONE}"


def _straddling(change: Change) -> str:
    if change.kind == "sampled" and change.test is not None:
        return "A paired test cannot tell either: rank more with --measures all."
    if change.kind == "sampled":
        return (
            "The intervals of both are too wide to tell: keep the tables of anchors beside the "
            "reports (-o report.parquet) for a paired test, or rank more with --measures all."
        )
    return "The intervals are too wide to tell: --effort tightens certified ones."


def _broken(compared: Compared) -> str:
    """Which classes broke; a class that is broken is no chance."""
    broken = compared.classes.newly_broken if compared.classes else ()
    if not broken:
        return ""
    more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
    return f"Newly broken: class {broken[0].label!r}{more}."


def _incomparable(baseline: Compared) -> Rule:
    return Rule(
        rule=f"{BASELINE} {baseline.path}",
        level="error",
        status="undecided",
        observed=UNKNOWN,
        limit=0.0,
        remedy=f"{'; '.join(baseline.differences)}. {WRITE_ONE}",
        origin="--baseline",
    )

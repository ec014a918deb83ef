"""Rules about how far a measure moved from a baseline, and whether chance moved it.

Two audits of other rows of one kind differ by chance. A rule fails where its limit is passed and
chance is surely not why; what cannot be told from chance warns. Of all such rules together no more
than one in twenty verdicts is wrong: the level is shared among them (Bonferroni), and between the
two tests of each.
"""

from collections.abc import Sequence
from statistics import NormalDist

from embaudit.baseline import real_at
from embaudit.gate.remedies import WRITE_ONE, ranking_more, said_of, tightening
from embaudit.gate.rule_status import UNKNOWN, Ends, Status, decided, sentences, told
from embaudit.gate.rule_types import Condition, OfMeasure
from embaudit.report import Report, Rule
from embaudit.report.changes_model import Change, Compared

FALSE_ALARMS = 0.05  # of all verdicts on other rows of one kind
TABLES = (
    "Tables of anchors beside both reports tell more: audit with -o report.json -o report.parquet."
)


def confidence_of(conditions: Sequence[Condition]) -> float:
    """Two-sided, of each test, so that all of them together keep to FALSE_ALARMS.

    A rule fails in one direction, by one of two tests.
    """
    limited = sum(
        isinstance(one, OfMeasure)
        and one.turn is not None
        and one.level == "error"
        and one.measure.unit != "state"  # chance moves no state
        for one in conditions
    )
    return 1 - FALSE_ALARMS / max(1, limited)


def of_change(condition: OfMeasure, report: Report, confidence: float) -> Rule:
    """A rule about how far a measure moved from the baseline, in its direction."""
    compared = report.baseline
    if compared is None:
        why = f"No baseline yet. {WRITE_ONE} Then give it with --baseline baseline.json."
        return _told(condition, "undecided", why)
    if not compared.comparable:
        why = "There is nothing to compare with: see the rule about the baseline."
        return _told(condition, "undecided", why)
    if condition.worst_class:
        return _of_worst_class(condition, report, compared)
    change = compared.changes.get(condition.measure.id)
    if change is None or change.value is None:
        why = (change.reason if change else None) or "not compared"
        return _told(condition, "undecided", f"Nothing is known of the change: {why}. {WRITE_ONE}")
    ends = _turned(condition, *_ends(change))
    least, most = _limits(condition, change)
    status: Status = decided(condition.operator, least, ends)
    if status == "fail" and decided(condition.operator, most, ends) != "fail":
        status = "undecided"  # a share of a baseline that is itself an interval
    broken = _broken(compared)
    remedy = _improvement(change)
    if status == "undecided":
        remedy = _straddling(change, report)
        if change.kind == "sampled" and change.error is not None:
            status, remedy = "warn", f"Not told from chance. {remedy}"
    elif status == "fail" and _by_chance(change, ends, least, confidence, bool(broken)):
        status, remedy = "warn", sentences(_chance(change), broken)
    elif status == "fail":
        real = "Chance does not explain it." if change.error else ""
        remedy = sentences(real, broken, said_of(condition.measure))
    return _told(condition, status, remedy, ends, least)


def _told(
    condition: OfMeasure,
    status: Status,
    remedy: str,
    ends: Ends = UNKNOWN,
    limit: float | None = None,
) -> Rule:
    return told(
        condition,
        status,
        remedy,
        observed=ends,
        limit=condition.limit if limit is None else limit,
        kind="change",
        turn=condition.turn,
        measure=condition.measure.id,
        unit=condition.measure.unit,
    )


def _by_chance(change: Change, ends: Ends, limit: float, confidence: float, broken: bool) -> bool:
    """Whether a change beyond the limit may be chance.

    That of the choice of rows excuses any size. That of classes, which move each by itself from
    one training to the next, excuses as much again as the limit, unless a class broke.
    """
    test, error = change.test, change.error
    if not error:  # nothing is known of what chance does to it, or it does nothing
        return False
    assert change.value is not None
    by_rows = abs(change.value) <= NormalDist().inv_cdf((1 + confidence) / 2) * error
    if test is None:
        return by_rows
    slight = ends[1] is not None and ends[1] <= 2 * limit and not broken
    return not real_at(test, confidence) and (by_rows or slight)


def _chance(change: Change) -> str:
    """What chance does, and how more would be known."""
    test = change.test
    if test is not None:
        return (
            f"Beyond the limit, but not told from chance: over {test.classes} classes and "
            f"{test.groups} groups of rows the change lies in [{test.lower:.4g}, {test.upper:.4g}] "
            f"with {test.confidence:.0%} confidence. It fails nothing."
        )
    return (
        "Beyond the limit, but not told from chance: the choice of rows alone moves it by "
        f"{change.error:.2g} (standard error). It fails nothing. {TABLES}"
    )


def _ends(change: Change) -> Ends:
    """Between which values the change lies; a paired test knows a sampled one better."""
    test = change.test
    if test is None or change.kind != "sampled":
        return change.lower, change.upper
    lower = test.lower if change.lower is None else max(change.lower, test.lower)
    upper = test.upper if change.upper is None else min(change.upper, test.upper)
    return min(lower, upper), max(lower, upper)


def _of_worst_class(condition: OfMeasure, report: Report, compared: Compared) -> Rule:
    """The class whose violated triplets grew the most."""
    exact = report.measures[condition.measure.id].kind == "exact"
    then = compared.changes.get(condition.measure.id)
    classes = compared.classes
    if classes is None or then is None:
        why = "Nothing is known of the classes then and now."
        return _told(condition, "undecided", why)
    if compared.same_input:
        return _told(condition, "pass", "", (0.0, 0.0))
    if not exact or then.kind != "exact":
        why = f"Classes are known exactly where all anchors are ranked. {ranking_more(report)}"
        return _told(condition, "undecided", why)
    worst = classes.worst_increase
    grown = 0.0 if worst is None else worst.now - worst.then
    status = decided(condition.operator, condition.limit, (grown, grown))
    where = ""
    if worst is not None and status != "pass":
        where = f"It is {worst.label!r}: {worst.then:.4g} then, {worst.now:.4g} now."
    return _told(condition, status, where, (grown, grown))


def _turned(condition: OfMeasure, lower: float | None, upper: float | None) -> Ends:
    """An interval of the change as one of the growth in the rule's direction."""
    if condition.turn == "increase":
        return lower, upper
    return (None if upper is None else -upper), (None if lower is None else -lower)


def _limits(condition: OfMeasure, change: Change) -> tuple[float, float]:
    """The strictest and the most lenient absolute limit; they differ for a share of an interval."""
    if not condition.relative:
        return condition.limit, condition.limit
    ends = [end for end in (change.then_lower, change.then_upper) if end is not None]
    across = len(ends) == 2 and ends[0] < 0 < ends[1]
    sizes = [abs(end) for end in ends]
    least = 0.0 if across or not sizes else min(sizes)
    return condition.limit * least, condition.limit * max(sizes, default=0.0)


def _improvement(change: Change) -> str:
    real = change.direction == "better" if change.test is None else change.test.real
    if change.direction != "better" or not real:
        return ""
    return f"Better than the baseline: tighten it. {WRITE_ONE}"


def _straddling(change: Change, report: Report) -> str:
    if change.kind == "sampled" and (change.test is not None or change.error is None):
        return f"The intervals are too wide to tell. {ranking_more(report)}"
    if change.kind == "sampled":
        return f"The intervals of both are too wide to tell. {TABLES}"
    return f"The intervals are too wide to tell: {tightening(report)}"


def _broken(compared: Compared) -> str:
    """Which classes broke; a class that is broken is no chance."""
    broken = compared.classes.newly_broken if compared.classes else ()
    if not broken:
        return ""
    more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
    return f"Newly broken: class {broken[0].label!r}{more}."

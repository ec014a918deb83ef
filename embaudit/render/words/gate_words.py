"""A gate in words: what each rule saw, and what came of all of them."""

from collections.abc import Sequence

from embaudit.render.safe_text import count, figure, inert
from embaudit.render.words.block_types import Answer
from embaudit.render.words.figure_blocks import RuleLine, RulesBlock
from embaudit.report import Report, Rule

COLLAPSES = "collapse_state", "point_collapse", "dimensional_collapse", "class_collapse"
URGENCY = ("fail", "undecided", "warn", "pass")


def verdict_of(report: Report) -> Answer | None:
    """What came of the gate in a line; None where there is none."""
    verdict, rules = report.gate.verdict, report.gate.rules
    if verdict == "none":
        return None
    total = count(len(rules), "rule")
    if verdict == "pass":
        watched = any(rule.measure in COLLAPSES or rule.kind == "diagnosis" for rule in rules)
        if report.collapse.state == "collapsed" and not watched:
            return Answer(
                "bad",
                f"Gate passed ({total}), but no rule looks at the collapse",
                ("Add --gate 'collapse_state == none'.",),
            )
        soft = sum(rule.status != "pass" for rule in rules)
        warned = f", {count(soft, 'warning')}" if soft else ""
        return Answer("warning" if soft else "good", f"Gate passed: {total}{warned}")
    failed = sum(rule.status == "fail" for rule in rules if rule.level == "error")
    undecided = sum(rule.status == "undecided" for rule in rules if rule.level == "error")
    if not failed:
        return Answer("bad", f"Gate failed: {undecided} of {total} undecided")
    more = f", {undecided} undecided" if undecided else ""
    return Answer("bad", f"Gate failed: {failed} of {total} failed{more}")


def failures(report: Report, most: int = 5) -> list[str]:
    """The rules that failed the gate, a line each and harmless in a log, and how many more."""
    failed = [
        rule
        for rule in report.gate.rules
        if rule.level == "error" and rule.status in ("fail", "undecided")
    ]
    lines = []
    for rule in failed[:most]:
        seen = observed(rule)
        why = f" ({seen})" if seen else ""
        word = "failed" if rule.status == "fail" else "undecided, which fails"
        lines.append(f"gate {word}: {inert(rule.rule, 200)}{why}")
    more = len(failed) - len(lines)
    return [*lines, f"gate failed: {count(more, 'more rule')}"] if more else lines


def urgent(rules: Sequence[Rule], most: int, *, headed: bool = True) -> RulesBlock | None:
    """The most urgent rules, in their order where all are shown; None where there are none."""
    if not rules:
        return None
    more = max(0, len(rules) - most)
    if more:
        rules = sorted(rules, key=lambda rule: URGENCY.index(rule.status))[:most]
    return RulesBlock(tuple(map(_line, rules)), more, headed)


def _line(rule: Rule) -> RuleLine:
    soft = " (warning only)" if rule.level == "warn" else ""
    seen = observed(rule)
    remedy = "" if rule.status == "pass" else rule.remedy
    return RuleLine(rule.status, rule.rule, seen + soft if seen else soft.strip(), remedy)


def reasons(rule: Rule) -> tuple[str, ...]:
    """Why a rule has its status: what it saw, and what to do; the latter may hold data."""
    return tuple(filter(None, (observed(rule), rule.remedy)))


def observed(rule: Rule) -> str:
    """What a rule saw, a number or an interval, and the limit; nothing if it saw nothing."""
    low, high = rule.observed
    if low is None and high is None:
        return ""
    if low == high and low is not None and rule.turn is not None:
        return _moved(low, rule.turn, rule)
    if low == high:
        seen = _amount(low, rule)
    else:
        left = "-∞" if low is None else _amount(low, rule)
        seen = f"[{left}, {_amount(high, rule)}]"
    return f"observed {seen}, limit {_amount(rule.limit, rule)}"


def _moved(growth: float, turn: str, rule: Rule) -> str:
    """How far a measure moved, in words: the growth is in the direction of the rule."""
    rose = (growth > 0) == (turn == "increase")
    said = (
        "did not move"
        if growth == 0
        else f"{'rose' if rose else 'fell'} by {_points(growth, rule)}"
    )
    way = "rise" if turn == "increase" else "fall"
    return f"{said} (limit: a {way} of {_points(rule.limit, rule)})"


def _points(change: float, rule: Rule) -> str:
    """The size of a change; of shares in percentage points."""
    return _amount(abs(change), rule).replace("%", " points")


def _amount(value: float | None, rule: Rule) -> str:
    """A value in the measure's unit; a change of a state is no state."""
    changed = rule.turn is not None
    return figure(value, "ratio" if changed and rule.unit == "state" else rule.unit)

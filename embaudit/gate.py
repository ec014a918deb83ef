"""May it ship? Rules decided on the pessimistic end of what is known."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from embaudit.checked import APPROXIMATE
from embaudit.config import known_measure
from embaudit.errors import UsageError
from embaudit.report import STATES, Measure, Reading, Rule, Verdict

Status = Literal["pass", "fail", "undecided"]
EXPRESSION = re.compile(r"\s*([A-Za-z_]\w*)\s*(<=|>=|==|<|>|=)\s*(\S+)\s*", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
TOPS = {"fraction": 1.0, "state": 2.0}  # the largest value of a measure with this unit


@dataclass(frozen=True)
class Condition:
    """`measure operator limit`, as in `violated_triplets <= 0.05`."""

    text: str
    measure: Measure
    operator: str
    limit: float

    def status(self, lower: float, upper: float) -> Status:
        """Pass if the whole interval does, fail if none of it does, else undecided."""
        worst = {
            "<=": (upper <= self.limit, lower > self.limit),
            "<": (upper < self.limit, lower >= self.limit),
            ">=": (lower >= self.limit, upper < self.limit),
            ">": (lower > self.limit, upper <= self.limit),
            "==": (lower == upper == self.limit, not lower <= self.limit <= upper),
        }
        passes, fails = worst[self.operator]
        return "pass" if passes else "fail" if fails else "undecided"


def condition_of(text: str, measures: Sequence[Measure]) -> Condition:
    """Parse a gate expression; raises UsageError for what cannot be understood."""
    match = EXPRESSION.fullmatch(text)
    if not match or match[2] == "=":
        raise UsageError(
            f"Cannot read the gate rule {text!r}.",
            "Write MEASURE OPERATOR NUMBER with <=, <, >=, > or ==, "
            "for example --gate 'violated_triplets <= 0.05'.",
        )
    measure = known_measure(match[1], measures)
    if measure.unit == "state" and match[3] in STATES:
        limit = float(STATES.index(match[3]))
    else:
        if not NUMBER.fullmatch(match[3]) or not math.isfinite(float(match[3])):
            names = f" or one of {', '.join(STATES)}" if measure.unit == "state" else ""
            raise UsageError(
                f"The limit {match[3]!r} in {text!r} is no number.",
                f"Give a plain number such as 0.05{names}.",
            )
        limit = float(match[3])
    top = TOPS.get(measure.unit)
    if top is not None and not 0 <= limit <= top:
        raise UsageError(
            f"The limit in {text!r} is outside of what {measure.id} can be: 0 to {top:g}.",
            "5 % is written 0.05." if measure.unit == "fraction" else "",
        )
    return Condition(text.strip(), measure, match[2], limit)


def judge(conditions: Sequence[Condition], readings: Mapping[str, Reading]) -> Verdict:
    """The verdict on all rules: what is not certain to pass fails."""
    if not conditions:
        return Verdict(verdict="none", rules=())
    rules = tuple(_rule(condition, readings[condition.measure.id]) for condition in conditions)
    passed = all(rule.status == "pass" for rule in rules)
    return Verdict(verdict="pass" if passed else "fail", rules=rules)


def _rule(condition: Condition, reading: Reading) -> Rule:
    status: Status
    if reading.kind in ("undefined", "estimate"):
        status = "undecided"
    else:
        low = -math.inf if reading.lower is None else reading.lower
        high = math.inf if reading.upper is None else reading.upper
        status = condition.status(low, high)
    return Rule(
        rule=condition.text,
        level="error",
        status=status,
        observed=(reading.lower, reading.upper),
        limit=condition.limit,
        remedy=_remedy(condition, reading, status),
    )


def _remedy(condition: Condition, reading: Reading, status: Status) -> str:
    if status == "pass":
        return ""
    if status == "fail":
        return condition.measure.advice
    if reading.kind == "undefined":
        return f"Undefined: {reading.reason}. Gate on a measure that is defined for this data."
    if reading.kind == "estimate":
        return "An estimate has no interval to decide on; gate on a certified or exact measure."
    if reading.reason and reading.reason.startswith(APPROXIMATE):
        return "The interval holds the limit: --search exact decides."
    if reading.kind == "sampled":
        return "The interval holds the limit: --measures all samples more, or move the limit."
    return "The certified interval holds the limit: move the limit to its safe side."

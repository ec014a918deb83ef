"""How a rule is decided, and told, whatever it is about."""

import math
from typing import Any, Literal

from embaudit.gate.rule_types import Condition
from embaudit.report import Rule

Status = Literal["pass", "fail", "undecided", "warn"]
Ends = tuple[float | None, float | None]
UNKNOWN: Ends = (None, None)


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


def told(
    condition: Condition,
    status: Status,
    remedy: str,
    *,
    observed: Ends = UNKNOWN,
    limit: float = 0.0,
    **about: Any,
) -> Rule:
    """A rule as it is reported: of level warn, nothing fails. about: what else it says."""
    soft = condition.level == "warn" and status != "pass"
    if soft and status == "undecided":
        remedy = f"Undecided. {remedy}"
    return Rule(
        rule=condition.text,
        level=condition.level,
        status="warn" if soft else status,
        observed=observed,
        limit=limit,
        remedy=remedy,
        origin=condition.origin,
        **about,
    )


def sentences(*parts: str) -> str:
    """What there is of them, in a row."""
    return " ".join(filter(None, parts))

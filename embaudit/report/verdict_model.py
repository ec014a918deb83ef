"""Rules of the gate, and how they were decided."""

from typing import Literal

from pydantic import Field

from embaudit.report.base_model import Model
from embaudit.report.measured_value import Unit

RuleStatus = Literal["pass", "fail", "undecided", "warn"]


class Rule(Model):
    """A gate rule and how it was decided: on the pessimistic end of the observed interval."""

    rule: str
    level: Literal["error", "warn"]
    status: RuleStatus = Field(
        description="warn: a rule of level warn that did not pass, or a change beyond the limit "
        "that cannot be told from chance. It fails nothing."
    )
    observed: tuple[float | None, float | None] = Field(
        description="Of the measure, or of its change; null where unbounded or not known."
    )
    limit: float = Field(
        description="A share of the baseline is told as an absolute change; 0 where there is none."
    )
    remedy: str = Field(description="What to do; for a rule that passed, what else is known.")
    measure: str | None = Field(default=None, description="null for a rule about none.")
    kind: Literal["measure", "change", "diagnosis", "finding", "baseline"] = Field(
        default="measure",
        description="What it is about: a measure, its change since the baseline, the state of the "
        "diagnosis, what was found, or whether there is a baseline to compare with.",
    )
    turn: Literal["increase", "decrease"] | None = Field(
        default=None, description="Of a change: which direction is limited."
    )
    found: tuple[str, ...] = Field(
        default=(), description="The state of the diagnosis, or the ids of the findings meant."
    )
    origin: str = Field(default="", description="Where the rule was written.")
    unit: Unit = Field(default="ratio", description="Of what was observed, and of the limit.")


class Verdict(Model):
    """What the gate says: `none` where no rule was given."""

    verdict: Literal["pass", "fail", "none"]
    rules: tuple[Rule, ...]

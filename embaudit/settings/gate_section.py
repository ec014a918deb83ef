"""The [gate] section of a configuration, as the expressions of a gate."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr
from pydantic import ValidationError as Invalid

from embaudit.errors import did_you_mean, shown
from embaudit.settings.validation_messages import said_of

MOST_TOLD = 20  # unknown keys of one table
Whole = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]  # what a float holds exactly
Limit = StrictFloat | Whole | StrictStr
SIDES = {
    "max": "<=",
    "min": ">=",
    "max_increase": "increase <=",
    "max_decrease": "decrease <=",
}


class Limits(BaseModel):
    """Limits of one measure: [gate.<measure>], [gate.worst_class.<measure>], or of a class.

    That is [gate.class.<label>.<measure>].
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    max: Limit | None = None
    min: Limit | None = None
    max_increase: Limit | None = None
    max_decrease: Limit | None = None
    level: Literal["error", "warn"] = "error"

    def rules(self, subject: str) -> Iterator[str]:
        """The same as gate expressions."""
        level = "warn: " if self.level == "warn" else ""
        for name, operator in SIDES.items():
            limit = getattr(self, name)
            if limit is not None:
                yield f"{level}{subject} {operator} {limit}"


class States(BaseModel):
    """States of the diagnosis: [gate.diagnosis], or [gate] diagnosis = "healthy"."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    is_: StrictStr | None = Field(default=None, alias="is")
    is_not: StrictStr | tuple[StrictStr, ...] = ()
    level: Literal["error", "warn"] = "error"

    def rules(self) -> Iterator[str]:
        """The same as gate expressions."""
        level = "warn: " if self.level == "warn" else ""
        if self.is_ is not None:
            yield f"{level}diagnosis == {self.is_}"
        for state in (self.is_not,) if isinstance(self.is_not, str) else self.is_not:
            yield f"{level}diagnosis != {state}"


def rules_of(gate: object, problems: list[str]) -> Iterator[str]:
    """The gate's expressions; what a measure is, only those who know the measures can tell."""
    if not isinstance(gate, dict):
        problems.append("gate: give a table for each measure, as in [gate.violated_triplets].")
        return
    for name, table in gate.items():
        if name == "preset":
            if isinstance(table, str):
                yield table
            else:
                problems.append("gate.preset: give the name of a preset.")
        elif name == "diagnosis":
            yield from _states({"is": table} if isinstance(table, str) else table, problems)
        elif name == "no_finding":
            yield from _findings(table, problems)
        elif name == "worst_class" and isinstance(table, dict):
            for measure, limits in _by_measure(f"gate.{name}", table, problems):
                yield from _limits(f"worst_class.{measure}", limits, problems)
        elif name == "class" and isinstance(table, dict):
            yield from _of_classes(table, problems)
        else:
            yield from _limits(name, table, problems)


def _by_measure(
    where: str, table: dict[str, Any], problems: list[str]
) -> Iterable[tuple[str, Any]]:
    """The tables of measures in one table."""
    if any(key in SIDES for key in table):
        problems.append(f"{where}: name the measure: [{where}.violated_triplets].")
        return ()
    return table.items()


def _of_classes(table: dict[str, Any], problems: list[str]) -> Iterator[str]:
    """Rules about classes by their labels."""
    for label, measures in table.items():
        where = f"gate.class.{label}"
        if not isinstance(measures, dict):
            problems.append(f"{where}: name the measure: [{where}.precision_at_1].")
            continue
        quote = "'" if '"' in label else '"'
        for measure, limits in _by_measure(where, measures, problems):
            subject = f"{measure} of class {quote}{label}{quote}"
            yield from _limits(subject, limits, problems, f"{where}.{measure}")


def _states(table: object, problems: list[str]) -> Iterator[str]:
    """Rules about the state of the diagnosis."""
    if not isinstance(table, dict):
        problems.append('gate.diagnosis: give a state, as in diagnosis = "healthy", or a table.')
        return
    states = checked_table(States, table, "gate.diagnosis.", ("is", "is_not", "level"), problems)
    rules = [] if states is None else list(states.rules())
    if states is not None and not rules:
        problems.append("gate.diagnosis: names no state; give is or is_not.")
    yield from rules


def _findings(table: object, problems: list[str]) -> Iterator[str]:
    """Rules about findings: how serious each of them is, by its id; `any` is each."""
    if not isinstance(table, dict) or not table:
        problems.append('gate.no_finding: give a table, as in mixed_spaces = "error".')
        return
    for id, level in table.items():
        if level not in ("error", "warn"):
            problems.append(f"gate.no_finding.{id}: {shown(level)} is not one of 'error', 'warn'.")
            continue
        named = "" if id == "any" else f" {id}"
        yield f"{'warn: ' if level == 'warn' else ''}no finding{named}"


def _limits(subject: str, table: object, problems: list[str], where: str = "") -> Iterator[str]:
    where = where or f"gate.{subject}"
    if not isinstance(table, dict):
        problems.append(f"{where}: give a table, as in [{where}] with max = 0.05.")
        return
    limits = checked_table(Limits, table, f"{where}.", list(Limits.model_fields), problems)
    if limits is None:
        return
    rules = list(limits.rules(subject))
    if not rules:
        problems.append(f"{where}: has no limit; give {', '.join(SIDES)}.")
    yield from rules


def checked_table(
    model: type[Any], table: dict[str, Any], where: str, names: Iterable[str], problems: list[str]
) -> Any:
    """A model of a table, or None; every problem is told, an unknown key with the nearest one."""
    names = list(names)
    unknown = [key for key in table if key not in names]
    for key in unknown[:MOST_TOLD]:
        near = did_you_mean(key.replace("-", "_"), names, 1) or f"Known are {', '.join(names)}."
        problems.append(f"{where}{key}: unknown key. {near}")
    if len(unknown) > MOST_TOLD:
        problems.append(f"{where}*: {len(unknown) - MOST_TOLD} more keys are unknown.")
    try:
        return model(**{key: value for key, value in table.items() if key not in unknown})
    except Invalid as error:
        told = {str(one["loc"][0]): one for one in reversed(error.errors())}
        problems += [f"{where}{key}: {said_of(one)}." for key, one in told.items()]
        return None

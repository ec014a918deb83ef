"""What a gate may ask for: rules, presets of rules, and which of them are in force."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from embaudit.config import known_measure
from embaudit.errors import UsageError, did_you_mean
from embaudit.report import STATES, Measure

Level = Literal["error", "warn"]
Turn = Literal["increase", "decrease"]

EXPRESSION = re.compile(
    r"\s*(?:(?P<level>error|warn)\s*:)?"
    r"\s*(?:(?P<scope>\w+)\s*\.)?"
    r"\s*(?P<measure>[A-Za-z_]\w*)"
    r"(?:\s+(?P<turn>increase|decrease))?"
    r"\s*(?P<operator><=|>=|==|<|>)\s*(?P<limit>\S+)\s*",
    re.ASCII,
)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
TOPS = {"fraction": 1.0, "state": 2.0}  # the largest value of a measure with this unit
WORST_CLASS = "worst_class"
OF_CLASSES = ("violated_triplets", "violating_anchors")  # what is known of every class
SIDES = {"<=": {"max"}, "<": {"max"}, ">=": {"min"}, ">": {"min"}, "==": {"max", "min"}}
HINT = (
    "Write MEASURE OPERATOR NUMBER with <=, <, >=, > or ==, or against a baseline MEASURE increase "
    "(or decrease) <= NUMBER or PERCENT%, for example 'violated_triplets <= 0.05' or "
    "'precision_at_1 decrease <= 1%'."
)

# Rules of thumb. Each holds the collapse state beside violations: a constant map violates nothing.
PRESETS: dict[str, tuple[str, ...]] = {
    "smoke": ("collapse_state <= warning", "violated_triplets <= 0.4"),
    "recommended": (
        "collapse_state == none",
        "violated_triplets <= 0.1",
        "precision_at_1 >= 0.5",
        "warn: cross_label_duplicates <= 0",
    ),
    "strict": (
        "collapse_state == none",
        "violated_triplets <= 0.02",
        "precision_at_1 >= 0.9",
        "cross_label_duplicates <= 0",
        "warn: collapse_risk < 0.9",
    ),
}
BY_DEFAULT = "default with a baseline"
# What a baseline asks for, and what presets ask for instead.
NO_WORSE: tuple[str, ...] = (
    "collapse_state increase <= 0",
    "violated_triplets increase <= 0.005",
    "precision_at_1 decrease <= 0.005",
)
PRESETS_AGAINST: dict[str, tuple[str, ...]] = {
    "smoke": (
        "collapse_state increase <= 1",
        "violated_triplets increase <= 0.05",
        "precision_at_1 decrease <= 0.05",
    ),
    "recommended": NO_WORSE,
    "strict": (
        "collapse_state increase <= 0",
        "violated_triplets increase <= 0.001",
        "precision_at_1 decrease <= 0.001",
    ),
}


@dataclass(frozen=True)
class Condition:
    """A rule: of a measure or its worst class, or of how far it moved from a baseline.

    limit: of a `turn` (a change in that direction) an absolute one, or, if `relative`, a share of
    the baseline's value. origin: where the rule was written.
    """

    text: str
    measure: Measure
    operator: str
    limit: float
    level: Level = "error"
    worst_class: bool = False
    turn: Turn | None = None
    relative: bool = False
    origin: str = ""

    def overrides(self, other: "Condition") -> bool:
        """Whether it bounds the same quantity from the same side, and is as serious."""
        mine = (self.measure.id, self.worst_class, self.turn, self.level)
        its = (other.measure.id, other.worst_class, other.turn, other.level)
        return mine == its and bool(SIDES[self.operator] & SIDES[other.operator])


@dataclass(frozen=True)
class Asked:
    """An expression, or the name of a preset, and where it was written."""

    text: str
    origin: str = "--gate"


def rules_in_force(
    asked: Sequence[Asked],
    measures: Sequence[Measure],
    *,
    baseline: bool = False,
    labels: bool = True,
) -> tuple[Condition, ...]:
    """The conditions of what was asked for, layer upon layer.

    A baseline asks for no regression; over that lie, origin by origin as they were asked, presets
    and then written rules. A rule takes the place of those of lower layers that it overrides;
    within a layer all hold. Raises UsageError for what cannot be understood, naming its origin.
    """
    layers = [[condition_of(text, measures, BY_DEFAULT) for text in NO_WORSE]] if baseline else []
    layers = [[one for one in layer if labels or not one.measure.needs_labels] for layer in layers]
    for origin in dict.fromkeys(one.origin for one in asked):
        of_it = [one for one in asked if one.origin == origin]
        layers.append(list(_presets(of_it, measures, baseline)))
        layers.append(
            [condition_of(one.text, measures, origin) for one in of_it if not _is_preset(one)]
        )
    found: list[Condition] = []
    for layer in layers:
        kept = [one for one in found if not any(new.overrides(one) for new in layer)]
        found = [*kept, *layer]
    return tuple(found)


def _is_preset(asked: Asked) -> bool:
    return asked.text.strip() in PRESETS


def _presets(
    asked: Sequence[Asked], measures: Sequence[Measure], baseline: bool
) -> Iterator[Condition]:
    """The rules of the presets among these."""
    for one in filter(_is_preset, asked):
        name = one.text.strip()
        for text in PRESETS[name] + (PRESETS_AGAINST[name] if baseline else ()):
            yield condition_of(text, measures, f"{name} ({one.origin})")


def condition_of(text: str, measures: Sequence[Measure], origin: str = "") -> Condition:
    """Parse a rule; raises UsageError for what cannot be understood."""
    try:
        return _parsed(text, measures, origin)
    except UsageError as error:
        if origin in ("", "--gate"):
            raise
        raise UsageError(f"{origin}: {error.message}", error.hint) from error


def _parsed(text: str, measures: Sequence[Measure], origin: str) -> Condition:
    match = EXPRESSION.fullmatch(text)
    if not match:
        near = did_you_mean(text.strip(), PRESETS, 1)
        raise UsageError(f"Cannot read the gate rule {text!r}.", f"{near} {HINT}".lstrip())
    if match["scope"] not in (None, WORST_CLASS):
        raise UsageError(
            f"Cannot read the gate rule {text!r}: {match['scope']!r} is no scope.",
            f"Write {WORST_CLASS}.{OF_CLASSES[0]} for the worst class, or the measure alone.",
        )
    measure = known_measure(match["measure"], measures)
    worst_class = match["scope"] is not None
    turn: Turn | None = match["turn"]  # type: ignore[assignment]
    if worst_class and measure.id not in OF_CLASSES:
        raise UsageError(
            f"{measure.id} is not told of each class, so {text.strip()!r} cannot be decided.",
            f"Classes have {' and '.join(OF_CLASSES)}.",
        )
    if (turn or worst_class) and match["operator"] not in ("<=", "<"):
        raise UsageError(
            f"A limit of {'a change' if turn else 'the worst class'} is from above: {text!r}.",
            "Use <= or <.",
        )
    relative = turn is not None and match["limit"].endswith("%")
    if worst_class and turn and (relative or turn != "increase" or measure.id != OF_CLASSES[0]):
        raise UsageError(
            f"Of classes, only the absolute growth of {OF_CLASSES[0]} is compared: {text!r}.",
            f"Write {WORST_CLASS}.{OF_CLASSES[0]} increase <= 0.1.",
        )
    return Condition(
        text.strip(),
        measure,
        match["operator"],
        _limit(match["limit"], text, measure, turn is not None, relative),
        "warn" if match["level"] == "warn" else "error",
        worst_class,
        turn,
        relative,
        origin,
    )


def _limit(given: str, text: str, measure: Measure, of_change: bool, relative: bool) -> float:
    """The number of a limit; a share if it is relative."""
    if measure.unit == "state" and given in STATES and not of_change:
        return float(STATES.index(given))
    number = given.removesuffix("%") if relative else given
    if not NUMBER.fullmatch(number) or not math.isfinite(float(number)):
        states = measure.unit == "state" and not of_change
        names = f" or one of {', '.join(STATES)}" if states else ""
        raise UsageError(
            f"The limit {given!r} in {text!r} is no number.",
            f"Give a plain number such as 0.05{names}"
            + (", or a share of the baseline such as 5%." if of_change else "; 5 % is 0.05."),
        )
    limit = float(number) / 100 if relative else float(number)
    if of_change and limit < 0:
        raise UsageError(
            f"The limit of a change in {text!r} is negative.",
            "Turn it round: an increase of at most -0.1 is no wish to keep a level; set a max.",
        )
    top = None if relative else TOPS.get(measure.unit)
    if top is not None and not 0 <= limit <= top:
        raise UsageError(
            f"The limit in {text!r} is outside of what {measure.id} can be: 0 to {top:g}.",
            "5 % is written 0.05." if measure.unit == "fraction" else "",
        )
    return limit


def needed(conditions: Iterable[Condition]) -> list[str]:
    """The measures that must be computed for them."""
    return [condition.measure.id for condition in conditions]

"""From the text of a rule to what it asks."""

import math
import re
from collections.abc import Sequence

from embaudit.errors import UsageError, did_you_mean
from embaudit.findings import KNOWN_FINDINGS
from embaudit.gate.presets import PRESETS
from embaudit.gate.rule_types import Condition, Level, OfDiagnosis, OfFinding, OfMeasure, Turn
from embaudit.measures.measure import Measure
from embaudit.report import STATES
from embaudit.report.diagnosis_model import DIAGNOSES, Mark
from embaudit.settings.chosen_measures import known_measure

LEVEL = r"\s*(?:(?P<level>error|warn)\s*:)?\s*"
EXPRESSION = re.compile(
    LEVEL + r"(?:(?P<scope>\w+)\s*\.)?"
    r"\s*(?P<measure>x-[\w-]+|[A-Za-z_]\w*)"
    r"(?:\s+of\s+class\s+(?P<label>\"[^\"]*\"|'[^']*'|[^\s\"'<>=]+))?"
    r"(?:\s+(?P<turn>increase|decrease))?"
    r"\s*(?P<operator><=|>=|==|<|>)\s*(?P<limit>\S+)\s*",
    re.ASCII,
)
FINDING = re.compile(LEVEL + r"no\s+findings?(?:\s+(?P<id>\S+))?\s*", re.ASCII)
DIAGNOSIS = re.compile(LEVEL + r"diagnosis\b\s*(?P<rest>.*)", re.ASCII | re.DOTALL)
STATE = re.compile(r"(?P<operator>==|!=)\s*(?P<state>\S+)\s*", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
TOPS = {"fraction": 1.0, "state": 2.0}  # the largest value of a measure with this unit
WORST_CLASS = "worst_class"
OF_CLASSES = (  # what is known of every class
    "violated_triplets",
    "violating_anchors",
    "precision_at_1",
    "r_precision",
    "map_at_r",
)
HINT = (
    "Write MEASURE OPERATOR NUMBER with <=, <, >=, > or ==, or against a baseline MEASURE increase "
    "(or decrease) <= NUMBER or PERCENT%, for example 'violated_triplets <= 0.05' or "
    "'precision_at_1 decrease <= 1%', of a class 'precision_at_1 of class \"I\" >= 0.5' or "
    "'worst_class.precision_at_1 >= 0.5'; or 'diagnosis == healthy', or 'no finding mixed_spaces'."
)


def condition_of(text: str, measures: Sequence[Measure], origin: str = "") -> Condition:
    """Parse a rule; raises UsageError for what cannot be understood."""
    try:
        return _parsed(text, measures, origin)
    except UsageError as error:
        if origin in ("", "--gate"):
            raise
        raise UsageError(f"{origin}: {error.message}", error.hint) from error


def _parsed(text: str, measures: Sequence[Measure], origin: str) -> Condition:
    if found := FINDING.fullmatch(text):
        return _of_finding(text, found, origin)
    if found := DIAGNOSIS.fullmatch(text):
        return _of_diagnosis(text, found, origin)
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
    worst_class, label = match["scope"] is not None, match["label"]
    of_class = worst_class or label is not None
    turn: Turn | None = match["turn"]  # type: ignore[assignment]
    if worst_class and label is not None:
        raise UsageError(
            f"Cannot read the gate rule {text!r}: it names a class, and the worst one.",
            f"Write {WORST_CLASS}.{measure.id}, or {measure.id} of class {label}.",
        )
    if of_class and measure.id not in OF_CLASSES:
        raise UsageError(
            f"{measure.id} is not told of each class, so {text.strip()!r} cannot be decided.",
            f"Classes have {', '.join(OF_CLASSES[:-1])} and {OF_CLASSES[-1]}.",
        )
    below = worst_class and not turn and measure.better == "higher"
    usual = (">=", ">") if below else ("<=", "<")
    if (turn or worst_class) and match["operator"] not in usual:
        of, side = "a change" if turn else "the worst class", "below" if below else "above"
        raise UsageError(
            f"A limit of {of} is from {side}: {text!r}.", f"Use {usual[0]} or {usual[1]}."
        )
    relative = turn is not None and match["limit"].endswith("%")
    compared = worst_class and not relative and turn == "increase" and measure.id == OF_CLASSES[0]
    if of_class and turn and not compared:
        raise UsageError(
            "Of classes, only the absolute growth of the worst one's "
            f"{OF_CLASSES[0]} is compared: {text!r}.",
            f"Write {WORST_CLASS}.{OF_CLASSES[0]} increase <= 0.1.",
        )
    return OfMeasure(
        text.strip(),
        measure,
        match["operator"],
        _limit(match["limit"], text, measure, turn is not None, relative),
        _level(match),
        worst_class,
        label if label is None else label.strip("\"'"),
        turn,
        relative,
        origin,
    )


def _of_finding(text: str, match: re.Match[str], origin: str) -> OfFinding:
    """`no finding ID`: a note is no matter, but of what is never more than one."""
    id = match["id"]
    if id is not None and id not in KNOWN_FINDINGS:
        near = did_you_mean(id, KNOWN_FINDINGS) or f"Findings are {', '.join(KNOWN_FINDINGS)}."
        raise UsageError(f"Unknown finding {id!r} in {text.strip()!r}.", near)
    least: Mark = "note" if id is not None and KNOWN_FINDINGS[id] == "note" else "warning"
    return OfFinding(text.strip(), id, least, _level(match), origin)


def _of_diagnosis(text: str, match: re.Match[str], origin: str) -> OfDiagnosis:
    """`diagnosis == STATE`, or `!=`."""
    states = f"States are {', '.join(DIAGNOSES)}."
    said = STATE.fullmatch(match["rest"])
    if not said:
        raise UsageError(
            f"Cannot read the gate rule {text!r}.",
            f"Write diagnosis == STATE or diagnosis != STATE. {states}",
        )
    if said["state"] not in DIAGNOSES:
        near = did_you_mean(said["state"], DIAGNOSES, 1)
        raise UsageError(
            f"Unknown state {said['state']!r} of the diagnosis in {text.strip()!r}.",
            f"{near} {states}".lstrip(),
        )
    state = next(one for one in DIAGNOSES if one == said["state"])
    is_it = said["operator"] == "=="
    return OfDiagnosis(text.strip(), "==" if is_it else "!=", state, _level(match), origin)


def _level(match: re.Match[str]) -> Level:
    return "warn" if match["level"] == "warn" else "error"


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

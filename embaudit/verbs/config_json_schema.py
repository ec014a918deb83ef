"""The JSON Schema of embaudit.toml, for editors: the keys of its table, and what its gate knows."""

from collections.abc import Iterable, Sequence
from typing import Any

from embaudit.data.left_out_rows import DROPPABLE
from embaudit.files.formats import in_prose
from embaudit.findings import KNOWN_FINDINGS
from embaudit.findings.diagnosis_glossary import TITLES
from embaudit.gate import PRESETS
from embaudit.gate.rule_parsing import NUMBER, OF_CLASSES, TOPS
from embaudit.measures import MEASURES
from embaudit.measures.measure import Measure
from embaudit.report import STATES
from embaudit.report.diagnosis_model import DIAGNOSES
from embaudit.settings.acknowledgeable_ids import acknowledgeable_ids
from embaudit.settings.chosen_measures import PRESETS as SETS_OF_MEASURES
from embaudit.settings.config_file import Keys
from embaudit.settings.gate_section import SIDES
from embaudit.settings.option_table import KEYS, Option
from embaudit.settings.settings import Settings

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"  # which editors of TOML know
LEVEL: Schema = {"enum": ["error", "warn"], "default": "error"}
BOUNDS = ("minimum", "maximum", "exclusiveMaximum")


def config_schema() -> Schema:
    """What a configuration may hold: what an audit with it would refuse is invalid here as well.

    What it says more loosely is the text of a batch or a memory budget, and the names within one
    text that has several.
    """
    typed = Keys.model_json_schema()["properties"]
    checked = Settings.model_json_schema()["properties"]
    keys = {
        name: {
            **_bounded(_without_null(typed[name]), _without_null(checked.get(name, {}))),
            **_told(one),
        }
        for name, one in KEYS.items()
    }
    table = _closed({**keys, "gate": _gate()}, "What a project asks of every audit.")
    return {"$schema": DRAFT, "title": "embaudit.toml", **table}


def _without_null(node: Schema) -> Schema:
    """A type without what TOML cannot say, and without what is said elsewhere."""
    kinds = [one for one in node.get("anyOf", ()) if one.get("type") != "null"]
    plain = {key: value for key, value in node.items() if key not in ("anyOf", "title", "default")}
    return {**plain, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})}


def _bounded(node: Schema, checked: Schema) -> Schema:
    """A number within what it is checked for as an option."""
    kinds = node.get("anyOf", [node])
    if not all(one.get("type") in ("integer", "number") for one in kinds):
        return node
    bounds = {key: checked[key] for key in BOUNDS if key in checked}
    return {"type": "number" if len(kinds) > 1 else kinds[0]["type"], **bounds}


def _told(option: Option) -> Schema:
    """What an option says of itself: its help, its default, and the words that it knows."""
    told: Schema = {"description": option.help.format(inputs=in_prose()).replace("\\[", "[")}
    if option.default is not None:
        told["default"] = option.default
    words = {"measures": _measures, "rows": lambda: DROPPABLE, "known": acknowledgeable_ids}
    if option.completes in words:
        told["anyOf"] = _one_or_more(words[option.completes](), commas=option.listed)
    return told


def _measures() -> Sequence[str]:
    return (*SETS_OF_MEASURES, *(one.id for one in MEASURES))


def _one_or_more(words: Iterable[str], *, commas: bool) -> list[Schema]:
    """A word, a list of them, or several in one text, which is not looked into."""
    one = {"enum": list(words)}
    several = [{"type": "string", "pattern": "[, ]"}] if commas else []
    return [one, {"type": "array", "items": {"anyOf": [one, *several]}}, *several]


def _gate() -> Schema:
    states = {"enum": list(DIAGNOSES)}
    several = [states, {"type": "array", "items": states, "minItems": 1}]
    named = {"is": states, "is_not": {"anyOf": several}, "level": LEVEL}
    table = {**_closed(named), "anyOf": [{"required": ["is"]}, {"required": ["is_not"]}]}
    found = {
        id: {"enum": LEVEL["enum"], "description": TITLES[id]} for id in sorted(KNOWN_FINDINGS)
    }
    whatever = {"enum": LEVEL["enum"], "description": "Whatever was found that may mislead."}
    classes = [one for one in MEASURES if one.id in OF_CLASSES]
    rules = {
        "preset": {
            "enum": list(PRESETS),
            "description": " ".join(f"{one.id}: {one.asks}." for one in PRESETS.values()),
        },
        "diagnosis": {"anyOf": [states, table], "description": "The state of the set."},
        "no_finding": {
            **_closed({"any": whatever, **found}, "How serious each finding would be."),
            "minProperties": 1,
        },
        "worst_class": _closed(
            {one.id: _limits(one, _sides_of_worst(one)) for one in classes},
            "Limits of the worst class.",
        ),
        "class": {
            "type": "object",
            "additionalProperties": _closed(
                {one.id: _limits(one, ("max", "min")) for one in classes}
            ),
            "description": "Limits of classes, by their labels.",
        },
    }
    limits = {one.id: _limits(one, tuple(SIDES)) for one in MEASURES}
    return _closed({**rules, **limits}, "What fails the audit: exit code 1.")


def _sides_of_worst(measure: Measure) -> Sequence[str]:
    """The sides from which the worst class can have a limit: one, and for some its growth."""
    side = "min" if measure.better == "higher" else "max"
    return (side, "max_increase") if measure.id == OF_CLASSES[0] else (side,)


def _limits(measure: Measure, sides: Sequence[str]) -> Schema:
    limits = {side: _limit(measure, side) for side in sides}
    return {
        **_closed({**limits, "level": LEVEL}, f"{measure.title}. {measure.meaning}"),
        "anyOf": [{"required": [side]} for side in sides],
    }


def _limit(measure: Measure, side: str) -> Schema:
    """A number, as such or as a text; of a change a share as well, of a state its name."""
    changes = side not in ("max", "min")
    top = TOPS.get(measure.unit)
    range: Schema = {"minimum": 0} if changes or top is not None else {}
    if top is not None:
        range["maximum"] = top
    written = {"type": "string", "pattern": f"^{NUMBER.pattern}{'%?' if changes else ''}$"}
    states = [{"enum": list(STATES)}] if measure.unit == "state" and not changes else []
    return {"anyOf": [{"type": "number", **range}, *states, written]}


def _closed(properties: Schema, description: str = "") -> Schema:
    """A table that holds these and nothing else."""
    told = {"description": description} if description else {}
    return {**told, "type": "object", "properties": properties, "additionalProperties": False}

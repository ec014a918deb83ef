"""What is wrong with a value that was checked, in our words: what it is, and what it may be."""

from collections.abc import Mapping
from typing import Any

from embaudit.errors import shown

WORDS = {  # by the type of the checker's error
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), "{value} is no whole number"),
    **dict.fromkeys(("float_parsing", "float_type"), "{value} is no number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "{value} is neither true nor false"),
    "finite_number": "{value} is not finite",
    "string_type": "{value} is no text",
    "greater_than_equal": "{value} is below {ge}, the least",
    "greater_than": "{value} is not above {gt}",
    "less_than_equal": "{value} is above {le}, the most",
    "less_than": "{value} is not below {lt}",
    "literal_error": "{value} is not one of {expected}",
}


def said_of(error: Mapping[str, Any]) -> str:
    """A clause on one error, as `errors()` of a checker has it."""
    value = shown(error["input"])
    if words := WORDS.get(error["type"]):
        limits = {name: _plain(limit) for name, limit in error.get("ctx", {}).items()}
        return words.format(value=value, **limits)
    message = str(error["msg"])
    if (own := message.removeprefix("Value error, ")) != message and value in own:
        return own.rstrip(".")
    return f"{own[:1].lower()}{own[1:]}, got {value}"


def _plain(limit: object) -> str:
    """A bound as one writes it, or what a value may be with commas alone."""
    return f"{limit:g}" if isinstance(limit, float) else str(limit).replace(" or ", ", ")

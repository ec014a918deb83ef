"""`-` for standard input or standard output, wherever a path may be given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from embaudit.core.location import STANDARD, Location
from embaudit.errors import UsageError
from embaudit.settings.option_table import Option, flag_of

OUTPUT = "output"


@contextmanager
def standard_streams(ctx: typer.Context, options: Sequence[Option]) -> Iterator[None]:
    """Put what comes on standard input in the place of `-`, and let `-o -` be a format.

    Raises UsageError where several inputs are to come there.
    """
    asked = ctx.params
    _show_instead(asked)
    meant = [row for row in options if row.parser and row.name != OUTPUT and _of(asked[row.name])]
    if not meant:
        yield
        return
    if len(meant) > 1 or _of(asked[meant[0].name]) > 1:
        named = " and ".join(flag_of(row) for row in meant)
        raise UsageError(f"Only one input can come on standard input, not {named}.")
    from embaudit.files.standard_input import kept_input

    name = meant[0].name
    with kept_input() as kept:
        given = asked[name]
        asked[name] = [kept if _is(one) else one for one in given] if _many(given) else kept
        yield


def _show_instead(asked: dict[str, Any]) -> None:
    """`-o -` shows the result on standard output, as JSON unless --format says what."""
    outputs: Any = asked.get(OUTPUT)
    if "format" not in asked or not _many(outputs) or not _of(outputs):
        return
    asked[OUTPUT] = [one for one in outputs if not _is(one)]
    if asked["format"] == "text":
        asked["format"] = "json"


def _of(given: Any) -> int:
    """How many of what was given are `-`."""
    return sum(map(_is, given)) if _many(given) else int(_is(given))


def _many(given: Any) -> bool:
    return isinstance(given, list | tuple)


def _is(one: Any) -> bool:
    return isinstance(one, Location) and one.written == STANDARD

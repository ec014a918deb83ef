"""The console of a stream: its width, its colours, and what its encoding can spell."""

import contextlib
import os
from collections.abc import Mapping
from typing import IO, NoReturn

from rich.console import Console

PIPED_WIDTH = 80  # where there is no terminal to ask
WIDEST = 120  # a longer line is harder to read, however wide the terminal is
NARROWEST = 40


class StreamConsole(Console):
    """A rich console that leaves a broken pipe to its caller; rich would exit with code 1."""

    def on_broken_pipe(self) -> NoReturn:
        """Only the command line may decide an exit code."""
        raise BrokenPipeError


def console_for(
    stream: IO[str],
    *,
    width: int | None = None,
    color: bool | None = None,
    environ: Mapping[str, str] | None = None,
) -> Console:
    """A console on `stream` for documents and the reference.

    Width: as given, else the terminal's (at most 120), else COLUMNS, else 80. Colour: as given,
    else only on a terminal without NO_COLOR, or with FORCE_COLOR. Without colour no escape
    sequence is written at all. A stream that is not UTF gets pure ASCII.
    """
    environ = os.environ if environ is None else environ
    terminal = _is_terminal(stream)
    if color is None:
        wanted = terminal and environ.get("TERM", "") not in ("dumb", "unknown")
        color = (wanted or bool(environ.get("FORCE_COLOR"))) and not environ.get("NO_COLOR")
    if hasattr(stream, "reconfigure"):  # so that no character whatsoever can raise
        with contextlib.suppress(OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")
    console = StreamConsole(
        file=stream,
        width=width,
        color_system="auto" if color else None,
        force_terminal=True if color else terminal,
        no_color=not color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ=environ,
    )
    if width is None:
        console.width = _width(console, terminal, environ)
    return console


def _is_terminal(stream: IO[str]) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return False


def _width(console: Console, terminal: bool, environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        asked = int(columns)
    else:
        asked = console.size.width if terminal else PIPED_WIDTH
    return max(NARROWEST, min(asked, WIDEST))

"""A command as it stands: what a run was given, and what can be run next over the same input.

Whoever advises a command builds it here, so that it can be pasted: with the paths, the columns and
the options of the run that it follows, quoted for a shell.
"""

import itertools
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from embaudit.report.base_model import Model

PROGRAM = "embaudit"
INPUT = (
    "labels",
    "embedding_column",
    "label_column",
    "id_column",
    "join",
    "label_level",
    "unlabelled",
    "where",
    "unpack_bits",
    "ignore_label",
    "drop",
    "sample",
    "seed",
    "config",
    "no_config",
)
GALLERY = (
    "gallery",
    "gallery_labels",
    "gallery_embedding_column",
    "gallery_label_column",
    "gallery_id_column",
    "gallery_where",
    "pairs",
)
MEASURED = ("no_labels", "metric", "margin", "batch", "measures", "search", "effort")
# Options of a run that decide what is read and measured, by the verbs that take them. A batch of
# `forecast` is no batch of an audit: it would narrow the sweep to one shape.
TAKES: dict[str, tuple[str, ...]] = {
    "audit": (*INPUT, *MEASURED, *GALLERY),
    "trend": (*INPUT, *MEASURED),
    "forecast": (*INPUT, "metric", "margin"),
    "project": (*INPUT, "metric"),
}
Value = str | tuple[str, ...] | None  # of an option, as text; None for a flag
SHORT = {"output": "-o"}
LISTED = ("drop",)  # options of several values in one text, with commas
ADDED = ("ignore_label", *LISTED)  # options whose values add up
_WORD = re.compile(r"(?:\$'(?:[^'\\]|\\.)*'|'[^']*'|\"[^\"]*\"|[^\s'\"])+")  # quoted or not
_FLAG = re.compile(r"--?[a-z]")
LOGGED = re.compile(r"::|#[#A-Za-z]*\[")  # where a runner of CI reads commands out of its log


class Pasted:
    """What can be pasted into a shell: parts that stay together, in one line or wrapped."""

    def line(self, ascii_only: bool = False) -> str:
        """It as a shell takes it. Where a name holds what no screen shows, as `$'...'` of bytes."""
        return " ".join(self._parts(ascii_only))

    def wrapped(self, width: int, ascii_only: bool = False) -> list[str]:
        """It in lines of so many cells where that can be, each but the last ended by a backslash.

        Lines break before an option only: none begins with what was read.
        """
        lines: list[str] = []
        for part in self._parts(ascii_only):
            if lines and len(lines[-1]) + len(part) + 3 <= width:
                lines[-1] += f" {part}"
            else:
                lines.append(f"  {part}" if lines else part)
        return [f"{line} \\" for line in lines[:-1]] + lines[-1:]

    def __str__(self) -> str:
        return self.line()

    def _parts(self, ascii_only: bool) -> Iterator[str]:
        """The verb with its arguments, then each option with its value."""
        raise NotImplementedError


@dataclass(frozen=True)
class Line(Pasted):
    """A command line that a report holds as text, written by a `Command`."""

    text: str

    def _parts(self, ascii_only: bool) -> Iterator[str]:
        part = ""
        for word in _WORD.findall(self.text):
            plain = word.isprintable() and (word.isascii() or not ascii_only)
            shown = word if plain else quoted("".join(shlex.split(word)), ascii_only)
            if part and _FLAG.match(word):
                yield part
                part = shown
            else:
                part = f"{part} {shown}" if part else shown
        if part:
            yield part


@dataclass(frozen=True)
class Command(Pasted):
    """A command line: options by their name in Python, with their text; None for a bare flag."""

    verb: str
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[str, str | None], ...] = ()

    def _parts(self, ascii_only: bool) -> Iterator[str]:
        words = (f"./{one}" if one.startswith("-") else one for one in self.arguments)
        yield " ".join([PROGRAM, self.verb, *(quoted(word, ascii_only) for word in words)])
        for name, value in self.options:
            flag = SHORT.get(name) or f"--{name.replace('_', '-')}"
            if value is None:
                yield flag
            elif value.startswith("-"):  # else it would be taken for a flag
                yield f"{flag}{'' if name in SHORT else '='}{quoted(value, ascii_only)}"
            else:
                yield f"{flag} {quoted(value, ascii_only)}"


class Invocation(Model):
    """What a run was given on its command line, as far as it decides what is read and measured.

    Secrets and options in an address are left out, as everywhere in a report.
    """

    inputs: tuple[str, ...] = Field(description="The embeddings; of a series, each checkpoint.")
    options: dict[str, str | None] = Field(
        description="By name, as text; null for a flag. Those with their default are left out."
    )
    repeated: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Options that may be given several times, as texts."
    )

    def then(self, verb: str, *inputs: str, **options: Value) -> Command:
        """What to run next over the same input, or of a series over some of it.

        It takes over all options of the run that the verb knows; `options` take their place, or
        add to them where there may be several.
        """
        given: dict[str, Value] = {**self.options, **self.repeated}
        asked = {name: given[name] for name in TAKES[verb] if name in given}
        for name, value in options.items():
            before = asked.pop(name, ())  # what is asked for now comes last
            asked[name] = _joined(name, before, value) if name in ADDED else value
        each = ((name, value) for name, values in asked.items() for value in _values(values))
        return Command(verb, inputs or self.inputs, tuple(each))

    def beside(self, name: str) -> str:
        """A name for an output that replaces no input, and joins no shards."""
        here = os.getcwd()
        given = {os.path.abspath(one) for one in (*self.inputs, *self.options.values()) if one}
        around = [one for one in given if os.path.commonpath((one, here)) == one]
        folder = os.path.dirname(min(around, key=len)) if around else ""
        stem, suffix = os.path.splitext(name)
        names = (f"{stem}{number or ''}{suffix}" for number in itertools.count())
        places = (os.path.join(folder, one) for one in names)
        return next(one for one in places if os.path.abspath(one) not in given)


def _values(given: Value) -> tuple[str | None, ...]:
    return given if isinstance(given, tuple) else (given,)


def _joined(name: str, before: Value, now: Value) -> Value:
    """Both values of an option that takes several, each once."""
    both = [one for one in (*_values(before), *_values(now)) if one is not None]
    if name in LISTED:
        return ",".join(dict.fromkeys(word for text in both for word in text.split(",")))
    return tuple(dict.fromkeys(both))


def quoted(word: str, ascii_only: bool = False) -> str:
    r"""A word for a shell; what cannot be printed, or is not ASCII where that is asked for, in hex.

    So is what a runner of CI may take for a command, as `##vso[`. `$'\x1b'` is a byte to bash, zsh,
    ksh and POSIX since 2024.
    """
    if word.isprintable() and not LOGGED.search(word) and (word.isascii() or not ascii_only):
        return shlex.quote(word)
    return f"$'{''.join(map(_byte, word.encode('utf-8', 'surrogateescape')))}'"


def _byte(value: int) -> str:
    plain = 0x20 <= value < 0x7F and chr(value) not in "'\\:#"
    return chr(value) if plain else f"\\x{value:02x}"

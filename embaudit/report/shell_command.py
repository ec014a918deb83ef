"""A command line that can be pasted: its words quoted for a shell, in one line or wrapped."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

PROGRAM = "embaudit"
SHORT = {"output": "-o"}
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

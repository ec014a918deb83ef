"""What to do next: a step in words, and the command that does it, to be pasted as it stands."""

from embaudit.render.safe_text import inert
from embaudit.report.shell_command import Pasted


class NextStep(str):
    """A step in words; `command`, where there is one, does it."""

    __slots__ = ("command",)
    command: Pasted | None

    def __new__(cls, text: str, command: Pasted | None = None) -> "NextStep":
        """Without a command, a colon at the end is a full stop."""
        if command is None and text.endswith(":"):
            text = f"{text[:-1]}."
        step = super().__new__(cls, text)
        step.command = command
        return step


def command_of(step: str) -> Pasted | None:
    """The command of a step, where it has one."""
    return step.command if isinstance(step, NextStep) else None


def command_lines(command: Pasted, width: int, ascii_only: bool = False) -> list[str]:
    """A command in lines of so many cells, harmless to a terminal, and still to be pasted."""
    line = command.line(ascii_only)
    strict = ascii_only or inert(line, len(line) * 2 + 1) != line
    return command.wrapped(width, strict)

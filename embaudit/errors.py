"""What may go wrong for a reason the user can fix: one error a noun, each with a remedy."""

import difflib
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice

MOST_COMPARED = 2000
LONGEST_NAME = 200  # characters

_ON_COMMAND_LINE = ContextVar("_ON_COMMAND_LINE", default=False)


class Problem(str):
    """One thing to fix, as a text: `cause` says what and where, `remedy` what to do about it."""

    cause: str
    remedy: str

    def __new__(cls, cause: str, remedy: str = "") -> "Problem":
        """Both are sentences; a cause that is a Problem already keeps its own remedy."""
        if isinstance(cause, Problem):
            return cause
        self = super().__new__(cls, f"{cause} {remedy}".rstrip())
        self.cause, self.remedy = cause, remedy
        return self


class EmbauditError(Exception):
    """A problem outside the program: `message` says what and where, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def problems(self) -> Sequence[Problem]:
        """All that there is to fix."""
        return [Problem(self.message, self.hint)]

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(EmbauditError):
    """The command line, an option or a gate expression cannot be understood: a line a problem."""

    @property
    def problems(self) -> Sequence[Problem]:
        """One a line, all with the one hint."""
        return [Problem(line, self.hint) for line in self.message.splitlines()]


class InputRefused(EmbauditError):
    """The embeddings or labels are not something that can be audited truthfully.

    `problems` lists every problem found, so that one run is enough to fix them all; hint: the
    remedy of those that have none of their own.
    """

    def __init__(self, problems: str | Sequence[str], hint: str = "") -> None:
        listed = [problems] if isinstance(problems, str) else problems
        self._problems = [Problem(problem, hint) for problem in listed]
        if isinstance(problems, str) and not isinstance(problems, Problem):
            super().__init__(problems, hint)
        else:
            super().__init__("\n".join(self._problems))

    @property
    def problems(self) -> Sequence[Problem]:
        """In the order in which they were found."""
        return self._problems


class StoreLost(EmbauditError):
    """A store of inputs does not answer: nothing more can be found out about any of them."""


class BudgetExceeded(EmbauditError):
    """The audit would need more memory than it may use, or ran out of it."""


class OutputFailed(EmbauditError):
    """A result could not be written; what stood there before is intact."""


class ClusterLost(EmbauditError):
    """The machines that were to do the work cannot be reached, or no longer."""


class ClusterErred(EmbauditError):
    """A machine of the cluster gave an answer that is not true of the input."""


class PluginWarning(UserWarning):
    """A package that adds measures or findings is broken, wholly or in part: it is left out."""


@contextmanager
def on_command_line() -> Iterator[None]:
    """Within it, errors speak to one who gave flags; elsewhere to one who called a function."""
    token = _ON_COMMAND_LINE.set(True)
    try:
        yield
    finally:
        _ON_COMMAND_LINE.reset(token)


def option(name: str, value: object = None) -> str:
    """How whom it is told gives an option: `--label-column cls`, or `label_column='cls'`.

    value: as a caller of Python would give it; text in capitals stands for a value. None: the
    option alone.
    """
    if _ON_COMMAND_LINE.get():
        flag = f"--{name.replace('_', '-')}"
        return flag if value is None or value is True else f"{flag} {shlex.quote(str(value))}"
    if value is None:
        return name
    plain = isinstance(value, str) and value.isupper()
    return f"{name}={value if plain else repr(value)}"


def truth(name: str, value: object) -> bool:
    """An option that is yes or no; raises UsageError for what is neither, such as an array."""
    try:
        return bool(value)
    except Exception as error:  # of another library
        raise UsageError(f"{name}: give True or False, got {type(value).__name__}.") from error


def did_you_mean(name: str, known: Iterable[str], most: int = 3) -> str:
    """`Did you mean a or b?`, the nearest first; nothing where none is near.

    Of very many names only the first are looked at: each costs a comparison of letters.
    """
    known = list(islice(known, MOST_COMPARED))
    near = difflib.get_close_matches(name[:LONGEST_NAME], known, n=most, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def first_few(rows: Sequence[object], most: int = 5) -> str:
    """The first few of some rows, for a message: `3, 8, 9, ...`."""
    shown = ", ".join(str(row) for row in rows[:most])
    return shown + (", ..." if len(rows) > most else "")


def shown(value: object, most: int = 200) -> str:
    """A value that was not meant, for a message: short, whatever it is.

    Python refuses to write out huge integers, and lists that are nested too deeply.
    """
    try:
        text = repr(value)
    except ValueError:
        digits = f" of {value.bit_length()} bits" if isinstance(value, int) else ""
        return f"a huge {type(value).__name__}{digits}"
    except RecursionError:
        return f"a deeply nested {type(value).__name__}"
    return text if len(text) <= most else text[:most] + "..."

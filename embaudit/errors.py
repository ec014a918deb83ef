"""What may go wrong for a reason the user can mend: one error a noun, each with a remedy."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

MOST_COMPARED = 2000
LONGEST_NAME = 200  # characters


class EmbauditError(Exception):
    """A problem outside the program: `message` says what and where, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(EmbauditError):
    """The command line, an option or a gate expression cannot be understood: a line a problem."""


class InputRefused(EmbauditError):
    """The embeddings or labels are not something that can be audited truthfully.

    `problems` lists every problem found, so that one run is enough to mend them all.
    """

    def __init__(self, problems: str | Sequence[str], hint: str = "") -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems), hint)


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

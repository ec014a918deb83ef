"""How a run ends: exit codes, and errors told in a few lines."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import typer

from embaudit.core.machine import more_memory
from embaudit.errors import (
    BudgetExceeded,
    ClusterErred,
    ClusterLost,
    EmbauditError,
    InputRefused,
    OutputFailed,
    Problem,
    StoreLost,
    UsageError,
    on_command_line,
)

EXIT_CODES: dict[type[EmbauditError], int] = {
    UsageError: 2,
    InputRefused: 3,
    StoreLost: 3,
    BudgetExceeded: 4,
    OutputFailed: 5,
    ClusterLost: 6,
    ClusterErred: 6,
}


class GateFailed(SystemExit):
    """The audit finished and the gate said no: the only way to exit code 1."""

    def __init__(self) -> None:
        super().__init__(1)


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Tell what the user can mend in a few lines, and leave with its exit code."""
    with on_command_line():
        try:
            yield
        except EmbauditError as error:
            tell(error.problems)
            raise typer.Exit(EXIT_CODES[type(error)]) from error
        except MemoryError as error:
            tell([Problem(f"Out of memory: {error or 'an allocation failed'}.", more_memory())])
            raise typer.Exit(EXIT_CODES[BudgetExceeded]) from error


def tell(problems: Sequence[Problem]) -> None:
    """The causes, each with its remedy; one that several in a row share comes after the last."""
    from embaudit.render import inert

    lines: list[str] = []
    for at, problem in enumerate(problems):
        lines.append(f"error: {inert(problem.cause, 2000)}")
        shared = at + 1 < len(problems) and problems[at + 1].remedy == problem.remedy
        if problem.remedy and not shared:
            lines.append(f"hint: {inert(problem.remedy, 2000)}")
    complain(lines)


def complain(lines: Sequence[str]) -> None:
    """Write lines to standard error."""
    if sys.stderr is not None:
        with suppress(OSError):  # a full disk there as well
            print(*lines, sep="\n", file=sys.stderr, flush=True)

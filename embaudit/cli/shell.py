"""The command line itself: exit codes, and how errors are told."""

import inspect
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from embaudit import __version__
from embaudit.errors import (
    BudgetExceeded,
    ClusterErred,
    ClusterLost,
    EmbauditError,
    InputRefused,
    OutputFailed,
    StoreLost,
    UsageError,
)
from embaudit.memory import HINT

EXIT_CODES: dict[type[EmbauditError], int] = {
    UsageError: 2,
    InputRefused: 3,
    StoreLost: 3,
    BudgetExceeded: 4,
    OutputFailed: 5,
    ClusterLost: 6,
    ClusterErred: 6,
}

EPILOG = (
    "Examples:  embaudit audit emb.parquet  |  embaudit audit emb.npy --labels y.npy --gate "
    "recommended -o report.json  |  embaudit explain d_iso\n\n"
    "Exit codes: 0 finished, and every gate rule passed; 1 finished, and a gate rule failed or "
    "could not be decided; 2 usage; 3 input refused; 4 over the memory budget; 5 an output could "
    "not be written; 6 the cluster was lost, or gave a wrong answer; 70 a defect of embaudit; 130 "
    "interrupted; 143 terminated."
)


def _plain(params: Sequence[Any]) -> Sequence[Any]:
    """Parameters that show no type of Python: flags and arguments have their name."""
    for one in params:
        if one.param_type_name == "argument" or getattr(one, "is_flag", False):
            one.display_type_rich = lambda ctx: None
    return params


class Verb(TyperCommand):
    """A verb, and its help."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Its help is as wide as the screen: lines of a docstring do not break it."""
        super().__init__(*arguments, **options)
        paragraphs = inspect.cleandoc(self.help or "").split("\n\n")
        self.help = "\n\n".join(" ".join(one.split()) for one in paragraphs)

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        return _plain(super().get_params(ctx))


class Verbs(TyperGroup):
    """The program, and its help."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        return _plain(super().get_params(ctx))


app = typer.Typer(
    name="embaudit",
    cls=Verbs,
    help="Audit saved embeddings: are the classes triplet-separated, is the embedding collapsed "
    "or about to collapse, and may this checkpoint ship?",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class GateFailed(SystemExit):
    """The audit finished and the gate said no: the only way to exit code 1."""

    def __init__(self) -> None:
        super().__init__(1)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"embaudit {__version__}")
        raise typer.Exit


@app.callback()
def embaudit(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Audit saved embeddings."""
    with told():
        try:
            os.getcwd()  # every relative path begins there
        except OSError as error:
            raise UsageError(
                f"The current directory cannot be told: {error.strerror or error}.",
                "Was it deleted? Change to one that exists.",
            ) from error


@contextmanager
def told() -> Iterator[None]:
    """Tell what the user can mend in a few lines, and leave with its exit code."""
    try:
        yield
    except EmbauditError as error:
        problems = [error.message]
        if isinstance(error, InputRefused):
            problems = error.problems
        elif isinstance(error, UsageError):
            problems = error.message.splitlines()
        _leave(problems, error.hint, EXIT_CODES[type(error)])
    except MemoryError as error:
        _leave([f"Out of memory: {error or 'an allocation failed'}."], HINT, 4)


def _leave(problems: Sequence[str], hint: str, code: int) -> NoReturn:
    from embaudit.render import inert

    lines = [f"error: {inert(problem, 2000)}" for problem in problems]
    lines += [f"hint: {inert(hint, 2000)}"] if hint else []
    if sys.stderr is not None:
        with suppress(OSError):  # a full disk there as well
            print(*lines, sep="\n", file=sys.stderr, flush=True)
    raise typer.Exit(code)

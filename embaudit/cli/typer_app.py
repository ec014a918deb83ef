"""The program of typer: its name, its help, and errors of the parser in our words."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from embaudit.cli.exit_codes import EXIT_CODES, reporting_errors, tell
from embaudit.cli.help_screen import plain, without_markdown
from embaudit.cli.parser_errors import PROGRAM, problem_of
from embaudit.errors import PluginWarning, Problem, UsageError
from embaudit.version import __version__

ShellError: type[Exception] = next(  # typer shows the class by those that derive from it only
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

EPILOG = (
    "Examples:  embaudit audit emb.parquet  |  embaudit audit emb.npy --labels y.npy --gate "
    "recommended -o report.json  |  embaudit explain d_iso\n\n"
    "Exit codes: 0 finished, and every gate rule passed; 1 finished, and a gate rule failed or "
    "could not be decided; 2 usage; 3 input refused; 4 over the memory budget; 5 an output could "
    "not be written; 6 the cluster was lost, or gave a wrong answer; 70 a defect of embaudit; 130 "
    "interrupted; 143 terminated."
)


class Shell(TyperGroup):
    """A command line whose own errors read like all others."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        return plain(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Its help."""
        with without_markdown():
            super().format_help(ctx, formatter)

    def main(self, *args: Any, **options: Any) -> Any:
        """Run it, by its name however it was started: a shell completes the one that is typed."""
        return super().main(*args, **{**options, "prog_name": PROGRAM})

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Of what stands before a verb."""
        with _in_our_words(), _completing():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Of a verb and what stands behind it."""
        with _in_our_words(ctx), _warnings_in_a_line():
            return super().invoke(ctx)


@contextmanager
def _in_our_words(ctx: Any = None) -> Iterator[None]:
    """ctx: of the program, which knows its verb."""
    try:
        yield
    except ShellError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # no error: help was asked for
            raise
        verb = str(getattr(ctx, "invoked_subcommand", None) or "")
        tell([problem_of(error, verb, getattr(ctx, "command", None))])
        raise typer.Exit(EXIT_CODES[UsageError]) from error


@contextmanager
def _warnings_in_a_line() -> Iterator[None]:
    """What is wrong with a package that adds something is said in a line, not as of a program."""
    usual = warnings.showwarning

    def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, PluginWarning):
            typer.echo(f"warning: {_printable(str(message))}", err=True)
        else:
            usual(message, category, *place, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("default", PluginWarning)
        warnings.showwarning = show
        yield


def _printable(text: str) -> str:
    """A text without control characters."""
    return "".join(one if one.isprintable() else " " for one in text)


@contextmanager
def _completing() -> Iterator[None]:
    """Where a shell is not known, completion ends with 1, which only a failed gate does."""
    try:
        yield
    except (SystemExit, typer.Exit) as leaving:
        if 1 not in (getattr(leaving, "code", 0), getattr(leaving, "exit_code", 0)):
            raise
        told = "Of this shell no completion is known, or which one it is cannot be told."
        tell([Problem(told, "It is there for bash, zsh, fish and PowerShell: run it in one.")])
        raise typer.Exit(EXIT_CODES[UsageError]) from leaving


app = typer.Typer(
    name=PROGRAM,
    cls=Shell,
    help="Audit saved embeddings: are the classes triplet-separated, is the embedding collapsed "
    "or about to collapse, and may this checkpoint ship?",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    with reporting_errors():
        try:
            os.getcwd()  # every relative path begins there
        except OSError as error:
            raise UsageError(
                f"The current directory cannot be told: {error.strerror or error}.",
                "Was it deleted? Change to one that exists.",
            ) from error

"""The command line itself: exit codes, and how errors are told."""

import inspect
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from embaudit.cli.parser_errors import PROGRAM, problem_of
from embaudit.core.machine import more_memory
from embaudit.errors import (
    BudgetExceeded,
    ClusterErred,
    ClusterLost,
    EmbauditError,
    InputRefused,
    OutputFailed,
    PluginWarning,
    Problem,
    StoreLost,
    UsageError,
    on_command_line,
)
from embaudit.version import __version__

EXIT_CODES: dict[type[EmbauditError], int] = {
    UsageError: 2,
    InputRefused: 3,
    StoreLost: 3,
    BudgetExceeded: 4,
    OutputFailed: 5,
    ClusterLost: 6,
    ClusterErred: 6,
}

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


GENERAL = "Help"  # the heading of what every verb has


def _plain(params: Sequence[Any]) -> Sequence[Any]:
    """Parameters as people write them: no type of Python, no brackets about names."""
    for one in params:
        if one.param_type_name == "argument":
            name = one.metavar if one.nargs == 1 else f"{one.metavar}..."
            one.get_usage_pieces = _always([name if one.required else f"[{name}]"])
        if one.param_type_name == "argument" or getattr(one, "is_flag", False):
            one.display_type_rich = _always(None)
        if one.name in ("help", "version", "install_completion", "show_completion"):
            one.rich_help_panel = GENERAL
    return params


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


@contextmanager
def _without_markdown() -> Iterator[None]:
    """Let no help wait for rich's Markdown and tracebacks, which typer imports and ours never show.

    They are 40 % of its time.
    """
    unused = [name for name in ("rich.markdown", "rich.traceback") if name not in sys.modules]
    for name in unused:
        sys.modules[name] = empty = ModuleType(name)
        empty.__getattr__ = lambda _: object  # type: ignore[method-assign]
    try:
        import typer.rich_utils  # noqa: F401 - as it looks without them, from here on

        yield
    finally:
        for name in unused:  # who needs them imports them
            del sys.modules[name]


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

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Its help."""
        with _without_markdown():
            super().format_help(ctx, formatter)


class Shell(TyperGroup):
    """A command line whose own errors read like all others."""

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        return _plain(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Its help."""
        with _without_markdown():
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
        _say([problem_of(error, verb, getattr(ctx, "command", None))])
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
        _say([Problem(told, "It is there for bash, zsh, fish and PowerShell: run it in one.")])
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
    with reporting_errors():
        try:
            os.getcwd()  # every relative path begins there
        except OSError as error:
            raise UsageError(
                f"The current directory cannot be told: {error.strerror or error}.",
                "Was it deleted? Change to one that exists.",
            ) from error


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Tell what the user can mend in a few lines, and leave with its exit code."""
    with on_command_line():
        try:
            yield
        except EmbauditError as error:
            _say(error.problems)
            raise typer.Exit(EXIT_CODES[type(error)]) from error
        except MemoryError as error:
            _say([Problem(f"Out of memory: {error or 'an allocation failed'}.", more_memory())])
            raise typer.Exit(EXIT_CODES[BudgetExceeded]) from error


def _say(problems: Sequence[Problem]) -> None:
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

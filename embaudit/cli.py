"""The command line: the only place that decides an exit code."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from embaudit import __version__
from embaudit.errors import (
    BudgetExceeded,
    EmbauditError,
    InputRefused,
    OutputFailed,
    UsageError,
)

if TYPE_CHECKING:
    from embaudit.report import Report

EXIT_CODES: dict[type[EmbauditError], int] = {
    UsageError: 2,
    InputRefused: 3,
    BudgetExceeded: 4,
    OutputFailed: 5,
}
Format = Literal["text", "json", "markdown"]

EPILOG = """
Exit codes: 0 finished, and every gate rule passed; 1 finished, and a gate rule failed or could
not be decided; 2 usage; 3 input refused; 4 out of memory; 5 an output could not be written;
70 a defect of embaudit; 130 interrupted; 143 terminated.
"""

app = typer.Typer(
    name="embaudit",
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


@app.command(
    epilog="Examples:  embaudit audit emb.parquet  |  embaudit audit emb.npy --labels y.npy "
    "--metric cosine -o report.json --gate 'violated_triplets <= 0.05'  |  embaudit audit "
    "ckpt.npz --margin 0.2 --batch 18x4 --gate 'collapse_state == none'"
)
def audit(
    embeddings: Annotated[
        str, typer.Argument(help="A .npy, .npz or .parquet file, or a directory of shards.")
    ],
    labels: Annotated[
        str | None,
        typer.Option(help="Labels in a file of their own: .npy, .npz, .parquet, .csv or .txt."),
    ] = None,
    embedding_column: Annotated[
        str | None, typer.Option(help="Name of the embeddings in a table or .npz.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Name of the labels in a table, .npz or .csv.")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Name of the row ids in a table, .npz or .csv.")
    ] = None,
    metric: Annotated[
        Literal["l2", "cosine"], typer.Option(help="Distance between embeddings.")
    ] = "l2",
    margin: Annotated[
        float, typer.Option(help="The training margin alpha, in units of the embeddings.")
    ] = 0.0,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="PxK",
            help="Training batch for the collapse forecast: classes x rows per class. "
            "\\[default: min(C, 18)x4]",
        ),
    ] = None,
    measures: Annotated[
        str,
        typer.Option(
            metavar="paper|standard|all|ID,ID",
            help="What to compute; `embaudit explain` lists the ids.",
        ),
    ] = "standard",
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="Also write .json or .md; may be repeated."),
    ] = None,
    format: Annotated[Format, typer.Option(help="What goes to standard output.")] = "text",
    gate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Fail unless it certainly holds, as in 'violated_triplets <= 0.05'; "
            "may be repeated.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything that is sampled.")] = 0,
    threads: Annotated[
        int | None, typer.Option(help="Search threads. \\[default: all]", show_default=False)
    ] = None,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="No progress, and no text but a failed gate.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Also say where the time went.")
    ] = False,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="No progress.")] = False,
) -> None:
    """Audit embeddings and labels: report, and gate."""
    with _told():
        from embaudit.config import settings_of

        settings = settings_of(
            metric=metric,
            margin=margin,
            batch=batch,
            measures=measures,
            gate=gate or (),
            seed=seed,
            threads=threads,
        )
        from embaudit.files import check_writable, load, write_atomically
        from embaudit.pipeline import check, run
        from embaudit.render import Progress

        checked = check(settings)
        writers = [(path, _writer(path)) for path in output or ()]
        for path, _ in writers:
            check_writable(path)
        data = load(
            embeddings,
            labels,
            embedding_column=embedding_column,
            label_column=label_column,
            id_column=id_column,
        )
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            report = run(data, settings, checked, progress.advance)
        for path, written in writers:
            write_atomically(path, written(report).encode())
        _print(report, format, quiet)
        if verbose:
            _tell_timing(report)
        if report.gate.verdict == "fail":
            raise GateFailed


@app.command()
def explain(
    measure: Annotated[
        str | None, typer.Argument(help="A measure's id; without it, all are listed.")
    ] = None,
) -> None:
    """Explain a measure: what it means, its formula and source, how to act on it."""
    with _told():
        from embaudit.reference import explain_all, explain_one

        _to_stdout(lambda: explain_one(measure) if measure else explain_all())


@app.command()
def schema() -> None:
    """Print the JSON Schema that every report follows."""
    with _told():
        from embaudit.reference import report_schema

        _to_stdout(lambda: print(report_schema(), end=""))


def _writer(path: Path) -> Callable[["Report"], str]:
    """How an output is rendered, by its suffix."""
    from embaudit.measures import MEASURES
    from embaudit.render import render_markdown

    writers: dict[str, Callable[[Report], str]] = {
        ".json": lambda report: report.to_json(),
        ".md": lambda report: render_markdown(report, MEASURES),
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UsageError(
            f"Cannot tell what to write to {str(path)!r}: unknown suffix {path.suffix!r}.",
            f"Use one of {', '.join(writers)}.",
        )
    return writer


def _print(report: "Report", format: Format, quiet: bool) -> None:
    from embaudit.measures import MEASURES
    from embaudit.render import console_for, render_gate, render_markdown, render_terminal

    def show() -> None:
        if format == "json":
            sys.stdout.write(report.to_json())
        elif format == "markdown":
            sys.stdout.write(render_markdown(report, MEASURES))
        elif not quiet:
            render_terminal(report, MEASURES, console_for(sys.stdout))
        elif report.gate.verdict == "fail":
            render_gate(report, console_for(sys.stdout))

    if format != "text" or not quiet or report.gate.verdict == "fail":
        _to_stdout(show)


def _to_stdout(show: Callable[[], object]) -> None:
    """Write a result; a reader that has gone away (`| head`) is no failure, a full disk is."""
    if sys.stdout is None:
        raise OutputFailed("Standard output is closed.", "Use -o to write the report to a file.")
    try:
        show()
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # nobody reads on; the verdict still counts
    except OSError as error:
        sys.stdout = None
        reason = error.strerror or str(error)
        raise OutputFailed(
            f"Standard output cannot be written: {reason}.", "Free some space, or use -o."
        ) from error


def _tell_timing(report: "Report") -> None:
    settled = report.environment["nearest_negatives_settled"]
    seconds = ", ".join(f"{stage} {value:.2f} s" for stage, value in report.timing.items())
    typer.echo(f"time: {seconds}; nearest negatives settled: {settled}", err=True)


@contextmanager
def _told() -> Iterator[None]:
    """Tell what the user can mend in a few lines, and leave with its exit code."""
    try:
        yield
    except EmbauditError as error:
        problems = error.problems if isinstance(error, InputRefused) else [error.message]
        _leave(problems, error.hint, EXIT_CODES[type(error)])
    except MemoryError:
        _leave(["Out of memory."], "Audit fewer rows, or use a larger machine.", 4)


def _leave(problems: Sequence[str], hint: str, code: int) -> NoReturn:
    from embaudit.render import inert

    if sys.stderr is not None:
        for problem in problems:
            print(f"error: {inert(problem, 2000)}", file=sys.stderr)
        if hint:
            print(f"hint: {inert(hint, 2000)}", file=sys.stderr)
    raise typer.Exit(code)

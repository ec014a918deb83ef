"""The command line: the only place that decides an exit code."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from embaudit import __version__, options
from embaudit.errors import (
    BudgetExceeded,
    EmbauditError,
    InputRefused,
    OutputFailed,
    UsageError,
)
from embaudit.memory import HINT, allowed, enforced
from embaudit.outputs import (
    forecast_writers,
    kept_columns,
    mining_writers,
    projection_writers,
    report_writers,
    show_cost,
    to_stdout,
)

if TYPE_CHECKING:
    from embaudit.config import Settings
    from embaudit.data import EmbeddingSet
    from embaudit.files import Choice, Names
    from embaudit.report import Report

EXIT_CODES: dict[type[EmbauditError], int] = {
    UsageError: 2,
    InputRefused: 3,
    BudgetExceeded: 4,
    OutputFailed: 5,
}

EPILOG = """
Exit codes: 0 finished, and every gate rule passed; 1 finished, and a gate rule failed or could
not be decided; 2 usage; 3 input refused; 4 over the memory budget; 5 an output could not be
written; 70 a defect of embaudit; 130 interrupted; 143 terminated.
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
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    keep_columns: options.KeepColumns = None,
    no_labels: options.NoLabels = False,
    gallery: options.Gallery = None,
    gallery_labels: options.GalleryLabels = None,
    metric: options.Metric = "l2",
    margin: options.Margin = 0.0,
    batch: options.Batch = None,
    measures: options.Measures = "standard",
    output: options.Output = None,
    format: options.ReportFormat = "text",
    gate: options.Gate = None,
    sample: options.Sample = None,
    search: options.Search = "auto",
    effort: options.Effort = None,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    memory_budget: options.MemoryBudget = None,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Audit embeddings and labels: report, and gate."""
    with _told():
        from embaudit.config import settings_of

        settings = settings_of(
            metric=metric,
            labels=not no_labels,
            margin=margin,
            batch=batch,
            measures=measures,
            gate=gate or (),
            search=search,
            effort=effort,
            seed=seed,
            threads=threads,
            sample=sample,
            memory_budget=memory_budget,
        )
        from embaudit.cost import NO_GALLERY, check_memory, cost_of
        from embaudit.files import Names, choose, choose_gallery, count_classes
        from embaudit.pipeline import check, run
        from embaudit.render import Progress

        checked = check(settings)
        if gallery_labels is not None and gallery is None:
            raise UsageError("--gallery-labels needs --gallery: the set that they label.")
        if gallery is not None and no_labels:
            raise UsageError("--gallery needs labels: what is a positive is told by them.")
        writers, paths = report_writers(quiet), output or ()
        writers.check(paths, embeddings, labels, gallery, gallery_labels)
        keep = kept_columns(keep_columns, paths, labelled=not no_labels)
        names = Names(embedding_column, label_column, id_column, join, keep)
        with enforced(allowed(settings.memory_budget)):
            chosen = choose(embeddings, labels, names, labelled=not no_labels)
            beside = None if gallery is None else choose_gallery(chosen, gallery, gallery_labels)
            form = NO_GALLERY if beside is None else beside.form
            check_memory(settings, *chosen.size, gallery=form)
            if dry_run:
                needs = chosen.needs(sample, on_disk=True)
                needs.check(allowed(settings.memory_budget), f"Reading {embeddings}")
                classes = count_classes(chosen, alone=beside is None)
                show_cost(
                    cost_of(settings, chosen.size, chosen.first.stored, classes, form), format
                )
                return
            data, reference = _read_both(chosen, beside, settings)
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            found = run(data, settings, checked, progress.advance, reference)
            report = found.report
        writers.write(found, paths)
        if format != "text" or not quiet or report.gate.verdict == "fail":
            writers.show(found, format)
        if verbose:
            _tell_timing(report)
        if report.gate.verdict == "fail":
            raise GateFailed


@app.command(
    epilog="Examples:  embaudit forecast emb.parquet --margin 0.2  |  embaudit forecast emb.npy "
    "--labels y.npy --metric cosine --margin 0.2 --batch 18x4,62x8 -o forecast.json"
)
def forecast(
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    metric: options.Metric = "l2",
    margin: options.Margin = 0.0,
    batch: options.Batches = None,
    output: options.Output = None,
    format: options.ReportFormat = "text",
    sample: options.Sample = None,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    memory_budget: options.MemoryBudget = None,
    quiet: options.Silent = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Forecast collapse: which batch shapes are safe to train on with batch-hard mining."""
    with _told():
        from embaudit.config import settings_of

        settings = settings_of(
            metric=metric,
            margin=margin,
            batches=batch or (),
            sample=sample,
            seed=seed,
            threads=threads,
            memory_budget=memory_budget,
        )
        from embaudit.files import Names
        from embaudit.forecasting import sweep
        from embaudit.render import Progress

        writers, paths = forecast_writers(quiet), output or ()
        writers.check(paths, embeddings, labels)
        names = Names(embedding_column, label_column, id_column, join)
        data = _loaded(embeddings, labels, names, settings)
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            found = sweep(data, settings, progress.advance)
        writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)


@app.command(
    epilog="Examples:  embaudit project batch.npy --labels y.npy -o fstar.npy  |  embaudit project "
    "emb.parquet --sample 500 -o fstar.parquet"
)
def project(
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    metric: options.Metric = "l2",
    output: options.ProjectionOutput = None,
    format: options.ReportFormat = "text",
    sample: options.Sample = None,
    effort: options.ProjectionEffort = 1,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    memory_budget: options.MemoryBudget = None,
    quiet: options.Silent = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Find the nearest triplet-separated set (the paper's f*), and how far each row is from it."""
    with _told():
        from embaudit.config import settings_of

        settings = settings_of(
            metric=metric,
            sample=sample,
            effort=effort,
            seed=seed,
            threads=threads,
            memory_budget=memory_budget,
        )
        from embaudit.files import Names
        from embaudit.projecting import check_size, projected
        from embaudit.render import Progress

        writers, paths = projection_writers(quiet), output or ()
        writers.check(paths, embeddings, labels)
        names = Names(embedding_column, label_column, id_column, join)
        data = _loaded(embeddings, labels, names, settings, check_size)
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            found = projected(data, settings, progress.advance)
        writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)


@app.command(
    epilog="Examples:  embaudit mine emb.parquet -o triplets.parquet  |  embaudit mine emb.parquet "
    "--metric cosine --mode semi-hard --margin 0.2 --agreement --text-column text -o train.parquet"
)
def mine(
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    keep_columns: options.KeepColumns = None,
    text_column: options.TextColumn = None,
    metric: options.Metric = "l2",
    mode: options.MiningMode = "hardest",
    positive: options.MiningPositive = "hardest",
    per_anchor: options.PerAnchor = 1,
    margin: options.MiningMargin = None,
    epsilon: options.Epsilon = 0.1,
    band: options.Band = "1:5",
    min_distance: options.MinDistance = 0.0,
    relative_margin: options.RelativeMargin = 0.0,
    agreement: options.Agreement = False,
    keep_duplicates: options.KeepDuplicates = False,
    form: options.MinedAs = "triplets",
    output: options.MiningOutput = None,
    format: options.ReportFormat = "text",
    sample: options.Sample = None,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    memory_budget: options.MemoryBudget = None,
    quiet: options.Silent = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Mine triplets with hard negatives for the next training run, and leave out doubtful ones."""
    with _told():
        from embaudit.config import settings_of
        from embaudit.mining import mined, rule_of

        settings = settings_of(
            metric=metric, sample=sample, seed=seed, threads=threads, memory_budget=memory_budget
        )
        rule = rule_of(
            mode=mode,
            positive=positive,
            per_anchor=per_anchor,
            margin=margin,
            epsilon=epsilon,
            band=band,
            min_distance=min_distance,
            relative_margin=relative_margin,
            agreement=agreement,
            keep_duplicates=keep_duplicates,
        )
        from embaudit.files import Names
        from embaudit.render import Progress
        from embaudit.triplets import check_text

        writers, paths = mining_writers(quiet, form, text_column), output or ()
        writers.check(paths, embeddings, labels)
        kept = [*(keep_columns or "").split(","), text_column or ""]
        keep = tuple(dict.fromkeys(name.strip() for name in kept if name.strip()))
        names = Names(embedding_column, label_column, id_column, join, keep)
        data = _loaded(embeddings, labels, names, settings)
        if text_column is not None:
            check_text(data, text_column)
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            found = mined(data, settings, rule, progress.advance)
        writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)


@app.command()
def inspect(
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    no_labels: options.NoLabels = False,
    format: options.TextOrJson = "text",
    sample: options.Sample = None,
    seed: options.Seed = 0,
    memory_budget: options.MemoryBudget = None,
) -> None:
    """Say what an audit would read, how the columns were chosen, and every problem found.

    Exits 3 if an audit would refuse the input, 4 if it is over the memory budget.
    """
    with _told():
        from embaudit.config import settings_of
        from embaudit.files import Names
        from embaudit.files import inspect as inspected
        from embaudit.render import console_for, render_inspection
        from embaudit.search import plan_for  # not where memory is limited: its BLAS would crash

        settings = settings_of(sample=sample, seed=seed, memory_budget=memory_budget)
        budget = allowed(settings.memory_budget)
        names = Names(embedding_column, label_column, id_column, join)
        with enforced(budget):
            seen = inspected(
                embeddings,
                labels,
                names=names,
                labelled=not no_labels,
                sample=sample,
                seed=seed,
                memory_budget=budget,
                approximates=lambda rows, dim: plan_for(rows, dim).approximate,
            )
        if format == "json":
            to_stdout(lambda: print(json.dumps(asdict(seen), indent=2)))
        else:
            to_stdout(lambda: render_inspection(seen, console_for(sys.stdout)))
        if seen.problems:
            raise typer.Exit(EXIT_CODES[BudgetExceeded if seen.over_budget else InputRefused])


@app.command()
def explain(
    measure: Annotated[
        str | None, typer.Argument(help="A measure's id; without it, all are listed.")
    ] = None,
) -> None:
    """Explain a measure: what it means, its formula and source, how to act on it."""
    with _told():
        from embaudit.reference import explain_all, explain_one

        to_stdout(lambda: explain_one(measure) if measure else explain_all())


@app.command()
def schema(of: options.SchemaOf = "report") -> None:
    """Print the JSON Schema that every report follows, or what another verb writes."""
    with _told():
        from embaudit.reference import schema_of

        written = schema_of(of)
        to_stdout(lambda: print(written, end=""))


def _loaded(
    embeddings: str,
    labels: str | None,
    names: "Names",
    settings: "Settings",
    check_size: Callable[[int], None] = lambda rows: None,
) -> "EmbeddingSet":
    """The set in the files; what cannot be done is said before values are read."""
    from embaudit.cost import check_memory
    from embaudit.files import choose

    with enforced(allowed(settings.memory_budget)):
        chosen = choose(embeddings, labels, names)
        rows = chosen.size[0]
        check_size(min(rows, settings.sample or rows))
        check_memory(settings, *chosen.size)
        return _read(chosen, settings)


def _read(chosen: "Choice", settings: "Settings") -> "EmbeddingSet":
    """The chosen columns as a set; its rows are on disk where the budget asks for it."""
    from embaudit.cost import check_memory
    from embaudit.files import read

    return read(
        chosen,
        sample=settings.sample,
        seed=settings.seed,
        memory_budget=settings.memory_budget,
        on_disk=lambda classes: check_memory(settings, *chosen.size, classes),
    )


def _read_both(
    chosen: "Choice", gallery: "Choice | None", settings: "Settings"
) -> tuple["EmbeddingSet", "EmbeddingSet | None"]:
    """The set and, where there is one, its gallery, whole; both are on disk, or neither."""
    from embaudit.cost import check_memory
    from embaudit.files import read

    if gallery is None:
        return _read(chosen, settings), None
    form, budget = gallery.form, settings.memory_budget

    def on_disk(classes: int) -> bool:
        return check_memory(settings, *chosen.size, classes, form)

    sample, seed = settings.sample, settings.seed
    data = read(chosen, sample=sample, seed=seed, memory_budget=budget, on_disk=on_disk, among=())
    there = on_disk(len(data.classes))
    return data, read(gallery, memory_budget=budget, on_disk=lambda _: there, among=data.classes)


def _tell_timing(report: "Report") -> None:
    settled = report.environment.get("nearest_negatives_settled", {})
    seconds = ", ".join(f"{stage} {value:.2f} s" for stage, value in report.timing.items())
    by = ", ".join(f"{amount:,} in {precision}" for precision, amount in settled.items() if amount)
    searched = f"; nearest negatives settled: {by}" if by else ""
    typer.echo(f"time: {seconds}{searched}", err=True)


@contextmanager
def _told() -> Iterator[None]:
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

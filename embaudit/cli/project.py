"""embaudit project."""

import sys

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings
from embaudit.cli.reading import loaded
from embaudit.cli.shell import app, tell_timing, told
from embaudit.outputs import projection_writers


@app.command(
    epilog="Examples:  embaudit project batch.npy --labels y.npy -o fstar.npy  |  embaudit project "
    "emb.parquet --sample 500 -o fstar.parquet"
)
def project(
    ctx: typer.Context,
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
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Find the nearest triplet-separated set (the paper's f*), and how far each row is from it."""
    with told():
        from embaudit.config import settings_of

        settings = settings_of(
            metric=metric,
            sample=sample,
            effort=effort,
            seed=seed,
            threads=threads,
            memory_budget=memory_budget,
        )
        if verbose:
            tell_settings(ctx)
        from embaudit.files import Names
        from embaudit.projecting import check_size, projected
        from embaudit.provenance import Timing
        from embaudit.render import Progress

        writers, paths = projection_writers(quiet), output or ()
        writers.check(paths, embeddings, labels)
        names = Names(embedding_column, label_column, id_column, join)
        timing = Timing()
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            with timing("reading"):
                data = loaded(embeddings, labels, names, settings, progress.advance, check_size)
            found = projected(data, settings, progress.advance)
        timing.seconds |= found.told.timing
        with timing("writing"):
            writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)
        if verbose:
            tell_timing(timing.seconds)

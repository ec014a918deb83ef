"""embaudit forecast."""

import sys

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings
from embaudit.cli.reading import loaded
from embaudit.cli.shell import app, tell_timing, told
from embaudit.outputs import forecast_writers


@app.command(
    epilog="Examples:  embaudit forecast emb.parquet --margin 0.2  |  embaudit forecast emb.npy "
    "--labels y.npy --metric cosine --margin 0.2 --batch 18x4,62x8 -o forecast.json"
)
def forecast(
    ctx: typer.Context,
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
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Forecast collapse: which batch shapes are safe to train on with batch-hard mining."""
    with told():
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
        if verbose:
            tell_settings(ctx)
        from embaudit.files import Names
        from embaudit.forecasting import sweep
        from embaudit.provenance import Timing
        from embaudit.render import Progress

        writers, paths = forecast_writers(quiet), output or ()
        writers.check(paths, embeddings, labels)
        names = Names(embedding_column, label_column, id_column, join)
        timing = Timing()
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            with timing("reading"):
                data = loaded(embeddings, labels, names, settings, progress.advance)
            found = sweep(data, settings, progress.advance)
        timing.seconds |= found.timing
        with timing("writing"):
            writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)
        if verbose:
            tell_timing(timing.seconds)

"""embaudit forecast."""

from typing import TYPE_CHECKING

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings
from embaudit.cli.shell import app, told
from embaudit.cli.verb import deliver, invocation_in, names_in, settings_in
from embaudit.outputs import forecast_writers

if TYPE_CHECKING:
    from embaudit.provenance import Timing
    from embaudit.render import Progress
    from embaudit.report.sweep import Sweep


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
    unpack_bits: options.UnpackBits = False,
    ignore_label: options.IgnoreLabel = None,
    drop: options.Drop = None,
    metric: options.Metric = "l2",
    margin: options.Margin = 0.0,
    batch: options.Batches = None,
    output: options.ForecastOutput = None,
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
        from embaudit.forecasting import sweep
        from embaudit.loading import loaded

        settings = settings_in(ctx, batch=None, batches=batch or ())
        if verbose:
            tell_settings(ctx)
        writers = forecast_writers(quiet)
        writers.check(output or (), embeddings, labels)
        names = names_in(ctx)

        def compute(progress: "Progress", timing: "Timing") -> "Sweep":
            with timing("reading"):
                data = loaded(embeddings, labels, names, settings, progress.advance)
            return sweep(data, settings, progress.advance, invocation_in(ctx))

        deliver(ctx, writers, compute, lambda found: found.timing)

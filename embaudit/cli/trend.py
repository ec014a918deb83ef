"""embaudit trend."""

from typing import TYPE_CHECKING

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings, was_configured
from embaudit.cli.shell import app, told
from embaudit.cli.verb import deliver, invocation_in, names_in, settings_in
from embaudit.errors import UsageError
from embaudit.location import located
from embaudit.machine import allowed, enforced
from embaudit.outputs import trend_writers

if TYPE_CHECKING:
    from embaudit.provenance import Timing
    from embaudit.render import Progress
    from embaudit.report.trend import Trend


@app.command(
    epilog="Examples:  embaudit trend step*.npy --labels labels.npy  |  embaudit trend "
    "runs/checkpoint-*/emb.parquet --metric cosine -o trend.json -o trend.md"
)
def trend(
    ctx: typer.Context,
    checkpoints: options.Checkpoints,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    no_labels: options.NoLabels = False,
    unpack_bits: options.UnpackBits = False,
    ignore_label: options.IgnoreLabel = None,
    drop: options.Drop = None,
    metric: options.Metric = "l2",
    margin: options.Margin = 0.0,
    batch: options.Batch = None,
    measures: options.Measures = "standard",
    output: options.TrendOutput = None,
    format: options.ReportFormat = "text",
    sample: options.Sample = None,
    search: options.Search = "auto",
    effort: options.Effort = None,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    memory_budget: options.MemoryBudget = None,
    cache_dir: options.CacheDir = None,
    no_cache: options.NoCache = False,
    quiet: options.Silent = False,
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Follow a training run: where precision grew, where collapse began, which checkpoint is best.

    Audits that an earlier run computed for the same files and options are not computed again.
    """
    with told():
        if no_cache and cache_dir is not None:
            raise UsageError("--cache-dir and --no-cache exclude each other.", "Give one of them.")
        if cache_dir is not None and not located(cache_dir).local:
            raise UsageError("--cache-dir is a directory of this machine.", "Give its path.")
        labels = None if no_labels and was_configured(ctx, "labels") else labels
        settings = settings_in(ctx, labels=not no_labels)
        if verbose:
            tell_settings(ctx)
        from embaudit.series import HERE, Cache, followed, series_of

        writers = trend_writers(quiet)
        writers.check(output or (), labels, *checkpoints)
        with enforced(allowed(settings.memory_budget)):
            series = series_of(checkpoints, labels, names_in(ctx), settings)
        folder = None if no_cache else cache_dir or HERE

        def follow(progress: "Progress", timing: "Timing") -> "Trend":
            cache = Cache(folder, lambda message: progress.note(f"warning: {message}"))
            return followed(series, cache, progress.advance, invocation_in(ctx))

        deliver(ctx, writers, follow, lambda found: found.timing)

"""embaudit project."""

from typing import TYPE_CHECKING

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings
from embaudit.cli.shell import app, told
from embaudit.cli.verb import deliver, invocation_in, names_in, settings_in
from embaudit.outputs import projection_writers

if TYPE_CHECKING:
    from embaudit.projecting import Projected
    from embaudit.provenance import Timing
    from embaudit.render import Progress


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
    unpack_bits: options.UnpackBits = False,
    ignore_label: options.IgnoreLabel = None,
    drop: options.Drop = None,
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
        from embaudit.loading import loaded
        from embaudit.projecting import check_size, projected

        settings = settings_in(ctx)
        if verbose:
            tell_settings(ctx)
        writers = projection_writers(quiet)
        writers.check(output or (), embeddings, labels)
        names = names_in(ctx)

        def compute(progress: "Progress", timing: "Timing") -> "Projected":
            with timing("reading"):
                data = loaded(embeddings, labels, names, settings, progress.advance, check_size)
            return projected(data, settings, progress.advance, invocation_in(ctx))

        deliver(ctx, writers, compute, lambda found: found.told.timing)

"""embaudit mine."""

from typing import TYPE_CHECKING

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings
from embaudit.cli.shell import app, told
from embaudit.cli.verb import deliver, names_in, settings_in
from embaudit.outputs import mining_writers

if TYPE_CHECKING:
    from embaudit.mining import Mined
    from embaudit.provenance import Timing
    from embaudit.render import Progress


@app.command(
    epilog="Examples:  embaudit mine emb.parquet -o triplets.parquet  |  embaudit mine emb.parquet "
    "--metric cosine --mode semi-hard --margin 0.2 --agreement --text-column text -o train.parquet"
)
def mine(
    ctx: typer.Context,
    embeddings: options.Embeddings,
    labels: options.Labels = None,
    embedding_column: options.EmbeddingColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    join: options.Join = None,
    keep_columns: options.MinedColumns = None,
    text_column: options.TextColumn = None,
    unpack_bits: options.UnpackBits = False,
    ignore_label: options.IgnoreLabel = None,
    drop: options.Drop = None,
    metric: options.Metric = "l2",
    mode: options.MiningMode = "hardest",
    positive: options.MiningPositive = "hardest",
    per_anchor: options.PerAnchor = 1,
    margin: options.MiningMargin = None,
    epsilon: options.Epsilon = 0.1,
    band: options.Band = "1:5",
    min_distance: options.MinDistance = 0.0,
    relative_margin: options.RelativeMargin = None,
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
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Mine triplets with hard negatives for the next training run, and leave out doubtful ones."""
    with told():
        from embaudit.loading import loaded
        from embaudit.mining import check_text, mined, rule_of

        settings = settings_in(ctx, margin=0.0)
        if verbose:
            tell_settings(ctx)
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
        writers = mining_writers(quiet, form, text_column)
        writers.check(output or (), embeddings, labels)
        kept = [*(keep_columns or "").split(","), text_column or ""]
        keep = tuple(dict.fromkeys(name.strip() for name in kept if name.strip()))
        names = names_in(ctx, keep)

        def compute(progress: "Progress", timing: "Timing") -> "Mined":
            with timing("reading"):
                data = loaded(embeddings, labels, names, settings, progress.advance)
            if text_column is not None:
                check_text(data, text_column)
            return mined(data, settings, rule, progress.advance)

        deliver(ctx, writers, compute, lambda found: found.told.timing)

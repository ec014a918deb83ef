"""embaudit mine."""

import sys

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, tell_settings
from embaudit.cli.reading import loaded
from embaudit.cli.shell import app, tell_timing, told
from embaudit.outputs import mining_writers


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
    verbose: options.Verbose = False,
    no_progress: options.NoProgress = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Mine triplets with hard negatives for the next training run, and leave out doubtful ones."""
    with told():
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
        if verbose:
            tell_settings(ctx)
        from embaudit.files import Names
        from embaudit.mining import check_text
        from embaudit.provenance import Timing
        from embaudit.render import Progress

        writers, paths = mining_writers(quiet, form, text_column), output or ()
        writers.check(paths, embeddings, labels)
        kept = [*(keep_columns or "").split(","), text_column or ""]
        keep = tuple(dict.fromkeys(name.strip() for name in kept if name.strip()))
        names = Names(embedding_column, label_column, id_column, join, keep)
        timing = Timing()
        with Progress(sys.stderr, enabled=not (quiet or no_progress)) as progress:
            with timing("reading"):
                data = loaded(embeddings, labels, names, settings, progress.advance)
            if text_column is not None:
                check_text(data, text_column)
            found = mined(data, settings, rule, progress.advance)
        timing.seconds |= found.told.timing
        with timing("writing"):
            writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)
        if verbose:
            tell_timing(timing.seconds)

"""embaudit mine."""

from typing import TYPE_CHECKING

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import names_in, settings_in, write_outputs
from embaudit.cli.config_defaults import tell_settings
from embaudit.outputs import mining_writers
from embaudit.settings.option_table import COLUMNS, CONFIGURED, LEFT_OUT, SHOWN

if TYPE_CHECKING:
    from embaudit.core.timing import Timing
    from embaudit.render import Progress
    from embaudit.verbs.mine import Mined


@command(
    "embeddings",
    *COLUMNS,
    "keep_columns",
    "text_column",
    *LEFT_OUT,
    "acknowledge",
    "metric",
    "mode",
    "positive",
    "per_anchor",
    "margin",
    "epsilon",
    "band",
    "min_distance",
    "relative_margin",
    "agreement",
    "keep_duplicates",
    "form",
    "output",
    "format",
    "sample",
    "seed",
    "threads",
    "memory_budget",
    "full",
    *SHOWN,
    *CONFIGURED,
    epilog="Examples:  embaudit mine emb.parquet -o triplets.parquet  |  embaudit mine emb.parquet "
    "--metric cosine --mode semi-hard --margin 0.2 --agreement --text-column text -o train.parquet",
)
def mine(ctx: typer.Context, asked: Asked) -> None:
    """Mine triplets with hard negatives for the next training run, and leave out doubtful ones."""
    from embaudit.report.mining_document import MiningRule
    from embaudit.verbs.load import load_inputs
    from embaudit.verbs.mine import check_text, mined, rule_of

    settings = settings_in(ctx, margin=0.0, search="exact")
    if asked.verbose:
        tell_settings(ctx)
    rule = rule_of(**{name: vars(asked)[name] for name in MiningRule.model_fields})
    writers = mining_writers(asked.quiet, asked.full, asked.form, asked.text_column)
    writers.check(asked.output or (), asked.embeddings, asked.labels)
    kept = [*(asked.keep_columns or "").split(","), asked.text_column or ""]
    keep = tuple(dict.fromkeys(name.strip() for name in kept if name.strip()))
    names = names_in(ctx, keep)

    def compute(progress: "Progress", timing: "Timing") -> "Mined":
        with timing("reading"):
            data = load_inputs(asked.embeddings, asked.labels, names, settings, progress.advance)
        if asked.text_column is not None:
            check_text(data, asked.text_column)
        return mined(data, settings, rule, progress.advance)

    write_outputs(ctx, writers, compute, lambda found: found.told.timing)

"""embaudit forecast."""

from typing import TYPE_CHECKING

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import invocation_in, names_in, settings_in, write_outputs
from embaudit.cli.config_defaults import tell_settings
from embaudit.outputs import forecast_writers
from embaudit.settings.option_table import COLUMNS, CONFIGURED, LEFT_OUT, SHOWN

if TYPE_CHECKING:
    from embaudit.core.timing import Timing
    from embaudit.render import Progress
    from embaudit.report.forecast_document import Sweep


@command(
    "embeddings",
    *COLUMNS,
    *LEFT_OUT,
    "acknowledge",
    "metric",
    "margin",
    "batch",
    "output",
    "format",
    "sample",
    "seed",
    "threads",
    "memory_budget",
    "full",
    *SHOWN,
    *CONFIGURED,
    epilog="Examples:  embaudit forecast emb.parquet --margin 0.2  |  embaudit forecast emb.npy "
    "--labels y.npy --metric cosine --margin 0.2 --batch 18x4,62x8 -o forecast.json",
)
def forecast(ctx: typer.Context, asked: Asked) -> None:
    """Forecast collapse: which batch shapes are safe to train on with batch-hard mining."""
    from embaudit.verbs.forecast import sweep
    from embaudit.verbs.load import load_inputs

    settings = settings_in(ctx, search="exact", batch=None, batches=asked.batch or ())
    if asked.verbose:
        tell_settings(ctx)
    writers = forecast_writers(asked.quiet, asked.full)
    writers.check(asked.output or (), asked.embeddings, asked.labels)
    names = names_in(ctx)

    def compute(progress: "Progress", timing: "Timing") -> "Sweep":
        with timing("reading"):
            data = load_inputs(asked.embeddings, asked.labels, names, settings, progress.advance)
        return sweep(data, settings, progress.advance, invocation_in(ctx))

    write_outputs(ctx, writers, compute, lambda found: found.timing)

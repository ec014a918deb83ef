"""embaudit project."""

from typing import TYPE_CHECKING

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import invocation_in, names_in, settings_in, write_outputs
from embaudit.cli.config_defaults import tell_settings
from embaudit.outputs import projection_writers
from embaudit.settings.option_table import COLUMNS, CONFIGURED, LEFT_OUT, SHOWN

if TYPE_CHECKING:
    from embaudit.core.timing import Timing
    from embaudit.render import Progress
    from embaudit.verbs.project import Projected


@command(
    "embeddings",
    *COLUMNS,
    *LEFT_OUT,
    "acknowledge",
    "metric",
    "output",
    "format",
    "sample",
    "effort",
    "seed",
    "threads",
    "memory_budget",
    "full",
    *SHOWN,
    *CONFIGURED,
    epilog="Examples:  embaudit project batch.npy --labels y.npy -o fstar.npy  |  embaudit project "
    "emb.parquet --sample 500 -o fstar.parquet",
)
def project(ctx: typer.Context, asked: Asked) -> None:
    """Find the nearest triplet-separated set (the paper's f*), and how far each row is from it."""
    from embaudit.verbs.load import load_inputs
    from embaudit.verbs.project import check_size, projected

    settings = settings_in(ctx, search="exact")
    if asked.verbose:
        tell_settings(ctx)
    writers = projection_writers(asked.quiet, asked.full)
    writers.check(asked.output or (), asked.embeddings, asked.labels)
    names = names_in(ctx)

    def compute(progress: "Progress", timing: "Timing") -> "Projected":
        with timing("reading"):
            data = load_inputs(
                asked.embeddings, asked.labels, names, settings, progress.advance, check_size
            )
        return projected(data, settings, progress.advance, invocation_in(ctx))

    write_outputs(ctx, writers, compute, lambda found: found.told.timing)

"""embaudit trend."""

from typing import TYPE_CHECKING

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import (
    invocation_in,
    labels_in,
    names_in,
    settings_in,
    write_outputs,
)
from embaudit.cli.config_defaults import tell_settings
from embaudit.core.location import located
from embaudit.core.machine import allowed, enforced
from embaudit.errors import UsageError
from embaudit.outputs import trend_writers
from embaudit.settings.option_table import COLUMNS, CONFIGURED, LEFT_OUT, SHOWN

if TYPE_CHECKING:
    from embaudit.core.timing import Timing
    from embaudit.render import Progress
    from embaudit.report.trend_document import Trend


@command(
    "checkpoints",
    *COLUMNS,
    "no_labels",
    *LEFT_OUT,
    "acknowledge",
    "metric",
    "margin",
    "batch",
    "measures",
    "output",
    "format",
    "sample",
    "search",
    "effort",
    "seed",
    "threads",
    "memory_budget",
    "cache_dir",
    "no_cache",
    "full",
    *SHOWN,
    *CONFIGURED,
    epilog="Examples:  embaudit trend step*.npy --labels labels.npy  |  embaudit trend "
    "runs/checkpoint-*/emb.parquet --metric cosine -o trend.json -o trend.md",
)
def trend(ctx: typer.Context, asked: Asked) -> None:
    """Follow a training run: where precision grew, where collapse began, which checkpoint is best.

    Audits that an earlier run computed for the same files and options are not computed again.
    """
    if asked.no_cache and asked.cache_dir is not None:
        raise UsageError("--cache-dir and --no-cache exclude each other.", "Give one of them.")
    if asked.cache_dir is not None and not located(asked.cache_dir).local:
        raise UsageError("--cache-dir is a directory of this machine.", "Give its path.")
    labels = labels_in(ctx)
    settings = settings_in(ctx, labels=not asked.no_labels)
    if asked.verbose:
        tell_settings(ctx)
    from embaudit.verbs.trend import HERE, Cache, series_of, trend_of

    writers = trend_writers(asked.quiet, asked.full)
    writers.check(asked.output or (), labels, *asked.checkpoints)
    with enforced(allowed(settings.memory_budget)):
        series = series_of(asked.checkpoints, labels, names_in(ctx), settings)
    folder = None if asked.no_cache else asked.cache_dir or HERE

    def follow(progress: "Progress", timing: "Timing") -> "Trend":
        cache = Cache(folder, lambda message: progress.note(f"warning: {message}"))
        return trend_of(series, cache, progress.advance, invocation_in(ctx))

    write_outputs(ctx, writers, follow, lambda found: found.timing)

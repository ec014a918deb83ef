"""embaudit compare, embaudit baseline: what changed, and what counts as before."""

import typer

from embaudit.cli.command_decorator import Asked, command
from embaudit.cli.command_steps import look_for_garbage
from embaudit.cli.config_defaults import configuration_of
from embaudit.errors import UsageError
from embaudit.outputs import comparison_writers
from embaudit.settings.option_table import CONFIGURED


@command(
    "reports",
    "output",
    "format",
    "full",
    "quiet",
    epilog="Examples:  embaudit compare baseline.json report.json  |  embaudit compare step1.json "
    "step2.json step3.json -o changes.md",
)
def compare(ctx: typer.Context, asked: Asked) -> None:
    """Compare reports with the first: what moved, whether really, and which classes broke.

    With the tables of anchors beside the reports (the same names in .parquet), a paired test tells
    which changes are real, and anchors are compared row by row.
    """
    from embaudit.verbs.compare import compare as compare_reports

    look_for_garbage()
    writers, paths = comparison_writers(asked.quiet, asked.full), asked.output or ()
    writers.check(paths, *asked.reports)
    found = compare_reports(asked.reports)
    writers.write(found, paths)
    if asked.format != "text" or not asked.quiet:
        writers.show(found, asked.format)


@command(
    "report",
    "output",
    "accept_failing",
    "quiet",
    *CONFIGURED,
    epilog="Examples:  embaudit baseline report.json -o baseline.json  |  embaudit baseline "
    "report.json   (where the configuration says baseline = ...)",
)
def baseline(ctx: typer.Context, asked: Asked) -> None:
    """Make a report the baseline that later audits are gated against.

    Its table of anchors goes along, if it lies beside the report. Nothing else ever writes a
    baseline.
    """
    from embaudit.baseline import keep
    from embaudit.render import inert

    target = asked.output or configuration_of(ctx).values.get("baseline")
    if target is None:
        raise UsageError(
            "Nothing says where the baseline is kept.",
            'Add -o baseline.json, or baseline = "baseline.json" to embaudit.toml.',
        )
    notes = keep(asked.report, target, accept_failing=asked.accept_failing)
    if not asked.quiet:
        for note in notes:
            typer.echo(inert(note, 2000), err=True)

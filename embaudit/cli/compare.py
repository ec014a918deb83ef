"""embaudit compare, embaudit baseline: what changed, and what counts as before."""

import typer

from embaudit import options
from embaudit.cli.configured import Config, NoConfig, configuration_of
from embaudit.cli.shell import app, told
from embaudit.errors import UsageError
from embaudit.outputs import comparison_writers


@app.command(
    epilog="Examples:  embaudit compare baseline.json report.json  |  embaudit compare step1.json "
    "step2.json step3.json -o changes.md"
)
def compare(
    reports: options.Reports,
    output: options.ComparisonOutput = None,
    format: options.ReportFormat = "text",
    quiet: options.Silent = False,
) -> None:
    """Compare reports with the first: what moved, whether really, and which classes broke.

    With the tables of anchors beside the reports (the same names in .parquet), a paired test tells
    which changes are real, and anchors are compared row by row.
    """
    with told():
        from embaudit.baseline import compare as compare_reports

        writers, paths = comparison_writers(quiet), output or ()
        writers.check(paths, *reports)
        found = compare_reports(reports)
        writers.write(found, paths)
        if format != "text" or not quiet:
            writers.show(found, format)


@app.command(
    epilog="Examples:  embaudit baseline report.json -o baseline.json  |  embaudit baseline "
    "report.json   (where the configuration says baseline = ...)"
)
def baseline(
    ctx: typer.Context,
    report: options.BaselineReport,
    output: options.BaselineOutput = None,
    accept_failing: options.AcceptFailing = False,
    quiet: options.Silent = False,
    config: Config = None,
    no_config: NoConfig = False,
) -> None:
    """Make a report the baseline that later audits are gated against.

    Its table of anchors goes along, if it lies beside the report. Nothing else ever writes a
    baseline.
    """
    with told():
        from embaudit.baseline import keep
        from embaudit.render import inert

        target = output or configuration_of(ctx).values.get("baseline")
        if target is None:
            raise UsageError(
                "Nothing says where the baseline is kept.",
                'Add -o baseline.json, or baseline = "baseline.json" to embaudit.toml.',
            )
        notes = keep(report, target, accept_failing=accept_failing)
        if not quiet:
            for note in notes:
                typer.echo(inert(note, 2000), err=True)

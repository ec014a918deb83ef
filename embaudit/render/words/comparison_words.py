"""Reports side by side, to look at."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from embaudit.render.markdown.audit_in_markdown import MARKS, code, numbered, prose, table
from embaudit.render.markdown.audit_in_markdown import name as markdown_name
from embaudit.render.terminal.page import Page
from embaudit.render.text import path
from embaudit.render.words import change_words as changes
from embaudit.render.words.reading import value
from embaudit.render.words.steps import Step
from embaudit.render.words.tables import Content
from embaudit.report import Measure
from embaudit.report.command import Command
from embaudit.report.comparison import Comparison
from embaudit.report.diagnosis import GRAVE

BASELINE = "baseline.json"


def render_comparison(
    comparison: Comparison, measures: Sequence[Measure], console: Console
) -> None:
    """Print a comparison; the console comes from `console_for`."""
    page = Page(console)
    first = path(comparison.reports[0].path, 60, page.ascii_only)
    for report, one in zip(comparison.reports[1:], comparison.against_first, strict=True):
        page.line(f"{path(report.path, 60, page.ascii_only)} against {first}", "bold")
        page.line()
        page.findings(changes.findings(one))
        page.table(changes.changes(one, measures, None))
        page.table(changes.classes(one, page.name))
        page.line()
    if len(comparison.reports) > 2:
        page.table(side_by_side(comparison, measures))
    steps = next_steps(comparison)
    if steps:
        page.steps(steps)


def next_steps(comparison: Comparison) -> list[str]:
    """A fault to mend, what got worse first, and the last report as a baseline, if it is fit."""
    last, changed = comparison.reports[-1], comparison.against_first[-1].changes
    worse = [id for id, one in changed.items() if one.direction == "worse"]
    worse.sort(key=lambda id: id not in changes.FIRST)  # stable
    steps: list[str] = []
    if last.diagnosis == "check_input":
        told = f"{path(last.path)} is of a file with a fault: mend it, audit again, then compare."
        steps.append(told)
    steps += [
        Step(f"{id} got worse: see what it means, and what to do.", Command("explain", (id,)))
        for id in worse[:1]
    ]
    grave = last.collapse == "collapsed" or last.diagnosis in GRAVE
    if not grave and last.gate != "fail" and last.path != BASELINE:
        keep = Command("baseline", (last.path,), (("output", BASELINE),))
        told = f"Hold this level: later audits take --baseline {BASELINE}. To make it:"
        steps.append(Step(told, keep))
    return steps


def comparison_markdown(comparison: Comparison, measures: Sequence[Measure]) -> str:
    """The same as Markdown."""
    return "\n".join(_lines(comparison, measures)) + "\n"


def side_by_side(comparison: Comparison, measures: Sequence[Measure]) -> Content:
    """Values only, a report a column."""
    columns = [("measure", "left")]
    columns += [(f"{number}", "right") for number in range(1, len(comparison.reports) + 1)]
    rows = tuple(
        (
            measure.id,
            *("-" if one is None else value(one) for one in comparison.measures[measure.id]),
        )
        for measure in measures
        if measure.id in comparison.measures
    )
    names = ", ".join(
        f"{number}: {path(report.path, 40)}" for number, report in enumerate(comparison.reports, 1)
    )
    return Content("Side by side", tuple(columns), rows, names)  # type: ignore[arg-type]


def _lines(comparison: Comparison, measures: Sequence[Measure]) -> Iterator[str]:
    yield "# Comparison of embedding audits"
    first = code(comparison.reports[0].path)
    for report, one in zip(comparison.reports[1:], comparison.against_first, strict=True):
        yield from ("", f"## {code(report.path)} against {first}", "")
        for finding in changes.findings(one):
            details = prose(" ".join(finding.details))
            yield f"- {MARKS[finding.mark]} **{prose(finding.headline)}** {details}".rstrip()
        for content in (changes.changes(one, measures, None), changes.classes(one, markdown_name)):
            if content is not None:
                yield from ("", f"### {content.title}", "")
                yield from table(content.columns, content.rows)
    if len(comparison.reports) > 2:
        content = side_by_side(comparison, measures)
        yield from ("", f"## {content.title}", "", prose(content.note), "")
        yield from table(content.columns, content.rows)
    steps = next_steps(comparison)
    yield from ("", "## Next", "") if steps else ()
    yield from numbered(steps)
    yield from ("", f"embaudit {prose(comparison.tool.version)}")

"""Reports side by side on a terminal."""

from collections.abc import Sequence

from rich.console import Console

from embaudit.render.terminal.page import Page
from embaudit.render.text import path
from embaudit.render.words import change_words as changes
from embaudit.render.words.comparison_words import next_steps, side_by_side
from embaudit.report import Measure
from embaudit.report.comparison import Comparison


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
        for content in (changes.changes(one, measures, None), changes.classes(one)):
            if content is not None:
                page.table(content)
        page.line()
    if len(comparison.reports) > 2:
        page.table(side_by_side(comparison, measures))
    steps = next_steps(comparison)
    if steps:
        page.steps(steps)

"""What each measure is, from its specification alone, and which others to look at."""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console

from embaudit.render.markdown import code, prose, table
from embaudit.render.page import Page
from embaudit.report import Measure

BETTER = {"lower": "lower is better", "higher": "higher is better", "none": "no direction"}
_PRESETS = ("paper", "standard", "all")


def facts(measure: Measure) -> tuple[tuple[str, str], ...]:
    """All that is short, by its name."""
    named = [preset for preset in _PRESETS if preset in measure.presets]
    return (
        ("formula", measure.formula),
        ("unit", measure.unit),
        ("range", measure.range),
        ("direction", BETTER[measure.better]),
        ("if low", measure.low),
        ("if high", measure.high),
        ("source", measure.source),
        ("labels", "needed" if measure.needs_labels else "not needed: also with --no-labels"),
        ("with --gallery", measure.with_gallery),
        ("computed", f"with --measures {' or '.join(named)}" if named else "when asked for by id"),
    )


def related(measure: Measure, measures: Sequence[Measure]) -> list[str]:
    """The ids that its words name, and those of measures whose words name it."""
    named = _words(measure)
    return [
        one.id
        for one in measures
        if one.id != measure.id and (one.id in named or measure.id in _words(one))
    ]


def by_group(measures: Sequence[Measure]) -> dict[str, list[Measure]]:
    """Measures under the name of their group."""
    groups: dict[str, list[Measure]] = {}
    for measure in measures:
        groups.setdefault(measure.group, []).append(measure)
    return groups


def render_explanations(
    chosen: Sequence[Measure], measures: Sequence[Measure], console: Console
) -> None:
    """Print all there is to know of the chosen ones of all measures."""
    page = Page(console)
    for number, measure in enumerate(chosen):
        if number:
            page.line()
            page.line()
        _explain(measure, related(measure, measures), page)


def _explain(measure: Measure, others: Sequence[str], page: Page) -> None:
    page.line(measure.title, "bold")
    page.line(f"{measure.id}, {measure.group}", "dim")
    page.line()
    grid = page.grid(2)
    for name, fact in (*facts(measure), ("see also", ", ".join(others))):
        if fact:
            grid.add_row(page.pen(name, "dim"), page.pen(fact))
    page.emit(grid, 2)
    for title, text in (("Meaning", measure.meaning), ("What to do", measure.advice)):
        page.heading(title)
        page.line(text, indent=2)


def render_list(measures: Sequence[Measure], console: Console) -> None:
    """Print every measure by group, one a line."""
    page = Page(console)
    wide = max((cell_len(measure.id) for measure in measures), default=0)
    for group, members in by_group(measures).items():
        page.line(group, "bold")
        grid = page.grid(2, first=wide)
        for measure in members:
            arrow = "" if measure.better == "none" else f", {measure.better} is better"
            described = page.pen(measure.title)
            described.append_text(page.pen(f"  ({measure.unit}{arrow})", "dim"))
            grid.add_row(page.pen(measure.id), described)
        page.emit(grid, 2)
        page.line()
    page.line("embaudit explain ID says what a number means and what to do about it.", "dim")


def measures_table(measures: Sequence[Measure]) -> str:
    """The README's table of measures."""
    columns = [(title, "left") for title in ("id", "what", "unit", "better")]
    rows = [
        (code(one.id), prose(one.title), one.unit, "" if one.better == "none" else one.better)
        for one in measures
    ]
    return "\n".join(table(columns, rows)) + "\n"


def _words(measure: Measure) -> set[str]:
    texts = (measure.formula, measure.range, measure.low, measure.high)
    return set(re.findall(r"\w+", " ".join((*texts, measure.meaning, measure.advice))))

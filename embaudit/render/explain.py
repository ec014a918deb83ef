"""The reference: what each measure is, from its specification alone."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console

from embaudit.render.markdown import code, prose, table
from embaudit.render.page import Page
from embaudit.report import Measure

BETTER = {"lower": "lower is better", "higher": "higher is better", "none": "no direction"}
_PRESETS = ("paper", "standard", "all")


def render_explanation(measure: Measure, console: Console) -> None:
    """Print all there is to know of one measure."""
    page = Page(console)
    page.line(measure.title, "bold")
    page.line(f"{measure.id}, {measure.group}", "dim")
    page.line()
    named = [preset for preset in _PRESETS if preset in measure.presets]
    facts = (
        ("formula", measure.formula),
        ("unit", measure.unit),
        ("range", measure.range),
        ("direction", BETTER[measure.better]),
        ("source", measure.source),
        ("labels", "needed" if measure.needs_labels else "not needed: also with --no-labels"),
        ("with --gallery", measure.with_gallery),
        ("computed", f"with --measures {' or '.join(named)}" if named else "when asked for by id"),
    )
    grid = page.grid(2)
    for name, fact in facts:
        grid.add_row(page.pen(name, "dim"), page.pen(fact))
    page.emit(grid, 2)
    for title, text in (("Meaning", measure.meaning), ("What to do", measure.advice)):
        page.heading(title)
        page.line(text, indent=2)


def render_list(measures: Sequence[Measure], console: Console) -> None:
    """Print every measure by group, one a line."""
    page = Page(console)
    wide = max((cell_len(measure.id) for measure in measures), default=0)
    groups: dict[str, list[Measure]] = {}
    for measure in measures:
        groups.setdefault(measure.group, []).append(measure)
    for group, members in groups.items():
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

"""What a measure or a finding is, from its specification alone, and which others to look at."""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console

from embaudit.measures.measure import Measure
from embaudit.render.markdown.escapes import code, prose
from embaudit.render.markdown.figure_tables import pipes
from embaudit.render.terminal.page import Page
from embaudit.report.glossary_term import Topic

BETTER = {"lower": "lower is better", "higher": "higher is better", "none": "no direction"}
Known = Measure | Topic  # what can be explained
_PRESETS = ("paper", "standard", "all")


def facts(measure: Known) -> tuple[tuple[str, str], ...]:
    """All that is short, by its name."""
    if isinstance(measure, Topic):
        return measure.facts
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


def related(measure: Known, measures: Sequence[Known]) -> list[str]:
    """The ids that its words name, and those of others whose words name it."""
    named = _words(measure)
    return [
        one.id
        for one in measures
        if one.id != measure.id
        and ((is_name(one) and one.id in named) or (is_name(measure) and measure.id in _words(one)))
    ]


def is_name(one: Known) -> bool:
    """Whether its id in a text can but mean it: `collapsed` may be a plain word."""
    return isinstance(one, Measure) or "_" in one.id or "-" in one.id


def by_group(measures: Sequence[Known]) -> dict[str, list[Known]]:
    """Measures and findings under the name of their group."""
    groups: dict[str, list[Known]] = {}
    for measure in measures:
        groups.setdefault(measure.group, []).append(measure)
    return groups


def render_explanations(
    chosen: Sequence[Known], measures: Sequence[Known], console: Console
) -> None:
    """Print all there is to know of the chosen ones of all."""
    page = Page(console)
    for number, measure in enumerate(chosen):
        if number:
            page.line()
            page.line()
        _explain(measure, related(measure, measures), page)


def _explain(measure: Known, others: Sequence[str], page: Page) -> None:
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


def render_list(measures: Sequence[Known], console: Console) -> None:
    """Print every one by group, one a line."""
    page = Page(console)
    wide = max((cell_len(measure.id) for measure in measures), default=0)
    for group, members in by_group(measures).items():
        page.line(group, "bold")
        grid = page.grid(2, first=wide)
        for measure in members:
            described = page.pen(measure.title)
            described.append_text(page.pen(f"  ({_short(measure)})", "dim"))
            grid.add_row(page.pen(measure.id), described)
        page.emit(grid, 2)
        page.line()
    page.line("embaudit explain ID says what it means and what to do about it.", "dim")


def _short(measure: Known) -> str:
    """Unit and direction of a measure; the mark of a finding."""
    if isinstance(measure, Topic):
        return dict(measure.facts)["mark"]
    return measure.unit + ("" if measure.better == "none" else f", {measure.better} is better")


def measures_table(measures: Sequence[Measure]) -> str:
    """The manual's table of measures."""
    columns = [(title, "left") for title in ("id", "what", "unit", "better")]
    rows = [
        (code(one.id), prose(one.title), one.unit, "" if one.better == "none" else one.better)
        for one in measures
    ]
    return "\n".join(pipes(columns, rows)) + "\n"


def _words(measure: Known) -> set[str]:
    texts = [measure.meaning, measure.advice]
    if isinstance(measure, Measure):
        texts += (measure.formula, measure.range, measure.low, measure.high)
    return set(re.findall(r"x-[\w-]+|\w+", " ".join(texts)))

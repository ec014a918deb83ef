"""The figures of a report on a terminal: those that decide, all others by group, rules, gaps."""

from rich.cells import cell_len
from rich.table import Table as Grid
from rich.text import Text

from embaudit.render.interval_bar import LINE, strip
from embaudit.render.safe_text import count, figure
from embaudit.render.terminal.gap_chart import chart
from embaudit.render.terminal.page import Page
from embaudit.render.words.figure_blocks import (
    GapsBlock,
    KeyFigure,
    KeyFigures,
    ReadingsBlock,
    RulesBlock,
)
from embaudit.render.words.measured_value_words import Shown

RULE_STYLES = {"pass": "green", "fail": "red", "undecided": "yellow", "warn": "yellow"}
CHANCE = "┊"
STRIPS = (21, 16, 12)  # columns of a drawing, the widest that leaves room for what is said
VALUES = 8  # columns of a value at least


def key_figures(block: KeyFigures, page: Page) -> None:
    """A line each; where there is little room without drawings, and what must be said below."""
    page.line()
    names = [one.name if page.roomy else one.name.partition(" (")[0] for one in block.figures]
    named = names + [name for name, _ in block.facts]
    wide = max(map(cell_len, named), default=0)
    here = max([VALUES, *(cell_len(one.here) for one in block.figures)])
    beside = max([cell_len(block.beside), *(cell_len(one.beside) for one in block.figures)])
    room = page.console.width - 2 - wide - here - beside - 3 * page.gutter
    head = KeyFigure("", "this set", block.beside)
    drawn = _strip_width(block, room, page)
    for name, one in zip(("", *names), (head, *block.figures), strict=True):
        grid = Grid.grid(padding=(0, page.gutter, 0, 0))
        grid.add_column(width=wide)
        grid.add_column(width=here, justify="right")
        grid.add_column(width=beside, justify="right")
        cells = [
            page.pen(name),
            page.pen(one.here, "bold" if name else "dim"),
            page.pen(one.beside, "dim"),
        ]
        if page.roomy:
            grid.add_column(width=room, overflow="fold")
            cells.append(_worth(one, drawn, page))
        grid.add_row(*cells)
        page.emit(grid, 2)
        if one.needed and one.note and not page.roomy:
            page.line(page.words(one.note), "dim", 4)
    for name, fact in block.facts:
        grid = page.grid(first=wide)
        grid.add_row(page.pen(name), page.pen(page.words(fact)))
        page.emit(grid, 2)


def _strip_width(block: KeyFigures, room: int, page: Page) -> int:
    """How wide all drawings are, so that they can be compared; 0 where there is no room."""
    notes = [cell_len(page.words(one.note)) for one in block.figures if one.reading is not None]
    fitting = (width for width in STRIPS if width + 2 + max(notes, default=0) <= room)
    return next(fitting, 0)


def _worth(one: KeyFigure, width: int, page: Page) -> Text:
    """Where the value lies between 0 and 1, with chance marked, and how it is known."""
    note = page.pen(page.words(one.note), "dim")
    drawn = strip(one.reading, width) if width and one.reading is not None else ""
    if not drawn:
        return note
    at = None if one.chance is None else 1 + round(one.chance * (width - 3))
    if at is not None and drawn[at] == LINE:
        drawn = f"{drawn[:at]}{CHANCE}{drawn[at + 1 :]}"
    text = page.pen(drawn, "dim")
    value = drawn.replace(CHANCE, LINE)
    text.stylize("not dim cyan", len(value) - len(value.lstrip(LINE)), len(value.rstrip(LINE)))
    return Text("  ").join((text, note))


def readings(block: ReadingsBlock, page: Page) -> None:
    """A measure a line, and what it says below it."""
    page.heading(block.group, block.note)
    wide = max(cell_len(one.id) for one in block.readings)
    right = max(page.pen(one.value).cell_len for one in block.readings)
    for one in block.readings:
        grid = Grid.grid(padding=(0, page.gutter, 0, 0))
        grid.add_column(width=wide)
        grid.add_column(width=right, justify="right")
        grid.add_column(overflow="fold")
        undefined = one.kind == "undefined"
        grid.add_row(
            page.pen(one.id),
            page.pen(one.value, "dim" if undefined else "bold"),
            _known(one, 2 + wide + right + 2 * page.gutter, page),
        )
        page.emit(grid, 2)
        if one.says:
            page.line(one.says, "dim", 4)


def _known(one: Shown, taken: int, page: Page) -> Text:
    """Kind and interval, with the relative length below them where the line is full."""
    if cell_len(one.worth) > page.console.width - taken and one.relative:
        return page.pen(f"{one.known}\n{one.relative}", "dim")
    return page.pen(one.worth, "dim")


def gaps(block: GapsBlock, page: Page) -> None:
    """The distribution of gaps over anchors, and its quantiles."""
    drawn = chart(block.values, min(page.console.width - 4, 72), ascii_only=page.ascii_only)
    page.line()
    anchors = count(block.anchors, "anchor")
    page.line(f"Gap of {anchors}: furthest positive minus nearest negative. {drawn.note}", indent=2)
    if drawn.bars:
        page.line()
    for bars in drawn.bars:
        row = page.pen(bars, "cyan")
        if drawn.zero is not None:
            row.stylize("red", drawn.zero)
        page.emit(row, 2)
    for below in filter(None, (drawn.axis, drawn.ticks)):
        page.line(below, "dim", 2)
    if block.plain:
        page.line()
        named = zip(block.names, block.values, strict=True)
        page.columns([f"{name} {figure(value)}" for name, value in named])


def rules(block: RulesBlock, page: Page) -> None:
    """A rule a line, below it what it saw, and what to do where it did not pass."""
    if block.headed:
        page.heading("Gate")
    else:
        page.line()
    grid = page.grid()
    for rule in block.rules:
        style = f"bold {RULE_STYLES[rule.status]}"
        grid.add_row(page.pen(rule.status, style), page.pen(page.safe(rule.rule)))
        if rule.observed:
            grid.add_row("", page.pen(rule.observed, "dim"))
        if rule.remedy:
            grid.add_row("", page.pen(page.safe(rule.remedy)))
    page.emit(grid, 2)
    if block.more:
        page.line(f"{count(block.more, 'more rule')}, none more urgent.", "dim", 2)

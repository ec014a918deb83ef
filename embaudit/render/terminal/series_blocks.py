"""Blocks of a series: a line a place, and a small curve a measure."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Table as Grid
from rich.text import Text

from embaudit.render.terminal.page import MARKS, Page
from embaudit.render.words.curves import CURVE_TITLES, Curve, grouped
from embaudit.render.words.diagnosis_words import STATE_MARKS
from embaudit.render.words.figure_blocks import CurvesBlock, RankedColumn, RankedTable
from embaudit.report import STATES, State

NAME = 16  # columns that a name gets at least
WIDE = 4  # columns of a bar at most


def ranked_table(block: RankedTable, page: Page) -> None:
    """A line a name, with as many columns as there is room for."""
    page.heading(block.title)
    names = [page.words(one) for one in block.names]
    longest = max(map(cell_len, (block.head, *names)))
    columns, gutter = _fitting(block.columns, page.console.width - 2, longest)
    room = page.console.width - 2 - _taken(columns, gutter)
    grid = Grid.grid(padding=(0, gutter, 0, 0))
    grid.add_column(width=min(longest, room), overflow="fold")
    for one in columns:
        justify = "right" if one.side == "right" else "left"
        grid.add_column(justify=justify, no_wrap=True, overflow="crop")  # type: ignore[arg-type]
    grid.add_row(*(page.pen(title, "dim") for title in (block.head, *(c.title for c in columns))))
    for k, name in enumerate(names):
        strong = "bold" if k == block.strong else ""
        cells = [Text(name, strong)]
        for one in columns:
            cells.append(page.pen(one.texts[k], MARKS[one.marks[k]][1] if one.marks else strong))
        grid.add_row(*cells)
    page.emit(grid, 2)
    if block.note:
        page.line(block.note, "dim", 2)


def _fitting(
    columns: Sequence[RankedColumn], room: int, longest: int
) -> tuple[list[RankedColumn], int]:
    """The columns that fit beside the names, and the cells between them."""
    gutter = 2 if _taken(columns, 2) + longest <= room else 1
    left = list(columns)
    for one in sorted(columns, key=lambda one: -one.rank):
        if one.rank and _taken(left, gutter) + min(longest, NAME) > room:
            left.remove(one)
    return left, gutter


def _taken(columns: Sequence[RankedColumn], gutter: int) -> int:
    return sum(max(map(cell_len, (one.title, *one.texts))) + gutter for one in columns)


def curves(block: CurvesBlock, page: Page) -> None:
    """A small curve a measure, all of one width, with the values at its ends."""
    page.heading(block.title, block.scale)
    ends = CURVE_TITLES if page.roomy else CURVE_TITLES[:2]
    lines = [(one.title, *one.ends[: len(ends)]) for one in block.curves]
    taken = sum(max(map(cell_len, column)) for column in zip(("", *ends), *lines, strict=True))
    room = max(8, page.console.width - 2 - taken - page.gutter * (len(ends) + 1))
    groups = grouped(len(block.states), room)
    wide = max(1, min(WIDE, room // len(groups)))
    grid = Grid.grid(padding=(0, page.gutter, 0, 0))
    for number in range(len(ends) + 2):
        grid.add_column(justify="left" if number < 2 else "right", overflow="fold")
    grid.add_row("", "", *(page.pen(title, "dim") for title in ends))
    for one, (title, *texts) in zip(block.curves, lines, strict=True):
        bars = _drawn(one, groups, wide, block.states, page)
        grid.add_row(page.pen(title), bars, *map(page.pen, texts))
    page.emit(grid, 2)


def _drawn(
    one: Curve, groups: Sequence[range], wide: int, states: Sequence[State], page: Page
) -> Text:
    """The bars of a curve, in the colour of the state at their place."""
    line = Text()
    for group, bar in zip(groups, one.bars(groups), strict=True):
        worst = max((states[k] for k in group), key=STATES.index)
        line.append_text(page.pen(bar * wide, MARKS[STATE_MARKS[worst]][1]))
    return line

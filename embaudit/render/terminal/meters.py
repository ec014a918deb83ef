"""Intervals on a line from 0 to 1, a row each, with the edges of the bands."""

from collections.abc import Sequence

from rich.table import Table as Grid
from rich.text import Text

from embaudit.render.terminal.page import MARKS, Page
from embaudit.render.words.figure_blocks import MeterRow, Meters

WIDEST, NARROWEST = 60, 10  # columns of a drawing; below, it is left out


def meters(block: Meters, page: Page) -> None:
    """A table, and beside the figures the drawing of each row."""
    page.heading(block.title)
    titles = [str(one.title) for one in block.columns]
    texts = zip(titles, *(row.texts for row in block.rows), strict=True)
    room = sum(max(map(len, column)) for column in texts)
    width = min(page.console.width - 2 - room - page.gutter * len(titles), WIDEST)
    drawn = width >= NARROWEST
    grid = Grid.grid(padding=(0, page.gutter, 0, 0))
    heads = []
    shown = [k for k, one in enumerate(block.columns) if drawn or not one.roomy]
    for k in shown:
        one = block.columns[k]
        heads.append(page.pen(titles[k], "dim"))
        right = one.side == "right"
        grid.add_column(justify="right" if right else "left", no_wrap=True, overflow="crop")
        if drawn and one.title == block.drawn_after:
            heads.append(page.pen(_ticks(block.edges, width), "dim"))
            grid.add_column(width=width, no_wrap=True)
    grid.add_row(*heads)
    for row in block.rows:
        style, strong = MARKS[row.mark][1], "bold" if row.strong else ""
        cells = []
        for k in shown:
            title = titles[k]
            cells.append(page.pen(row.texts[k], style if title == block.marked else strong))
            if drawn and title == block.drawn_after:
                cells.append(_drawn(row, block.edges, width, page))
        grid.add_row(*cells)
    page.emit(grid, 2)


def _drawn(row: MeterRow, edges: Sequence[float], width: int, page: Page) -> Text:
    low, middle, high = (_column(end, width) for end in (row.low, row.value, row.high))
    marked = {_column(edge, width) for edge in edges}
    style = MARKS[row.mark][1]
    line = Text()
    for column in range(width):
        if column == middle:
            line.append_text(page.pen("●", f"bold {style}"))
        elif low <= column <= high:
            line.append_text(page.pen("━", style))
        else:
            line.append_text(page.pen("┊" if column in marked else " ", "dim"))
    return line


def _column(share: float, width: int) -> int:
    return min(int(share * width), width - 1)


def _ticks(edges: Sequence[float], width: int) -> str:
    """The edges of the bands, by name where it fits."""
    line = [" "] * (width + 1)
    line[:2] = "0%"
    for edge in edges:
        name = f"{edge:.0%}"
        start = min(_column(edge, width), width - len(name))
        if not "".join(line[start - 1 : start + len(name)]).strip():
            line[start : start + len(name)] = name
    return "".join(line[:width])

"""A series to look at: what happened in words, a row a checkpoint, and a small curve a measure."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from embaudit.render.terminal.page import MARKS, Page
from embaudit.render.words.answers import STATE_MARKS
from embaudit.render.words.checkpoint_rows import (
    CURVE_TITLES,
    SCALE,
    CheckpointColumn,
    checkpoint_state,
    columns_of,
    shown_rows,
)
from embaudit.render.words.curves import Curve, curves, grouped
from embaudit.render.words.document import SourceBlock
from embaudit.render.words.inputs import trend_inputs_line
from embaudit.render.words.states import MARKS as STATES_MARKS
from embaudit.render.words.trend_words import findings, next_steps
from embaudit.report import STATES
from embaudit.report.trend import Trend

NAME = 16  # columns that the name of a checkpoint gets at least
WIDE = 4  # columns of a bar at most
LEAST_WANTED = ("RankMe", "AUC", "cached", "risk", "d_iso/rms", "violated")  # where it is narrow


def render_trend(trend: Trend, console: Console) -> None:
    """Print a series; the console comes from `console_for`."""
    page = _Trend(console)
    page.opening(trend.tool.version, trend.run_id)
    page.line()
    page.findings(findings(trend))
    page.steps(next_steps(trend))
    page.checkpoints(trend)
    page.curves(trend)
    page.source(SourceBlock("Read", "", trend_inputs_line(trend), trend.warnings))


class _Trend(Page):
    """The parts of the page."""

    def checkpoints(self, trend: Trend) -> None:
        """A row a checkpoint, as many columns as there is room for."""
        self.heading("Checkpoints")
        rows, note = shown_rows(trend)
        columns = columns_of(trend, rows)
        names = [self.safe(trend.checkpoints[row].name, 60) for row in rows]
        longest = max(map(cell_len, ("checkpoint", *names)))
        room = self.console.width - 2
        least = min(longest, NAME)
        gutter = 2 if _taken(columns, 2) + longest <= room else 1
        for title in LEAST_WANTED:
            if _taken(columns, gutter) + least > room:
                columns = [one for one in columns if one.title != title]
        grid = Table.grid(padding=(0, gutter, 0, 0))
        grid.add_column(width=min(longest, room - _taken(columns, gutter)), overflow="fold")
        for one in columns:
            left = one.title == "state"
            grid.add_column(justify="left" if left else "right", no_wrap=True, overflow="crop")
        grid.add_row(*(self.pen(title, "dim") for title in ("checkpoint", *_titles(columns))))
        for number, (row, name) in enumerate(zip(rows, names, strict=True)):
            checkpoint = trend.checkpoints[row]
            strong = "bold" if checkpoint.name == trend.best else ""
            state = MARKS[STATES_MARKS[checkpoint_state(checkpoint)]][1]
            cells = [Text(name, strong)]
            for one in columns:
                style = state if one.title == "state" else strong
                cells.append(self.pen(one.texts[number], style))
            grid.add_row(*cells)
        self.emit(grid, 2)
        if note:
            self.line(note, "dim", 2)

    def curves(self, trend: Trend) -> None:
        """A small curve a measure, all of one width, with the values at its ends."""
        found = curves(trend)
        if not found:
            return
        self.heading("Over the series", SCALE)
        ends = CURVE_TITLES if self.roomy else CURVE_TITLES[:2]
        lines = [(one.title, *one.ends[: len(ends)]) for one in found]
        taken = sum(max(map(cell_len, column)) for column in zip(("", *ends), *lines, strict=True))
        room = max(8, self.console.width - 2 - taken - self.gutter * (len(ends) + 1))
        groups = grouped(len(trend.checkpoints), room)
        wide = max(1, min(WIDE, room // len(groups)))
        grid = Table.grid(padding=(0, self.gutter, 0, 0))
        for number in range(len(ends) + 2):
            grid.add_column(justify="left" if number < 2 else "right", overflow="fold")
        grid.add_row("", "", *(self.pen(title, "dim") for title in ends))
        for one, (title, *texts) in zip(found, lines, strict=True):
            bars = self.drawn(one, groups, wide, trend)
            grid.add_row(self.pen(title), bars, *map(self.pen, texts))
        self.emit(grid, 2)

    def drawn(self, one: Curve, groups: Sequence[range], wide: int, trend: Trend) -> Text:
        """The bars of a curve, in the colour of the state of the checkpoint."""
        line = Text()
        for group, bar in zip(groups, one.bars(groups), strict=True):
            states = [trend.checkpoints[k].collapse.state for k in group]
            worst = max(states, key=STATES.index)
            line.append_text(self.pen(bar * wide, MARKS[STATE_MARKS[worst]][1]))
        return line


def _taken(columns: Sequence[CheckpointColumn], gutter: int) -> int:
    return sum(one.width + gutter for one in columns)


def _titles(columns: Sequence[CheckpointColumn]) -> list[str]:
    return [one.title for one in columns]

"""A series to look at: what happened in words, a row a checkpoint, and a small curve a measure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from embaudit.render.markdown.audit_in_markdown import MARKS as MARKDOWN_MARKS
from embaudit.render.markdown.audit_in_markdown import code, numbered, prose, table
from embaudit.render.terminal.page import MARKS, WARNINGS, Page
from embaudit.render.words.answers import STATE_MARKS
from embaudit.render.words.curves import Curve, curve, curves, grouped
from embaudit.render.words.inputs import trend_inputs_line
from embaudit.render.words.states import MARKS as STATES_MARKS
from embaudit.render.words.states import state_of
from embaudit.render.words.trend_words import findings, next_steps
from embaudit.report import STATES
from embaudit.report.trend import Checkpoint, Trend

MOST = 40  # rows of a table
NAME = 16  # columns that the name of a checkpoint gets at least
WIDE = 4  # columns of a bar at most
COLUMNS = {  # the measures of the table, and what they are called there
    "precision_at_1": "P@1",
    "violated_triplets": "violated",
    "separation_auc": "AUC",
    "d_iso": "d_iso/rms",
    "collapse_risk": "risk",
    "rankme": "RankMe",
}
LEAST_WANTED = ("RankMe", "AUC", "cached", "risk", "d_iso/rms", "violated")  # where it is narrow
CURVE_TITLES = ("first", "last", "least", "most")
SCALE = "Each curve runs from its least to its most, a bar a checkpoint."


def render_trend(trend: Trend, console: Console) -> None:
    """Print a series; the console comes from `console_for`."""
    page = _Trend(console)
    page.opening(trend.tool, trend.run_id, findings(trend))
    page.steps(next_steps(trend))
    page.checkpoints(trend)
    page.curves(trend)
    page.source("Read", trend_inputs_line(trend, page.ascii_only), trend.warnings)


def trend_markdown(trend: Trend) -> str:
    """The same as Markdown; its size does not grow with the number of checkpoints."""
    return "\n".join(_markdown(trend)) + "\n"


@dataclass(frozen=True)
class Column:
    """A column of the table: its title, and a text for each row."""

    title: str
    texts: tuple[str, ...]

    @property
    def width(self) -> int:
        """Cells of its widest text."""
        return max(map(cell_len, (self.title, *self.texts)))


class _Trend(Page):
    """The parts of the page."""

    def checkpoints(self, trend: Trend) -> None:
        """A row a checkpoint, as many columns as there is room for."""
        self.heading("Checkpoints")
        rows, note = shown_rows(trend)
        columns = _columns(trend, rows)
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
            state = MARKS[STATES_MARKS[_state(checkpoint)]][1]
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


def shown_rows(trend: Trend, most: int = MOST) -> tuple[list[int], str]:
    """Which checkpoints are shown: all, or where they are many those that matter, and some."""
    amount = len(trend.checkpoints)
    if amount <= most:
        return list(range(amount)), ""
    told = {name for one in trend.events for name in (one.before, one.at)}
    matter = [k for k, one in enumerate(trend.checkpoints) if one.name in told]
    rows = {0, amount - 1, *matter[: most // 2]}
    rows |= {k for k, one in enumerate(trend.checkpoints) if one.name == trend.best}
    rows |= {round(k * (amount - 1) / (most // 2 - 4)) for k in range(most // 2 - 3)}
    left = amount - len(rows)
    return sorted(rows), f"{left:,} more checkpoints are in the JSON: -o trend.json."


def _columns(trend: Trend, rows: Sequence[int]) -> list[Column]:
    """All columns but the name."""
    shown = [trend.checkpoints[row] for row in rows]
    columns = [Column("state", tuple(map(_state, shown)))]
    for id, title in COLUMNS.items():
        known = curve(trend, id)
        if known is not None:
            columns.append(Column(title, tuple(known.texts[row] for row in rows)))
    if any(one.cached for one in shown):
        columns.append(Column("cached", tuple("✓" if one.cached else "" for one in shown)))
    return columns


def _state(checkpoint: Checkpoint) -> str:
    return state_of(checkpoint.diagnosis, checkpoint.collapse.state)


def _taken(columns: Sequence[Column], gutter: int) -> int:
    return sum(one.width + gutter for one in columns)


def _titles(columns: Sequence[Column]) -> list[str]:
    return [one.title for one in columns]


def _markdown(trend: Trend) -> Iterator[str]:
    yield from ("# Series of checkpoints", "")
    for finding in findings(trend):
        details = prose(" ".join(finding.details))
        headline = prose(finding.headline)
        yield f"- {MARKDOWN_MARKS[finding.mark]} **{headline}** {details}".rstrip()
    yield from ("", "## Next", "")
    yield from numbered(next_steps(trend))
    rows, note = shown_rows(trend)
    columns = _columns(trend, rows)
    names = [code(trend.checkpoints[row].name) for row in rows]
    titles = [("checkpoint", "left")]
    titles += [(prose(one.title), "left" if one.title == "state" else "right") for one in columns]
    yield from ("", "## Checkpoints", "")
    yield from table(titles, list(zip(names, *(one.texts for one in columns), strict=True)))
    yield from ("", note) if note else ()
    yield from _markdown_curves(trend)
    yield from ("", prose(f"Read from {trend_inputs_line(trend)}."))
    yield from ("",) if trend.warnings else ()
    for notice in trend.warnings[:WARNINGS]:
        yield f"- Warning: {prose(notice.message)}"
    yield from ("", f"embaudit {prose(trend.tool.version)}, run {code(trend.run_id)}")


def _markdown_curves(trend: Trend) -> Iterator[str]:
    groups = grouped(len(trend.checkpoints), MOST)
    found = curves(trend)
    if not found:
        return
    yield from ("", "## Over the series", "", SCALE, "")
    titles = [("measure", "left"), ("curve", "left"), *((one, "right") for one in CURVE_TITLES)]
    rows = [(code(one.title), "".join(one.bars(groups)), *one.ends) for one in found]
    yield from table(titles, rows)

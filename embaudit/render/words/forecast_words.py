"""A forecast to look at: which batch shapes are safe, then the pressure at each as a curve."""

from collections.abc import Iterator
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from embaudit.render.markdown.audit_in_markdown import MARKS as MARKDOWN_MARKS
from embaudit.render.markdown.audit_in_markdown import numbered, prose, table
from embaudit.render.terminal.page import MARKS, Page
from embaudit.render.text import count
from embaudit.render.words import tables
from embaudit.render.words.answers import RISK_WORDS, Finding, Mark
from embaudit.render.words.inputs import forecast_inputs_line
from embaudit.render.words.steps import Step
from embaudit.report import HIGH, RISING, ForecastRow, Risk, largest_of_low_risk
from embaudit.report.sweep import Sweep

WIDEST, NARROWEST = 60, 10  # columns of the curve; below, it is left out
TITLE = "Pressure towards collapse under batch-hard mining"
LEGEND = (
    "Pressure: the share of the batch-hard gradient that contracts the embedding, ● its mean over "
    "random batches, ━ the interval of that mean. Gap: hardest positive minus hardest negative, in "
    "mean negative distances. Safe: a mean batch-hard loss that is surely at most the margin, the "
    "loss of a total collapse. A heuristic, not a probability."
)
RISK_MARKS: dict[Risk, Mark] = {"low": "good", "rising": "warning", "high": "bad"}
MEETS: dict[Risk, str] = {
    "rising": "Of the trainings that were continued at such a pressure half to three quarters "
    "lost half of their spread, by network from none to all; only untrained ones lost half of "
    "their precision@1.",
    "high": "Of 18 trainings that were continued at such a pressure all lost half of their "
    "spread, and 12 half of their precision@1.",
}
TITLES = ("batch", "rows", "pressure", "gap", "risk", "safe")
JUSTIFY: dict[str, Literal["left", "right"]] = {
    title: "left" if title in ("risk", "safe") else "right" for title in TITLES
}


def render_forecast(sweep: Sweep, console: Console) -> None:
    """Print a forecast; the console comes from `console_for`."""
    page = _Forecast(console)
    page.opening(sweep.tool, sweep.run_id, findings(sweep))
    page.steps(next_steps(sweep))
    if sweep.point_collapse != "collapsed":  # else there is nothing to see
        page.curve(sweep)
    page.source("Read", forecast_inputs_line(sweep, page.ascii_only), sweep.warnings)


def forecast_markdown(sweep: Sweep) -> str:
    """The same as Markdown, with a table for the curve."""
    lines = ["# Collapse forecast", ""]
    for finding in findings(sweep):
        details = prose(" ".join(finding.details))
        headline = prose(finding.headline)
        lines.append(f"- {MARKDOWN_MARKS[finding.mark]} **{headline}** {details}".rstrip())
    content = tables.forecast(sweep.forecast)
    if content is not None and sweep.point_collapse != "collapsed":
        lines += ["", f"## {content.title}", "", *table(content.columns, content.rows)]
    lines += ["", prose(LEGEND), "", "## Next", ""]
    lines += numbered(next_steps(sweep))
    lines += ["", "## Read", "", prose(f"Read from {forecast_inputs_line(sweep)}.")]
    lines += [f"- Warning: {prose(notice.message)}" for notice in sweep.warnings]
    lines += ["", f"embaudit {prose(sweep.tool.version)}, run {prose(sweep.run_id)}"]
    return "\n".join(lines) + "\n"


def findings(sweep: Sweep) -> Iterator[Finding]:
    """What is safe, from where on it is not, and why the risk may be higher than it looks."""
    if sweep.point_collapse != "collapsed":
        yield _largest(sweep)
        yield from _beyond(sweep)
    for notice in sweep.cautions:
        headline, _, rest = notice.message.partition(". ")
        mark = RISK_MARKS["high" if notice.code == "collapsed" else "rising"]
        yield Finding(mark, headline.rstrip("."), (rest,) if rest else ())


def next_steps(sweep: Sweep) -> list[str]:
    """What to do about it."""
    if sweep.point_collapse == "collapsed":
        asked = sweep.invocation
        return [
            "Go back to the last checkpoint before the collapse; if the network is untrained, "
            "train it with semi-hard or random negatives first. Then forecast again.",
            Step("See how far it has fallen:", asked.then("audit") if asked else None),
        ]
    safe = sweep.largest_safe
    if safe is None and sweep.options.margin == 0:
        return ["Give the training margin with --margin: which batches are safe depends on it."]
    low = largest_of_low_risk(sweep.forecast)
    if safe is None and low is not None:
        return [
            f"Train on with semi-hard or random negatives, or with batches of {_shape(low)} at "
            "most: low risk, not surely safe. Then forecast again."
        ]
    if safe is None:
        return [
            "Do not train on from here with batch-hard mining: train with semi-hard or random "
            "negatives first, and forecast again."
        ]
    if safe == sweep.forecast[-1]:
        return ["Train on with any of these batches; forecast larger ones with --batch PxK."]
    return [
        f"Train on with batches of {_shape(safe)}, or of another shape that is safe.",
        "For larger ones train with semi-hard or random negatives first: the pressure falls as "
        "the network learns. Then forecast again.",
    ]


def _largest(sweep: Sweep) -> Finding:
    safe = sweep.largest_safe
    if safe is None:
        low, lowest = largest_of_low_risk(sweep.forecast), min(sweep.forecast, key=_pressure)
        told = f"The lowest pressure of these is {_pressure(lowest):.0%}."
        if low is not None:
            told = f"The largest of low risk is {_shape(low)} ({count(low.batch, 'row')})."
        return Finding(
            "bad" if low is None else "warning",
            "No batch shape of these is known to be safe for batch-hard mining",
            (told,),
        )
    return Finding(
        "good",
        f"Largest safe batch: {_shape(safe)} ({count(safe.batch, 'row')})",
        (
            "Its mean batch-hard loss is surely at most the margin: of 23 trainings continued from "
            "such a loss none lost half of its spread.",
        ),
    )


def _beyond(sweep: Sweep) -> Iterator[Finding]:
    """The smallest shape of each band above the low one."""
    for band, met in MEETS.items():
        first = next((row for row in sweep.forecast if row.risk == band and not row.safe), None)
        if first is not None:
            start = f"{_shape(first)} ({count(first.batch, 'row')})"
            yield Finding(
                RISK_MARKS[band], f"{RISK_WORDS[band].capitalize()} risk from {start} on", (met,)
            )


def _pressure(row: ForecastRow) -> float:
    return row.pressure.value


def _shape(row: ForecastRow) -> str:
    classes = count(row.classes_per_batch, "class", "classes")
    return f"{classes} x {count(row.samples_per_class, 'row')}"


class _Forecast(Page):
    """The parts of the page."""

    def curve(self, sweep: Sweep) -> None:
        """A shape a line, the interval of its pressure drawn between the bands."""
        self.heading(TITLE)
        lines = [_line(row, row == sweep.largest_safe) for row in sweep.forecast]
        room = sum(max(map(len, column)) for column in zip(TITLES, *lines, strict=True))
        width = min(self.console.width - 2 - room - self.gutter * len(TITLES), WIDEST)
        narrow = width < NARROWEST
        shown = [title for title in TITLES if not narrow or title not in ("rows", "gap")]
        grid = Table.grid(padding=(0, self.gutter, 0, 0))
        heads = []
        for title in shown:
            heads.append(self.pen(title, "dim"))
            grid.add_column(justify=JUSTIFY[title], no_wrap=True, overflow="crop")
            if title == "rows":
                heads.append(self.pen(_ticks(width), "dim"))
                grid.add_column(width=width, no_wrap=True)
        grid.add_row(*heads)
        for row, line in zip(sweep.forecast, lines, strict=True):
            strong = "bold" if row == sweep.largest_safe else ""
            style = MARKS[RISK_MARKS[row.risk]][1]
            cells = []
            for title, text in zip(TITLES, line, strict=True):
                if title in shown:
                    cells.append(self.pen(text, style if title == "risk" else strong))
                if title == "rows" and not narrow:
                    cells.append(self.drawn(row, width, style))
            grid.add_row(*cells)
        self.emit(grid, 2)
        self.line()
        self.line(LEGEND, "dim", 2)

    def drawn(self, row: ForecastRow, width: int, style: str) -> Text:
        """The interval of a pressure on a line from 0 to 1, with the edges of the bands."""
        low, middle, high = (
            _column(end, width)
            for end in (row.pressure.lower, row.pressure.value, row.pressure.upper)
        )
        edges = {_column(RISING, width), _column(HIGH, width)}
        line = Text()
        for column in range(width):
            if column == middle:
                line.append_text(self.pen("●", f"bold {style}"))
            elif low <= column <= high:
                line.append_text(self.pen("━", style))
            else:
                line.append_text(self.pen("┊" if column in edges else " ", "dim"))
        return line


def _line(row: ForecastRow, largest: bool) -> tuple[str, ...]:
    """The texts of a row, as TITLES has them."""
    return (
        f"{row.classes_per_batch} x {row.samples_per_class}",
        f"{row.batch:,}",
        f"{row.pressure.value:.0%}",
        "-" if row.gap is None else f"{round(row.gap.value, 2) + 0.0:+.2f}",
        RISK_WORDS[row.risk],
        ("✓" if row.safe else "") + (" largest" if largest else ""),
    )


def _column(share: float, width: int) -> int:
    return min(int(share * width), width - 1)


def _ticks(width: int) -> str:
    """The edges of the bands, by name where it fits."""
    line = [" "] * (width + 1)
    line[:2] = "0%"
    for edge in (RISING, HIGH):
        name = f"{edge:.0%}"
        start = min(_column(edge, width), width - len(name))
        if not "".join(line[start - 1 : start + len(name)]).strip():
            line[start : start + len(name)] = name
    return "".join(line[:width])

"""A report on a terminal: the verdict first, then what it rests on."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from embaudit.render import changes, tables
from embaudit.render.advice import next_steps
from embaudit.render.gaps import chart, quantiles
from embaudit.render.inputs import inputs_line
from embaudit.render.page import Page
from embaudit.render.reading import GAPS, Shown, grouped, shown
from embaudit.render.text import count, figure, path
from embaudit.render.verdict import findings
from embaudit.report import Measure, Report

RULE_STYLES = {"pass": "green", "fail": "red", "undecided": "yellow", "warn": "yellow"}


def render_terminal(report: Report, measures: Sequence[Measure], console: Console) -> None:
    """Print a report; the console comes from `console_for`."""
    page = _Report(console)
    page.opening(report.tool, report.run_id, findings(report), next_steps(report, page.name))
    page.gate(report)
    page.baseline(report, measures)
    page.source("Audited", inputs_line(report, page.ascii_only), report.warnings)
    page.readings(report, measures)
    page.table(tables.forecast(report.forecast))
    page.table(tables.classes(report, page.name, page.roomy))
    page.table(tables.confused(report, page.name))
    page.table(tables.culprits(report, page.name))
    page.table(tables.triplets(report, page.name))
    page.line()
    page.line("embaudit explain ID says what a number means and what to do about it.", "dim")


def render_gate(report: Report, console: Console) -> None:
    """Print the gate's rules and nothing else."""
    _Report(console).gate(report)


class _Report(Page):
    """The parts of the page."""

    def gate(self, report: Report) -> None:
        rules = report.gate.rules
        if not rules:
            return
        self.heading("Gate")
        grid = self.grid()
        for rule in rules:
            style = RULE_STYLES[rule.status]
            level = " (warning only)" if rule.level == "warn" else ""
            grid.add_row(self.pen(rule.status, f"bold {style}"), self.pen(self.safe(rule.rule)))
            seen = tables.observed(rule)
            if seen:
                grid.add_row("", self.pen(seen + level, "dim"))
            if rule.status != "pass" and rule.remedy:
                grid.add_row("", self.pen(self.safe(rule.remedy)))
        self.emit(grid, 2)

    def baseline(self, report: Report, measures: Sequence[Measure]) -> None:
        """What changed since the baseline."""
        compared = report.baseline
        if compared is None:
            return
        self.heading(f"Against the baseline {path(compared.path, 50, self.ascii_only)}")
        self.findings(changes.findings(compared), 2)
        self.table(changes.changes(compared, measures))
        self.table(changes.classes(compared, self.name))

    def readings(self, report: Report, measures: Sequence[Measure]) -> None:
        """Every measure by group; the gap quantiles as a chart at the end of their group."""
        values = quantiles(report)
        plain = values is not None and all(report.measures[id].kind == "exact" for id in GAPS)
        hidden = set(GAPS) if plain else set()
        listed = [(group, list(pairs)) for group, pairs in grouped(report, measures)]
        lines = {
            group: [shown(m, r) for m, r in pairs if m.id not in hidden] for group, pairs in listed
        }
        every = [one for some in lines.values() for one in some]
        wide = max((cell_len(one.id) for one in every), default=0)
        right = max((self.pen(one.value).cell_len for one in every), default=0)
        note = "value, kind [interval], rms: in RMS pair distances"
        for group, pairs in listed:
            self.heading(group, note)
            note = ""
            for one in lines[group]:
                self.reading(one, wide, right)
            if values is not None and any(measure.id in GAPS for measure, _ in pairs):
                self.gaps(values, report.data.anchors, plain)

    def reading(self, one: Shown, wide: int, right: int) -> None:
        grid = Table.grid(padding=(0, self.gutter, 0, 0))
        grid.add_column(width=wide)
        grid.add_column(width=right, justify="right")
        grid.add_column(overflow="fold")
        undefined = one.kind == "undefined"
        grid.add_row(
            self.pen(one.id),
            self.pen(one.value, "dim" if undefined else "bold"),
            self.pen(one.worth, "dim"),
        )
        self.emit(grid, 2)
        if one.says:
            self.line(one.says, "dim", 4)

    def gaps(self, values: Sequence[float], anchors: int, plain: bool) -> None:
        """The distribution of gaps over anchors, and its quantiles."""
        width = min(self.console.width - 4, 72)
        drawn = chart(values, width, ascii_only=self.ascii_only)
        self.line()
        text = f"Gap of {count(anchors, 'anchor')}: furthest positive minus nearest negative."
        self.line(f"{text} {drawn.note}", indent=2)
        if drawn.bars:
            self.line()
        for bars in drawn.bars:
            row = self.pen(bars, "cyan")
            if drawn.zero is not None:
                row.stylize("red", drawn.zero)
            self.emit(row, 2)
        for below in filter(None, (drawn.axis, drawn.ticks)):
            self.line(below, "dim", 2)
        if plain:
            self.line()
            items = [f"{id} {figure(value)}" for id, value in zip(GAPS, values, strict=True)]
            self.columns(items)

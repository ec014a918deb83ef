"""A report on a terminal: the verdict first, then what it rests on."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from embaudit.render.interval_bar import LEGEND, LINE, strip
from embaudit.render.terminal.gap_chart import chart, quantiles
from embaudit.render.terminal.page import Page
from embaudit.render.text import count, figure, path
from embaudit.render.words import change_words as changes
from embaudit.render.words import tables
from embaudit.render.words.answers import findings
from embaudit.render.words.blocks import SourceBlock
from embaudit.render.words.blocks import TableBlock as Content
from embaudit.render.words.diagnosis_words import outlook
from embaudit.render.words.headline import by_chance, headline
from embaudit.render.words.inputs import inputs_line
from embaudit.render.words.measure_words import GAPS, Shown, grouped, shown
from embaudit.render.words.next_steps import beside_steps, next_steps
from embaudit.render.words.sentence import Label
from embaudit.report import Measure, Reading, Report
from embaudit.report.model import LabelField

# Groups of measures as one reads on from the verdict: who violates, what carries the variance,
# where training leads, how far it is to a separated map. Others come after them.
ORDER = (
    "Separation",
    "Suspect rows",
    "Retrieval",
    "Pair separation",
    "Spectrum",
    "Collapse",
    "Thickness",
    "Distance to a triplet-separated map",
)
KNOWN = 32  # cells that there always are for the kind of a figure and its interval
RULE_STYLES = {"pass": "green", "fail": "red", "undecided": "yellow", "warn": "yellow"}


def render_terminal(report: Report, measures: Sequence[Measure], console: Console) -> None:
    """Print a report; the console comes from `console_for`."""
    page = _Report(console)
    page.opening(report.tool.version, report.run_id)
    page.line()
    page.findings(beside_steps(report, findings(report)))
    page.gate(report)
    page.headline(report, measures)
    page.steps(next_steps(report, page.name))
    page.baseline(report, measures)
    page.source(SourceBlock("Audited", "", inputs_line(report), report.warnings))
    page.sections(report, measures)
    page.maybe(tables.triplets(report))
    page.line()
    page.line("embaudit explain ID says what a number means and what to do about it.", "dim")


def render_gate(report: Report, console: Console) -> None:
    """Print the gate's rules and nothing else."""
    _Report(console).gate(report)


class _Report(Page):
    """The parts of the page."""

    def name(self, value: LabelField | None) -> str:
        """A label."""
        return self.words(Label(value))

    def maybe(self, content: Content | None) -> None:
        """A table, where there is one."""
        if content is not None:
            self.table(content)

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
        self.maybe(changes.changes(compared, measures))
        self.maybe(changes.classes(compared))

    def headline(self, report: Report, measures: Sequence[Measure]) -> None:
        """The numbers that matter, each on a strip where there is room for it."""
        found = headline(report, measures)
        if not found:
            return
        self.heading("Numbers that matter", LEGEND if self.roomy else "")
        columns = min(24, self.console.width - 68) if self.roomy else 0
        grid = Table.grid(padding=(0, self.gutter, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right")
        if columns:
            grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for measure, reading in found:
            one = shown(measure, reading)
            drawn = [self.strip(reading, columns)] if columns else []
            chance = by_chance(report, measure.id)
            fits = cell_len(one.known) + cell_len(chance) + 2 <= KNOWN
            beside = (", " if fits else "\n").join(filter(None, (one.known, chance)))
            value, known = self.pen(one.value, "bold"), self.pen(beside, "dim")
            grid.add_row(self.pen(one.id), value, *drawn, known)
        self.emit(grid, 2)

    def strip(self, reading: Reading, columns: int) -> Text:
        """Where the value lies, and between which ends the truth is."""
        drawn = strip(reading, columns)
        text = self.pen(drawn, "dim")
        text.stylize("not dim cyan", len(drawn) - len(drawn.lstrip(LINE)), len(drawn.rstrip(LINE)))
        return text

    def sections(self, report: Report, measures: Sequence[Measure]) -> None:
        """Every measure by group, and below each group what the report has of its kind."""
        values = quantiles(report)
        plain = values is not None and all(report.measures[id].kind == "exact" for id in GAPS)
        hidden = set(GAPS) if plain else set()
        groups = {
            group: [shown(m, r) for m, r in pairs if m.id not in hidden]
            for group, pairs in grouped(report, measures)
        }
        every = [one for some in groups.values() for one in some]
        wide = max((cell_len(one.id) for one in every), default=0)
        right = max((self.pen(one.value).cell_len for one in every), default=0)
        below = {
            "Separation": (
                tables.classes(report),
                tables.confused(report),
            ),
            "Suspect rows": tuple(tables.culprits(report)),
            "Collapse": (tables.forecast(outlook(report)),),
        }
        note = "value, kind [interval], rms: in RMS pair distances"
        for group in dict.fromkeys((*ORDER, *groups)):
            if group in groups:
                self.heading(group, note)
                note = ""
            for one in groups.get(group, ()):
                self.reading(one, wide, right)
            if group == "Separation" and values is not None:
                self.gaps(values, report.data.anchors, plain)
            for content in below.get(group, ()):
                self.maybe(content)

    def reading(self, one: Shown, wide: int, right: int) -> None:
        grid = Table.grid(padding=(0, self.gutter, 0, 0))
        grid.add_column(width=wide)
        grid.add_column(width=right, justify="right")
        grid.add_column(overflow="fold")
        undefined = one.kind == "undefined"
        grid.add_row(
            self.pen(one.id),
            self.pen(one.value, "dim" if undefined else "bold"),
            self.worth(one, 2 + wide + right + 2 * self.gutter),
        )
        self.emit(grid, 2)
        if one.says:
            self.line(one.says, "dim", 4)

    def worth(self, one: Shown, taken: int) -> Text:
        """Kind and interval, with the relative length below them where the line is full."""
        if cell_len(one.worth) > self.console.width - taken and one.relative:
            return self.pen(f"{one.known}\n{one.relative}", "dim")
        return self.pen(one.worth, "dim")

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

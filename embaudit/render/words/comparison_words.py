"""Reports side by side: what moved, whether really, which classes broke, and what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from embaudit.measures.measure import Measure
from embaudit.render.safe_text import inert, path
from embaudit.render.words import change_tables
from embaudit.render.words import change_words as changes
from embaudit.render.words.block_document import Block, BlockDocument, Detail, hint, only
from embaudit.render.words.block_types import (
    Answers,
    Heading,
    Paragraph,
    Steps,
    TableBlock,
    TableColumn,
)
from embaudit.render.words.measured_value_words import value
from embaudit.render.words.rich_text import FilePath, Label, Link, Number, Part, Sentence
from embaudit.render.words.step_command import NextStep
from embaudit.render.words.tables import there
from embaudit.report import Unit
from embaudit.report.changes_model import Change, ClassChange, Compared, PairedTest
from embaudit.report.comparison_document import Comparison
from embaudit.report.diagnosis_model import GRAVE
from embaudit.report.shell_command import Command

BASELINE = "baseline.json"
CLASSES = 12  # shown at most where there is no room to scroll


def comparison_document(comparison: Comparison, measures: Sequence[Measure]) -> BlockDocument:
    """Each report against the first, all side by side, and what to do next."""
    return BlockDocument(
        "Comparison of embedding audits",
        comparison.tool.version,
        "",
        tuple(_blocks(comparison, measures)),
    )


def _blocks(comparison: Comparison, measures: Sequence[Measure]) -> Iterator[Block]:
    first = FilePath(comparison.reports[0].path, 60)
    for k, one in enumerate(comparison.against_first):
        yield Heading((FilePath(comparison.reports[k + 1].path, 60), " against ", first))
        yield Answers(tuple(changes.findings(one)))
        yield Detail(_tables(one, measures, f"against_first/{k}"))
    if len(comparison.reports) > 2:
        yield Detail(tuple(_side_by_side(comparison, measures)))
    yield Steps(tuple(next_steps(comparison)))
    yield hint("What moved, and which classes")


def _tables(one: Compared, measures: Sequence[Measure], at: str) -> tuple[Block, ...]:
    moved = changes_table(one, measures, f"{at}/changes")
    return there(moved, classes_table(one, f"{at}/classes", CLASSES, CLASSES))


def _side_by_side(comparison: Comparison, measures: Sequence[Measure]) -> Iterator[Block]:
    """The table, with the names of its columns below it, or on Markdown above."""
    table = side_by_side(comparison, measures, len(comparison.reports))
    names = ", ".join(
        f"{number}: {path(report.path, 40)}" for number, report in enumerate(comparison.reports, 1)
    )
    yield only("terminal", replace(table, note=names))
    yield only("markdown", Heading(table.title), Paragraph(names), replace(table, title=""))


def next_steps(comparison: Comparison) -> list[str]:
    """A fault to mend, what got worse first, and the last report as a baseline, if it is fit."""
    last, changed = comparison.reports[-1], comparison.against_first[-1].changes
    worse = [id for id, one in changed.items() if one.direction == "worse"]
    worse.sort(key=lambda id: id not in changes.FIRST)  # stable
    steps: list[str] = []
    if last.diagnosis == "check_input":
        told = f"{path(last.path)} is of a file with a fault: fix it, audit again, then compare."
        steps.append(told)
    steps += [
        NextStep(f"{id} got worse: see what it means, and what to do.", Command("explain", (id,)))
        for id in worse[:1]
    ]
    grave = last.collapse == "collapsed" or last.diagnosis in GRAVE
    if not grave and last.gate != "fail" and last.path != BASELINE:
        keep = Command("baseline", (last.path,), (("output", BASELINE),))
        told = f"Hold this level: later audits take --baseline {BASELINE}. To make it:"
        steps.append(NextStep(told, keep))
    return steps


def side_by_side(comparison: Comparison, measures: Sequence[Measure], most: int) -> TableBlock:
    """Values only, a report a column."""
    shown = range(min(len(comparison.reports), most))
    rows: list[tuple[Sentence, ...]] = []
    for measure in measures:
        if measure.id not in comparison.measures:
            continue
        readings = comparison.measures[measure.id]
        cells: list[Sentence] = []
        for k in shown:
            one = readings[k]
            known = None if one is None else one.value
            at = f"measures/{measure.id}/{k}/value"
            cells.append("-" if one is None or known is None else Number(value(one), known, at))
        rows.append((_linked(measure), *cells))
    columns = TableColumn("measure"), *(TableColumn(str(k + 1), "right") for k in shown)
    return TableBlock("Side by side", columns, tuple(rows))


def changes_table(compared: Compared, measures: Sequence[Measure], at: str) -> TableBlock | None:
    """A measure a line, in reading order: then, now, the change, and what it means."""
    if compared.same_input:
        return None
    rows: list[tuple[Sentence, ...]] = []
    for measure in measures:
        change, unit = compared.changes.get(measure.id), measure.unit
        if change is None:
            continue
        own, moved = f"{at}/{measure.id}", change_tables.own(change)
        place = f"{own}/relative" if change.relative else own
        ends = (("then", moved.then), ("now", moved.now))
        values = ("-" if v is None else Number.of(v, f"{place}/{end}", unit) for end, v in ends)
        meaning = change_tables.meaning(change)
        told = meaning, meaning, inert(change.reason or "", 200)
        moves = (difference(change, unit, own, between) for between in ("\n", " "))
        rows.append((_linked(measure), *values, *moves, *told))
    return TableBlock(
        "Changes",
        (
            TableColumn("measure"),
            TableColumn("then", "right"),
            TableColumn("now", "right"),
            TableColumn("change", "right", media=("terminal", "markdown")),
            TableColumn("change", "figures", media=("html",)),
            TableColumn("direction", media=("terminal", "markdown")),
            TableColumn("meaning", media=("html",)),
            TableColumn("why", "wordy", media=("html",)),
        ),
        tuple(rows),
        change_tables.LENGTHS if any(one.relative for one in compared.changes.values()) else "",
        level=3,
    )


def classes_table(compared: Compared, at: str, each: int, most: int) -> TableBlock | None:
    """Classes newly broken and repaired, the worst first: so many of each, and of both."""
    broken, repaired = change_tables.told_classes(compared)
    told = [
        (one, which, k)
        for which, some in (("newly_broken", broken), ("repaired", repaired))
        for k, one in enumerate(some[:each])
    ][:most]
    if not told:
        return None
    more = len(broken) + len(repaired) - len(told)
    return TableBlock(
        "Classes by violated triplets",
        (
            TableColumn("class"),
            TableColumn("then", "right"),
            TableColumn("now", "right"),
            TableColumn("what"),
        ),
        tuple(_class_row(one, which, f"{at}/{which}/{k}") for one, which, k in told),
        f"{more:,} more are in the JSON." if more else "",
        level=3,
    )


def _class_row(one: ClassChange, which: str, at: str) -> tuple[Sentence, ...]:
    then, now = (Number.of(getattr(one, end), f"{at}/{end}", "fraction") for end in ("then", "now"))
    return Label(one.label), then, now, which.replace("_", " ")


def difference(change: Change, unit: Unit, at: str, between: str = " ") -> tuple[Part, ...]:
    """A change and, where it is not exact, its interval."""
    if change.value is None:
        return ("-",)
    if unit == "state":
        unit = "ratio"
    moved, at = change_tables.own(change), f"{at}/relative" if change.relative else at
    told: Part = "-"
    if moved.value is not None:
        told = Number(change_tables.signed(moved.value, unit), moved.value, f"{at}/value")
    if moved.lower == moved.upper:
        return (told,)
    low, high = moved.lower, moved.upper
    return (
        told,
        f"{between}[",
        "-∞" if low is None else Number(change_tables.signed(low, unit), low, f"{at}/lower"),
        ", ",
        "+∞" if high is None else Number(change_tables.signed(high, unit), high, f"{at}/upper"),
        "]",
    )


def tested(id: str, test: PairedTest, at: str) -> tuple[Part, ...]:
    """A paired test in a sentence."""

    def share(end: str) -> Number:
        moved = getattr(test, end)
        return Number(change_tables.signed(moved, "fraction"), moved, f"{at}/{end}")

    real = "is real: more than chance does" if test.real else "is not told from chance"
    return (
        f"{inert(id)}: the change of ",
        share("change"),
        f" {real}. At ",
        Number(f"{100 * test.confidence:g} %", test.confidence, f"{at}/confidence"),
        " it lies in [",
        share("lower"),
        ", ",
        share("upper"),
        "], over ",
        Number.of(test.classes, f"{at}/classes", "rows"),
        " classes and ",
        Number.of(test.groups, f"{at}/groups", "rows"),
        " groups of rows.",
    )


def _linked(measure: Measure) -> Link:
    return Link(measure.id, f"explain-{measure.id}")

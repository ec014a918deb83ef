"""Reports side by side as a page: what moved, whether really, and which classes broke."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embaudit.render.html.numbers import difference
from embaudit.render.html.series_panels import Panel, panels_of
from embaudit.render.html.template import explained, name, page
from embaudit.render.pictures import Picture
from embaudit.render.pictures.changes_drawing import changes_picture
from embaudit.render.pictures.panels_drawing import PLACES, PanelSeries
from embaudit.render.text import count, inert, path
from embaudit.render.words import change_words as changes
from embaudit.render.words.comparison_words import next_steps
from embaudit.render.words.curves import SHOWN, Curve, curve_of
from embaudit.render.words.document import Answer, Link, Number, Sentence, TableBlock, TableColumn
from embaudit.render.words.reading import value
from embaudit.render.words.states import state_of, state_word
from embaudit.report import Measure
from embaudit.report.changes import ClassChange, Compared, PairedTest
from embaudit.report.comparison import Comparison, Compeer

PATH = 80  # cells
CLASSES = 50
REPORTS = 12  # told one by one, and side by side


@dataclass(frozen=True)
class _Against:
    """A report against the first."""

    id: str
    title: str
    findings: tuple[Answer, ...]
    picture: Picture | None
    grids: tuple[TableBlock, ...]
    tests: tuple[tuple[Sentence, ...], ...]
    rows: tuple[Number, ...]


def comparison_page(comparison: Comparison, measures: Sequence[Measure]) -> str:
    """One self-contained page; its size does not grow with the number of classes."""
    known = [measure for measure in measures if measure.id in comparison.measures]
    amount = len(comparison.against_first)
    several = amount > 1
    against = [_against(comparison, k, known) for k in range(min(amount, REPORTS))]
    first, others = path(comparison.reports[0].path, PATH), count(amount, "report")
    content: dict[str, Any] = {
        "verdict": f"{others} against {first}" if several else against[0].findings[0].headline,
        "against": against,
        "left": _left(amount - REPORTS),
        "steps": next_steps(comparison),
        "reports": _reports(comparison),
        "panels": _panels(comparison, known) if several else [],
        "side_by_side": _side_by_side(comparison, known) if several else None,
        "explained": explained(known),
        "version": inert(comparison.tool.version),
    }
    return page("comparison.html", sections=list(_sections(content)), **content)


def _sections(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("verdict", "Verdict"), ("reports", "Reports"))
    if content["panels"]:
        yield "series", "Over the reports"
    if content["side_by_side"]:
        yield "values", "Side by side"
    yield from ((one.id, one.title) for one in content["against"])
    yield "explained", "What the numbers mean"


def _left(more: int) -> str:
    return f"{count(more, 'more report')} in the JSON: -o comparison.json." if more > 0 else ""


def _reports(comparison: Comparison) -> TableBlock:
    """What is compared, numbered as in the pictures."""
    titles = ("report", "rows", "dimensions", "classes", "state", "gate", "of", "run")
    rows: tuple[tuple[Sentence, ...], ...] = tuple(
        (
            f"{k + 1}: {path(one.path, PATH)}",
            *(
                Number.of(getattr(one, which), f"reports/{k}/{which}", "rows")
                for which in ("rows", "dim", "classes")
            ),
            _state(one),
            one.gate,
            ", ".join(path(source, 40) for source in one.inputs[:3]),
            inert(one.run_id),
        )
        for k, one in enumerate(comparison.reports[: REPORTS + 1])
    )
    return TableBlock(
        "Reports",
        tuple(
            TableColumn(title, "right" if 0 < k < 4 else "left") for k, title in enumerate(titles)
        ),
        rows,
        _left(len(comparison.reports) - len(rows)),
    )


def _state(one: Compeer) -> str:
    """The state of the diagnosis; of a report without one that of its collapse."""
    return state_word(state_of(one.diagnosis, one.collapse))


def _panels(comparison: Comparison, measures: Sequence[Measure]) -> list[Panel]:
    amount = len(comparison.reports)
    series = PanelSeries(
        tuple(str(k + 1) for k in range(amount)),
        tuple(one.collapse for one in comparison.reports),
        None,
        range(0, amount, math.ceil(amount / PLACES)),
    )
    ids = {measure.id for measure in measures}
    found = (curve_of(id, comparison.measures[id]) for id in SHOWN if id in ids)
    return panels_of([one for one in found if one is not None], measures, series, _place)


def _place(curve: Curve, k: int) -> str:
    return f"measures/{curve.id}/{k}/{curve.field}"


def _side_by_side(comparison: Comparison, measures: Sequence[Measure]) -> TableBlock:
    """Values only, a report a column."""
    shown = range(min(len(comparison.reports), REPORTS + 1))
    rows: list[tuple[Sentence, ...]] = []
    for measure in measures:
        readings = comparison.measures[measure.id]
        cells: list[Sentence] = []
        for k in shown:
            one = readings[k]
            at = f"measures/{measure.id}/{k}/value"
            cells.append(
                "-" if one is None or one.value is None else Number(value(one), one.value, at)
            )
        rows.append((_linked(measure), *cells))
    return TableBlock(
        "Side by side",
        (TableColumn("measure"), *(TableColumn(str(k + 1), "right") for k in shown)),
        tuple(rows),
        _left(len(comparison.reports) - len(shown)),
    )


def _against(comparison: Comparison, k: int, measures: Sequence[Measure]) -> _Against:
    one, at = comparison.against_first[k], f"against_first/{k}"
    first, own = (path(comparison.reports[n].path, 40) for n in (0, k + 1))
    grids = _changes(one, measures, f"{at}/changes"), _classes(one, f"{at}/classes")
    moved = one.anchors.worst_rows if one.anchors else ()
    return _Against(
        f"against-{k + 2}",
        f"{own} against {first}",
        tuple(changes.findings(one)),
        None if one.same_input else changes_picture(one, measures, f"changes-{k + 2}"),
        tuple(grid for grid in grids if grid is not None),
        tuple(
            _tested(id, change.test, f"{at}/changes/{id}/test")
            for id, change in one.changes.items()
            if change.test is not None
        ),
        tuple(Number(str(row), row, f"{at}/anchors/worst_rows/{n}") for n, row in enumerate(moved)),
    )


def _changes(compared: Compared, measures: Sequence[Measure], at: str) -> TableBlock | None:
    """A measure a line, in reading order."""
    if compared.same_input:
        return None
    rows: list[tuple[Sentence, ...]] = []
    for measure in measures:
        change, unit = compared.changes.get(measure.id), measure.unit
        if change is None:
            continue
        own, moved = f"{at}/{measure.id}", changes.own(change)
        place = f"{own}/relative" if change.relative else own
        ends = (("then", moved.then), ("now", moved.now))
        values = ("-" if v is None else Number.of(v, f"{place}/{end}", unit) for end, v in ends)
        told = changes.meaning(change), inert(change.reason or "", 200)
        rows.append((_linked(measure), *values, difference(change, unit, own), *told))
    return TableBlock(
        "Changes",
        (
            TableColumn("measure"),
            TableColumn("then", "right"),
            TableColumn("now", "right"),
            TableColumn("change", "figures"),
            TableColumn("meaning"),
            TableColumn("why", "wordy"),
        ),
        tuple(rows),
        changes.LENGTHS if any(one.relative for one in compared.changes.values()) else "",
    )


def _classes(compared: Compared, at: str) -> TableBlock | None:
    """Classes newly broken and repaired, the worst first."""
    broken, repaired = changes.told_classes(compared)
    if not broken and not repaired:
        return None

    def row(word: str, one: ClassChange, own: str) -> tuple[Sentence, ...]:
        then, now = (
            Number.of(getattr(one, end), f"{own}/{end}", "fraction") for end in ("then", "now")
        )
        return name(one.label), then, now, word

    rows = [
        row(word, one, f"{at}/{which}/{k}")
        for word, which, some in (
            ("newly broken", "newly_broken", broken),
            ("repaired", "repaired", repaired),
        )
        for k, one in enumerate(some[:CLASSES])
    ]
    more = len(broken) + len(repaired) - len(rows)
    return TableBlock(
        "Classes by violated triplets",
        (
            TableColumn("class"),
            TableColumn("then", "right"),
            TableColumn("now", "right"),
            TableColumn("what"),
        ),
        tuple(rows),
        f"{more:,} more are in the JSON." if more else "",
    )


def _tested(id: str, test: PairedTest, at: str) -> tuple[Sentence, ...]:
    """A paired test in a sentence."""

    def share(end: str) -> Number:
        moved = getattr(test, end)
        return Number(changes.signed(moved, "fraction"), moved, f"{at}/{end}")

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

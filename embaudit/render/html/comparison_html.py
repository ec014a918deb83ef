"""Reports side by side as a page: what moved, whether really, and which classes broke."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from embaudit.measures.measure import Measure
from embaudit.render.html.series_panels import Panel, panels_of
from embaudit.render.html.templating import GRAVITY, explained, page
from embaudit.render.pictures import Picture
from embaudit.render.pictures.changes_drawing import changes_picture
from embaudit.render.pictures.panels_drawing import PLACES, PanelSeries
from embaudit.render.safe_text import count, inert, path
from embaudit.render.words import change_words as changes
from embaudit.render.words.block_types import Answer, TableBlock, TableColumn
from embaudit.render.words.comparison_words import (
    changes_table,
    classes_table,
    next_steps,
    side_by_side,
    tested,
)
from embaudit.render.words.curves import SHOWN, Curve, curve_of
from embaudit.render.words.diagnosis_states import state_of, state_word
from embaudit.render.words.rich_text import Number, Sentence
from embaudit.report.comparison_document import Comparison, Compeer

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
        "mark": min((one.findings[0].mark for one in against), key=GRAVITY.index),
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
    yield from (("reports", "States"), ("verdict", "What moved"))
    yield from ((one.id, one.title) for one in content["against"])
    if content["panels"]:
        yield "series", "Over the reports"
    if content["side_by_side"]:
        yield "values", "Side by side"
    yield "explained", "What the numbers mean"


def _left(more: int) -> str:
    return f"{count(more, 'more report')} in the JSON: -o comparison.json." if more > 0 else ""


def _reports(comparison: Comparison) -> TableBlock:
    """What is compared and in which state, numbered as in the pictures."""
    titles = ("report", "state", "rows", "dimensions", "classes", "gate", "of", "run")
    rows: tuple[tuple[Sentence, ...], ...] = tuple(
        (
            f"{k + 1}: {path(one.path, PATH)}",
            _state(one),
            *(
                Number.of(getattr(one, which), f"reports/{k}/{which}", "rows")
                for which in ("rows", "dim", "classes")
            ),
            one.gate,
            ", ".join(path(source, 40) for source in one.inputs[:3]),
            inert(one.run_id),
        )
        for k, one in enumerate(comparison.reports[: REPORTS + 1])
    )
    return TableBlock(
        "States",
        tuple(
            TableColumn(title, "right" if 1 < k < 5 else "left") for k, title in enumerate(titles)
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
    left = _left(len(comparison.reports) - REPORTS - 1)
    return replace(side_by_side(comparison, measures, REPORTS + 1), note=left)


def _against(comparison: Comparison, k: int, measures: Sequence[Measure]) -> _Against:
    one, at = comparison.against_first[k], f"against_first/{k}"
    first, own = (path(comparison.reports[n].path, 40) for n in (0, k + 1))
    grids = (
        classes_table(one, f"{at}/classes", CLASSES, 2 * CLASSES),
        changes_table(one, measures, f"{at}/changes"),
    )
    moved = one.anchors.worst_rows if one.anchors else ()
    return _Against(
        f"against-{k + 2}",
        f"{own} against {first}",
        tuple(changes.findings(one)),
        None if one.same_input else changes_picture(one, measures, f"changes-{k + 2}"),
        tuple(grid for grid in grids if grid is not None),
        tuple(
            tested(id, change.test, f"{at}/changes/{id}/test")
            for id, change in one.changes.items()
            if change.test is not None
        ),
        tuple(Number(str(row), row, f"{at}/anchors/worst_rows/{n}") for n, row in enumerate(moved)),
    )

"""A series as a page: what happened, a small picture a measure, and a row a checkpoint."""

from collections.abc import Sequence

from embaudit.render.html.series_panels import number_at, panels_of
from embaudit.render.html.template import explained, gravest, page, plain, warned
from embaudit.render.pictures.panels_drawing import PLACES, PanelSeries
from embaudit.render.text import count, inert
from embaudit.render.words.checkpoint_rows import shown_rows
from embaudit.render.words.comparison_words import difference
from embaudit.render.words.curves import Curve, curves
from embaudit.render.words.document import TableBlock, TableColumn
from embaudit.render.words.inputs import trend_inputs_line
from embaudit.render.words.sentence import Link, Number, Sentence
from embaudit.render.words.states import state_of, state_word
from embaudit.render.words.trend_words import SAID, findings, next_steps
from embaudit.report import Measure
from embaudit.report.trend import CollapseEvent, Event, PrecisionEvent, StateEvent, Trend

NAME = 80  # cells of a checkpoint's name
EVENTS = 50


def trend_page(trend: Trend, measures: Sequence[Measure]) -> str:
    """One self-contained page; its size does not grow with the number of checkpoints."""
    specs = {measure.id: measure for measure in measures}
    found = [one for one in curves(trend) if one.id in specs]
    drawn, left = shown_rows(trend, PLACES)
    told = list(findings(trend))
    events = _events(trend)
    return page(
        "trend.html",
        version=inert(trend.tool.version),
        verdict=gravest(told),
        inputs=plain(trend_inputs_line(trend)),
        findings=told,
        steps=next_steps(trend),
        warnings=warned(trend.warnings),
        panels=panels_of(found, measures, _series(trend, drawn), _place),
        best=trend.best is not None,
        left=left,
        events=events,
        checkpoints=_checkpoints(trend, found),
        explained=explained([specs[one.id] for one in found]),
        run=inert(trend.run_id),
        sections=[
            ("verdict", "Verdict"),
            *([("series", "Over the series")] if found else []),
            *([("events", "Events")] if events else []),
            ("checkpoints", "Checkpoints"),
            *([("explained", "What the numbers mean")] if found else []),
        ],
    )


def _series(trend: Trend, drawn: Sequence[int]) -> PanelSeries:
    names = tuple(one.name for one in trend.checkpoints)
    states = tuple(one.collapse.state for one in trend.checkpoints)
    return PanelSeries(
        names, states, None if trend.best is None else names.index(trend.best), drawn
    )


def _place(curve: Curve, k: int) -> str:
    return f"checkpoints/{k}/measures/{curve.id}/{curve.field}"


def _checkpoints(trend: Trend, found: Sequence[Curve]) -> TableBlock:
    """A row a checkpoint, or where they are many one for those that matter, and some."""
    rows, note = shown_rows(trend)
    cached = any(one.cached for one in trend.checkpoints)
    faulty = any(trend.checkpoints[k].faults for k in rows)
    cells: list[tuple[Sentence, ...]] = []
    for k in rows:
        one = trend.checkpoints[k]
        name = inert(one.name, NAME) + (" ★ best" if one.name == trend.best else "")
        numbers = (number_at(curve, k, _place) for curve in found)
        known = ("✓" if one.cached else "",) if cached else ()
        state = state_word(state_of(one.diagnosis, one.collapse.state))
        found_in = ", ".join(one.faults)
        cells.append((name, state, *numbers, *((found_in,) if faulty else ()), *known))
    titles = [Link(curve.title, f"explain-{curve.id}") for curve in found]
    return TableBlock(
        "Checkpoints",
        (
            TableColumn("checkpoint"),
            TableColumn("state"),
            *(TableColumn(title, "right") for title in titles),
            *((TableColumn("found", "wordy"),) if faulty else ()),
            *((TableColumn("cached"),) if cached else ()),
        ),
        tuple(cells),
        note,
    )


def _events(trend: Trend) -> TableBlock | None:
    """All events, in the order of the series."""
    if not trend.events:
        return None
    rows = tuple(_event(one, f"events/{k}") for k, one in enumerate(trend.events[:EVENTS]))
    more = len(trend.events) - len(rows)
    return TableBlock(
        "Events",
        (TableColumn("event"), TableColumn("from"), TableColumn("to"), TableColumn("what")),
        rows,
        f"{count(more, 'more event')} in the JSON: -o trend.json." if more else "",
    )


def _event(event: Event, at: str) -> tuple[Sentence, ...]:
    before = "the start" if event.before is None else inert(event.before, NAME)
    what: Sentence
    if isinstance(event, StateEvent):
        what = f"{state_word(event.state)}: {inert(event.reason, SAID)}"
    elif isinstance(event, CollapseEvent):
        was = "" if event.was is None else f"{event.was} to "
        what = f"{was}{event.state} ({', '.join(event.kinds)})"
    else:
        what = _precision(event, at)
    return event.kind.replace("_", " "), before, inert(event.at, NAME), what


def _precision(event: PrecisionEvent, at: str) -> Sentence:
    change = event.change
    assert change.then is not None
    assert change.now is not None
    return (
        Number.of(change.then, f"{at}/change/then", "fraction"),
        " to ",
        Number.of(change.now, f"{at}/change/now", "fraction"),
        ", ",
        *difference(change, "fraction", f"{at}/change"),
    )

"""The tables of a series for a page: every checkpoint with its measures, and every event."""

from collections.abc import Sequence

from embaudit.render.safe_text import count, inert
from embaudit.render.words.block_types import TableBlock, TableColumn
from embaudit.render.words.checkpoint_rows import shown_rows
from embaudit.render.words.comparison_words import difference
from embaudit.render.words.curves import Curve, number_at
from embaudit.render.words.diagnosis_states import state_of, state_word
from embaudit.render.words.rich_text import Link, Number, Sentence
from embaudit.render.words.trend_words import SAID
from embaudit.report.trend_document import CollapseEvent, Event, PrecisionEvent, StateEvent, Trend

NAME = 80  # cells of a checkpoint's name
EVENTS = 50


def place_of(curve: Curve, k: int) -> str:
    """Where the JSON has the value of a curve at a checkpoint."""
    return f"checkpoints/{k}/measures/{curve.id}/{curve.field}"


def checkpoints_table(trend: Trend, found: Sequence[Curve]) -> TableBlock:
    """A row a checkpoint, or where they are many one for those that matter, and some."""
    rows, note = shown_rows(trend)
    cached = any(one.cached for one in trend.checkpoints)
    faulty = any(trend.checkpoints[k].faults for k in rows)
    cells: list[tuple[Sentence, ...]] = []
    for k in rows:
        one = trend.checkpoints[k]
        name = inert(one.name, NAME) + (" ★ best" if one.name == trend.best else "")
        numbers = (number_at(curve, k, place_of) for curve in found)
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


def events_table(trend: Trend) -> TableBlock | None:
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

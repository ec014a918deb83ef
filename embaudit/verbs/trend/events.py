"""What happened in a series: where collapse began and ended, where precision moved."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from embaudit.baseline import change_of
from embaudit.report import STATES, Collapse, State
from embaudit.report.changes_model import Change
from embaudit.report.diagnosis_model import GRAVE
from embaudit.report.trend_document import (
    Checkpoint,
    CollapseEvent,
    CollapseKind,
    Event,
    PrecisionEvent,
    StateEvent,
)

PRECISION = "precision_at_1"
LEAST = 0.01  # a precision that moved by less did not move


def events_of(series: Sequence[Checkpoint]) -> Iterator[Event]:
    """The events of a series, in its order."""
    yield from _state(None, series[0])
    yield from _collapse(None, series[0])
    for before, now in pairwise(series):
        yield from _state(before, now)
        yield from _collapse(before, now)
        yield from _precision(before, now)


def best_of(series: Sequence[Checkpoint]) -> str | None:
    """The first of largest precision_at_1 (lower end) that is not collapsed, if there is one.

    One in check_input only where there is no other: its figures are of a fault of the file.
    """
    known = [
        (one.diagnosis != "check_input", lower, one.name)
        for one in series
        if one.collapse.state != "collapsed" and (lower := _least(one)) is not None
    ]
    return max(known, key=lambda one: one[:2], default=(True, 0.0, None))[2]


def _least(checkpoint: Checkpoint) -> float | None:
    reading = checkpoint.measures.get(PRECISION)
    if reading is None or reading.value is None:
        return None
    return reading.value if reading.lower is None else reading.lower


def _state(before: Checkpoint | None, now: Checkpoint) -> Iterator[StateEvent]:
    """The diagnosis got to one of the grave states, from one to the other, or away from them."""
    was, state = before.diagnosis if before else None, now.diagnosis
    if state is None or state == was or not {was, state} & set(GRAVE):
        return
    yield StateEvent(
        kind="state_became",
        before=None if before is None else before.name,
        at=now.name,
        was=was,
        state=state,
        reason=now.reason or "",
    )


def _collapse(before: Checkpoint | None, now: Checkpoint) -> Iterator[CollapseEvent]:
    was, state = before.collapse.state if before else None, now.collapse.state
    step = STATES.index(state) - STATES.index(was or "none")
    if step == 0:
        return
    kind: Literal["collapse_began", "collapse_worsened", "collapse_eased", "collapse_ended"]
    if step > 0:
        kind = "collapse_worsened" if was == "warning" else "collapse_began"
        kinds = _kinds(now.collapse, state)
    else:
        kind = "collapse_eased" if state == "warning" else "collapse_ended"
        assert before is not None
        kinds = _kinds(before.collapse, before.collapse.state)
    name = None if before is None else before.name
    yield CollapseEvent(kind=kind, before=name, at=now.name, was=was, state=state, kinds=kinds)


def _kinds(collapse: Collapse, state: State) -> tuple[CollapseKind, ...]:
    """Which kinds of collapse are in a state."""
    kinds: tuple[tuple[CollapseKind, State | None], ...] = (
        ("point", collapse.point),
        ("dimensional", collapse.dimensional),
        ("class", collapse.class_),
    )
    return tuple(kind for kind, own in kinds if own == state)


def _precision(before: Checkpoint, now: Checkpoint) -> Iterator[PrecisionEvent]:
    then, reading = before.measures.get(PRECISION), now.measures.get(PRECISION)
    if then is None or reading is None:
        return
    change = change_of(then, reading)
    grew = change.direction == "better"
    better = now if grew else before
    if _moved(change) and better.collapse.state != "collapsed":  # among those, it is noise
        yield PrecisionEvent(
            kind="precision_grew" if grew else "precision_fell",
            before=before.name,
            at=now.name,
            change=change,
        )


def _moved(change: Change) -> bool:
    """Surely, and by enough to speak of."""
    sure = change.direction in ("better", "worse")
    return sure and change.value is not None and abs(change.value) >= LEAST

"""Periods of collapse in a series: from where it began to where it ended, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from embaudit.render.safe_text import inert
from embaudit.render.words.block_types import Answer, Mark
from embaudit.render.words.diagnosis_words import STATE_MARKS
from embaudit.report import STATES
from embaudit.report.trend_document import (
    CollapseEvent,
    CollapseKind,
    PrecisionEvent,
    StateEvent,
    Trend,
)

LONGEST = 48  # cells of a name in a sentence


@dataclass
class CollapsePeriod:
    """Checkpoints in a row at which the state is not none; ended: at the first one after."""

    events: list[CollapseEvent] = field(default_factory=list)
    ended: str | None = None

    @property
    def worst(self) -> CollapseEvent:
        """The event that led into its worst state."""
        return max(self.events, key=lambda one: STATES.index(one.state))


def periods_of(trend: Trend) -> list[CollapsePeriod]:
    """The periods of collapse, from the events."""
    periods: list[CollapsePeriod] = []
    for event in trend.events:
        if isinstance(event, StateEvent | PrecisionEvent):
            continue
        if event.kind == "collapse_began":
            periods.append(CollapsePeriod())
        if event.kind == "collapse_ended":
            periods[-1].ended = event.at
        else:
            periods[-1].events.append(event)
    return periods


def period_answer(period: CollapsePeriod) -> Answer:
    """Where it began, of which kinds, how bad it became, and where it ended."""
    began, worst = period.events[0], period.worst
    what = "Collapse" if worst.state == "collapsed" else "A warning of collapse"
    where = "was there from the start"
    if began.before is not None:
        where = f"began between {shortened(began.before)} and {shortened(began.at)}"
    mark: Mark = STATE_MARKS[worst.state] if period.ended is None else "warning"
    kinds = listed(worst.kinds)
    return Answer(mark, f"{what} {where} ({kinds})", tuple(course(period)))


def course(period: CollapsePeriod) -> Iterator[str]:
    """How it went on."""
    began, worst = period.events[0], period.worst
    if worst is not began:
        yield (
            f"First a warning ({listed(began.kinds)}), collapsed ({listed(worst.kinds)}) from "
            f"{shortened(worst.at)} on."
        )
    if period.events[-1].kind == "collapse_eased":
        yield f"From {shortened(period.events[-1].at)} on it is a warning."
    if period.ended is None:
        yield "It lasts to the end."
    else:
        yield f"It is over at {shortened(period.ended)}."


def listed(kinds: Sequence[CollapseKind]) -> str:
    """Kinds of collapse, as they are told."""
    return ", ".join(kinds)


def shortened(name: str) -> str:
    """The name of a checkpoint, harmless and short enough for a sentence."""
    return inert(name, LONGEST)

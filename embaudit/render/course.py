"""The course of a series in words: collapse, the best checkpoint, precision, and what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from embaudit.render.steps import Step
from embaudit.render.text import count, figure, inert
from embaudit.render.verdict import STATE_MARKS, Finding, Mark
from embaudit.report import STATES
from embaudit.report.trend import Checkpoint, CollapseEvent, CollapseKind, PrecisionEvent, Trend

PRECISION = "precision_at_1"
MOST_SPELLS = 4
LONGEST = 48  # cells of a name in a sentence


def findings(trend: Trend) -> Iterator[Finding]:
    """Where collapse began, which checkpoint is best, and where precision grew most."""
    spells = spells_of(trend)
    if not spells:
        amount = count(len(trend.checkpoints), "checkpoint")
        yield Finding("good", f"No collapse at any of {amount}")
    yield from (_spell(spell) for spell in spells[:MOST_SPELLS])
    if spells[MOST_SPELLS:]:
        more = count(len(spells) - MOST_SPELLS, "more collapse")
        yield Finding("warning", f"{more}: see the table, or events in the JSON")
    if trend.options.labels:
        yield _best(trend)
        yield _precision(trend)


def next_steps(trend: Trend) -> list[str]:
    """What to do about it."""
    last, best = trend.checkpoints[-1], trend.best
    if best is None:
        if not trend.options.labels:
            return ["With labels for the rows (--labels FILE), follow how well they separate."]
        asked = trend.invocation
        return [
            "Check that labels and embeddings are in the same order; if they are, train with "
            "semi-hard or random negatives first.",
            Step(
                "See what is known of the last one:",
                asked.then("audit", last.path) if asked else None,
            ),
        ]
    path, asked = trend.checkpoint(best).path, trend.invocation
    audit = Step(
        "See which classes and rows are left to fix:", asked.then("audit", path) if asked else None
    )
    if last.collapse.state == "collapsed":
        forecast = asked.then("forecast", path) if asked and _has_batches(trend) else None
        safe = ", or with a batch that is safe there:" if forecast else ":"
        back = f"Go back to {_name(best)}, and train on with semi-hard or random negatives{safe}"
        return [Step(back, forecast), audit]
    if best != last.name:
        return [f"Keep {_name(best)}: what came after it is not better.", audit]
    return [audit]


def _has_batches(trend: Trend) -> bool:
    """Whether two classes have two rows: else there is nothing to forecast."""
    data = trend.checkpoints[-1].data
    return data.classes - data.singleton_classes >= 2


@dataclass
class Spell:
    """Checkpoints in a row at which the state is not none; ended: at the first one after."""

    events: list[CollapseEvent] = field(default_factory=list)
    ended: str | None = None

    @property
    def worst(self) -> CollapseEvent:
        """The event that led into its worst state."""
        return max(self.events, key=lambda one: STATES.index(one.state))


def spells_of(trend: Trend) -> list[Spell]:
    """The spells of collapse, from the events."""
    spells: list[Spell] = []
    for event in trend.events:
        if isinstance(event, PrecisionEvent):
            continue
        if event.kind == "collapse_began":
            spells.append(Spell())
        if event.kind == "collapse_ended":
            spells[-1].ended = event.at
        else:
            spells[-1].events.append(event)
    return spells


def _precision(trend: Trend) -> Finding:
    moves = [one for one in trend.events if isinstance(one, PrecisionEvent)]
    grew = [one for one in moves if one.kind == "precision_grew"]
    fell = [one for one in moves if one.kind == "precision_fell"]
    first, last = (_of(trend.checkpoints[end]) for end in (0, -1))
    if first is None or last is None:
        details = ["It is not known at both ends of the series."]
    else:
        details = [f"Over the series from {figure(first, 'fraction')} to {_share(last)}."]
    if not moves:
        return Finding("unknown", "Precision@1 moved nowhere by a point for sure", tuple(details))
    if not grew:
        return Finding("bad", f"Precision@1 never grew, and fell most {_move(fell)}", ())
    if fell:
        details.append(f"It fell most {_move(fell)}.")
    mark: Mark = "warning" if moves[-1] in fell else "good"
    return Finding(mark, f"Precision@1 grew most {_move(grew)}", tuple(details))


def _move(events: Sequence[PrecisionEvent]) -> str:
    """`from step00300 to step01000: 41.20% to 80.31%`, of the largest move."""
    most = max(events, key=lambda one: abs(one.change.value or 0.0))
    return (
        f"from {_name(most.before)} to {_name(most.at)}: {_share(most.change.then)} to "
        f"{_share(most.change.now)}"
    )


def _spell(spell: Spell) -> Finding:
    """Where it began, of which kinds, how bad it became, and where it ended."""
    began, worst = spell.events[0], spell.worst
    what = "Collapse" if worst.state == "collapsed" else "A warning of collapse"
    where = "was there from the start"
    if began.before is not None:
        where = f"began between {_name(began.before)} and {_name(began.at)}"
    details = []
    if worst is not began:
        details.append(
            f"First a warning ({_listed(began.kinds)}), collapsed ({_listed(worst.kinds)}) from "
            f"{_name(worst.at)} on."
        )
    if spell.events[-1].kind == "collapse_eased":
        details.append(f"From {_name(spell.events[-1].at)} on it is a warning.")
    if spell.ended is None:
        details.append("It lasts to the end.")
    else:
        details.append(f"It is over at {_name(spell.ended)}.")
    mark: Mark = STATE_MARKS[worst.state] if spell.ended is None else "warning"
    kinds = _listed(worst.kinds)
    return Finding(mark, f"{what} {where} ({kinds})", tuple(details))


def _best(trend: Trend) -> Finding:
    if trend.best is None:
        return Finding("bad", "No checkpoint is fit: all are collapsed, or without precision@1")
    best = trend.checkpoint(trend.best)
    state = {"none": "not collapsed", "warning": "with a warning of collapse"}
    said = state.get(best.collapse.state, "")
    mark = STATE_MARKS[best.collapse.state]
    return Finding(mark, f"Best: {_name(best.name)}, precision@1 {_share(_of(best))}, {said}")


def _of(checkpoint: Checkpoint) -> float | None:
    reading = checkpoint.measures.get(PRECISION)
    return None if reading is None else reading.value


def _share(value: float | None) -> str:
    return "-" if value is None else figure(value, "fraction")


def _listed(kinds: Sequence[CollapseKind]) -> str:
    return ", ".join(kinds)


def _name(name: str) -> str:
    return inert(name, LONGEST)

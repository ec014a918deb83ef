"""The course of a series in words: collapse, the best checkpoint, precision, and what to do."""

from collections.abc import Iterator, Sequence

from embaudit.render.safe_text import count, figure, inert
from embaudit.render.words.block_document import BlockDocument, Detail, hint
from embaudit.render.words.block_types import Answer, Answers, Mark, SourceBlock, Steps
from embaudit.render.words.checkpoint_rows import checkpoint_rows
from embaudit.render.words.collapse_periods import (
    CollapsePeriod,
    course,
    listed,
    period_answer,
    periods_of,
    shortened,
)
from embaudit.render.words.curves import curves
from embaudit.render.words.diagnosis_states import MARKS, state_of, state_word
from embaudit.render.words.figure_blocks import CurvesBlock
from embaudit.render.words.input_line import trend_inputs_line
from embaudit.render.words.rich_text import Name
from embaudit.render.words.step_command import NextStep, command_of
from embaudit.report.diagnosis_model import GRAVE
from embaudit.report.trend_document import (
    Checkpoint,
    PrecisionEvent,
    StateEvent,
    Trend,
)

PRECISION = "precision_at_1"
SCALE = "Each curve runs from its least to its most, a bar a checkpoint."
WARNINGS = 10  # on Markdown
MOST_PERIODS = MOST_STATES = 4
SAID = 400  # cells of a reason


def trend_document(trend: Trend) -> BlockDocument:
    """What happened, what to do, a line a checkpoint, and a small curve a measure."""
    found, states = curves(trend), tuple(one.collapse.state for one in trend.checkpoints)
    over = (CurvesBlock("Over the series", SCALE, tuple(found), states),) if found else ()
    inputs = trend_inputs_line(trend)
    source = SourceBlock("Read", "Read from ", inputs, trend.warnings, most=WARNINGS)
    return BlockDocument(
        "Series of checkpoints",
        trend.tool.version,
        Name(trend.run_id),
        (
            Answers(tuple(findings(trend))),
            checkpoint_rows(trend),
            Steps(tuple(next_steps(trend))),
            Detail((*over, source)),
            hint("Every measure over the series"),
        ),
        inputs,
    )


def findings(trend: Trend) -> Iterator[Answer]:
    """Grave states and collapse, which checkpoint is best, and where precision grew most."""
    periods, states = periods_of(trend), [e for e in trend.events if isinstance(e, StateEvent)]
    yield from _states(trend, states, periods)
    if not periods:
        amount = count(len(trend.checkpoints), "checkpoint")
        yield Answer("good", f"No collapse at any of {amount}")
    fallen = {one.at for one in states if one.state == "collapsed"}
    rest = [one for one in periods if one.worst.at not in fallen]
    yield from (period_answer(one) for one in rest[:MOST_PERIODS])
    if rest[MOST_PERIODS:]:
        more = count(len(rest) - MOST_PERIODS, "more collapse")
        yield Answer("warning", f"{more}: see the table, or events in the JSON")
    if trend.options.labels:
        yield _best(trend)
        yield _precision(trend)


def next_steps(trend: Trend) -> list[str]:
    """What to do about it."""
    last, asked = trend.checkpoints[-1], trend.invocation
    if last.diagnosis == "check_input":
        told = f"The file explains the figures of {shortened(last.name)}: see what to fix in it:"
        mend = NextStep(told, asked.then("audit", last.path) if asked else None)
        return [mend, *(one for one in _steps(trend) if command_of(one) != mend.command)]
    return _steps(trend)


def _steps(trend: Trend) -> list[str]:
    last, best = trend.checkpoints[-1], trend.best
    if best is None:
        if not trend.options.labels:
            return ["With labels for the rows (--labels FILE), follow how well they separate."]
        asked = trend.invocation
        return [
            "Check that labels and embeddings are in the same order; if they are, train with "
            "semi-hard or random negatives first.",
            NextStep(
                "See what is known of the last one:",
                asked.then("audit", last.path) if asked else None,
            ),
        ]
    path, asked = trend.checkpoint(best).path, trend.invocation
    audit = NextStep(
        "See which classes and rows are left to fix:", asked.then("audit", path) if asked else None
    )
    if last.collapse.state == "collapsed":
        forecast = asked.then("forecast", path) if asked and _has_batches(trend) else None
        safe = ", or with a batch that is safe there:" if forecast else ":"
        back = (
            f"Go back to {shortened(best)}, and train on with semi-hard or random negatives{safe}"
        )
        return [NextStep(back, forecast), audit]
    if best != last.name:
        return [f"Keep {shortened(best)}: what came after it is not better.", audit]
    return [audit]


def _has_batches(trend: Trend) -> bool:
    """Whether two classes have two rows: else there is nothing to forecast."""
    data = trend.checkpoints[-1].data
    return data.classes - data.singleton_classes >= 2


def _states(
    trend: Trend, states: Sequence[StateEvent], periods: Sequence[CollapsePeriod]
) -> Iterator[Answer]:
    """Each change of state, those to a grave one first."""
    lasts = trend.checkpoints[-1].diagnosis in GRAVE
    fallen = {one.worst.at: one for one in periods}
    for event in sorted(states, key=lambda one: one.state not in GRAVE)[:MOST_STATES]:
        word = state_word(event.state)
        collapsed = event.state == "collapsed"
        where = "Collapse was there" if collapsed else f"State was {word}"
        if event.before is None:
            where += " from the start"
        else:
            where = "Collapse began" if collapsed else f"State became {word}"
            where += f" between {shortened(event.before)} and {shortened(event.at)}"
        period = fallen.get(event.at) if event.state == "collapsed" else None
        kinds = "" if period is None else f" ({listed(period.worst.kinds)})"
        details = [f"{inert(event.reason[:1].upper() + event.reason[1:], SAID).rstrip('.')}."]
        mark = MARKS[event.state]
        if mark == "bad" and not lasts:
            mark = "warning"
        yield Answer(mark, f"{where}{kinds}", (*details, *(course(period) if period else ())))
    if states[MOST_STATES:]:
        more = count(len(states) - MOST_STATES, "more change")
        yield Answer("warning", f"{more} of state: see the table, or events in the JSON")


def _precision(trend: Trend) -> Answer:
    moves = [one for one in trend.events if isinstance(one, PrecisionEvent)]
    grew = [one for one in moves if one.kind == "precision_grew"]
    fell = [one for one in moves if one.kind == "precision_fell"]
    first, last = (_of(trend.checkpoints[end]) for end in (0, -1))
    if first is None or last is None:
        details = ["It is not known at both ends of the series."]
    else:
        details = [f"Over the series from {figure(first, 'fraction')} to {_share(last)}."]
    if not moves:
        return Answer("unknown", "Precision@1 moved nowhere by a point for sure", tuple(details))
    if not grew:
        return Answer("bad", f"Precision@1 never grew, and fell most {_move(fell)}", ())
    if fell:
        details.append(f"It fell most {_move(fell)}.")
    mark: Mark = "warning" if moves[-1] in fell else "good"
    return Answer(mark, f"Precision@1 grew most {_move(grew)}", tuple(details))


def _move(events: Sequence[PrecisionEvent]) -> str:
    """`from step00300 to step01000: 41.20% to 80.31%`, of the largest move."""
    most = max(events, key=lambda one: abs(one.change.value or 0.0))
    return (
        f"from {shortened(most.before)} to {shortened(most.at)}: {_share(most.change.then)} to "
        f"{_share(most.change.now)}"
    )


def _best(trend: Trend) -> Answer:
    if trend.best is None:
        return Answer("bad", "No checkpoint is fit: all are collapsed, or without precision@1")
    best = trend.checkpoint(trend.best)
    state = state_of(best.diagnosis, best.collapse.state)
    said = {"warning": "with a warning of collapse"}.get(state, state_word(state))
    return Answer(
        MARKS[state], f"Best: {shortened(best.name)}, precision@1 {_share(_of(best))}, {said}"
    )


def _of(checkpoint: Checkpoint) -> float | None:
    reading = checkpoint.measures.get(PRECISION)
    return None if reading is None else reading.value


def _share(value: float | None) -> str:
    return "-" if value is None else figure(value, "fraction")

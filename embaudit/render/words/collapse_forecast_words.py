"""A forecast to look at: which batch shapes are safe, then the pressure at each as a curve."""

from collections.abc import Iterator
from dataclasses import replace

from embaudit.render.safe_text import count
from embaudit.render.words import tables
from embaudit.render.words.block_document import BlockDocument, Detail, hint
from embaudit.render.words.block_types import (
    Answer,
    Answers,
    Mark,
    Paragraph,
    SourceBlock,
    Steps,
    TableColumn,
)
from embaudit.render.words.diagnosis_words import RISK_WORDS
from embaudit.render.words.figure_blocks import MeterRow, Meters
from embaudit.render.words.input_line import forecast_inputs_line
from embaudit.render.words.step_command import NextStep
from embaudit.report import HIGH, RISING, ForecastRow, Risk, largest_of_low_risk
from embaudit.report.forecast_document import Sweep

TITLE = "Pressure towards collapse under batch-hard mining"
LEGEND = (
    "Pressure: the share of the batch-hard gradient that contracts the embedding, ● its mean over "
    "random batches, ━ the interval of that mean. Gap: hardest positive minus hardest negative, in "
    "mean negative distances. Safe: a mean batch-hard loss that is surely at most the margin, the "
    "loss of a total collapse. A heuristic, not a probability."
)
RISK_MARKS: dict[Risk, Mark] = {"low": "good", "rising": "warning", "high": "bad"}
MEETS: dict[Risk, str] = {
    "rising": "Of the trainings that were continued at such a pressure half to three quarters "
    "lost half of their spread, by network from none to all; only untrained ones lost half of "
    "their precision@1.",
    "high": "Of 18 trainings that were continued at such a pressure all lost half of their "
    "spread, and 12 half of their precision@1.",
}
COLUMNS = (
    TableColumn("batch", "right"),
    TableColumn("rows", "right", roomy=True),
    TableColumn("pressure", "right"),
    TableColumn("gap", "right", roomy=True),
    TableColumn("risk"),
    TableColumn("safe"),
)


def forecast_document(sweep: Sweep) -> BlockDocument:
    """What is safe, what to do, and the pressure at each batch shape."""
    fallen = sweep.point_collapse == "collapsed"  # then there is nothing to see
    curve = () if fallen else (_curve(sweep),)
    inputs = forecast_inputs_line(sweep)
    return BlockDocument(
        "Collapse forecast",
        sweep.tool.version,
        sweep.run_id,
        (
            Answers(tuple(findings(sweep)), brief=True),
            *curve,
            Detail(() if fallen else (Paragraph(LEGEND, quiet=True),)),
            Steps(tuple(next_steps(sweep))),
            Detail((SourceBlock("Read", "Read from ", inputs, sweep.warnings, headed=True),)),
            hint("What the figures mean"),
        ),
        inputs,
    )


def findings(sweep: Sweep) -> Iterator[Answer]:
    """What is safe, from where on it is not, and why the risk may be higher than it looks."""
    if sweep.point_collapse != "collapsed":
        yield _largest(sweep)
        yield from _beyond(sweep)
    for notice in sweep.cautions:
        headline, _, rest = notice.message.partition(". ")
        mark = RISK_MARKS["high" if notice.code == "collapsed" else "rising"]
        yield Answer(mark, headline.rstrip("."), (rest,) if rest else ())


def next_steps(sweep: Sweep) -> list[str]:
    """What to do about it."""
    if sweep.point_collapse == "collapsed":
        asked = sweep.invocation
        return [
            "Go back to the last checkpoint before the collapse; if the network is untrained, "
            "train it with semi-hard or random negatives first. Then forecast again.",
            NextStep("See how far it has fallen:", asked.then("audit") if asked else None),
        ]
    safe = sweep.largest_safe
    if safe is None and sweep.options.margin == 0:
        return ["Give the training margin with --margin: which batches are safe depends on it."]
    low = largest_of_low_risk(sweep.forecast)
    if safe is None and low is not None:
        return [
            f"Train on with semi-hard or random negatives, or with batches of {_shape(low)} at "
            "most: low risk, not surely safe. Then forecast again."
        ]
    if safe is None:
        return [
            "Do not train on from here with batch-hard mining: train with semi-hard or random "
            "negatives first, and forecast again."
        ]
    if safe == sweep.forecast[-1]:
        return ["Train on with any of these batches; forecast larger ones with --batch PxK."]
    return [
        f"Train on with batches of {_shape(safe)}, or of another shape that is safe.",
        "For larger ones train with semi-hard or random negatives first: the pressure falls as "
        "the network learns. Then forecast again.",
    ]


def _largest(sweep: Sweep) -> Answer:
    safe = sweep.largest_safe
    if safe is None:
        low, lowest = largest_of_low_risk(sweep.forecast), min(sweep.forecast, key=_pressure)
        told = f"The lowest pressure of these is {_pressure(lowest):.0%}."
        if low is not None:
            told = f"The largest of low risk is {_shape(low)} ({count(low.batch, 'row')})."
        return Answer(
            "bad" if low is None else "warning",
            "No batch shape of these is known to be safe for batch-hard mining",
            (told,),
        )
    return Answer(
        "good",
        f"Largest safe batch: {_shape(safe)} ({count(safe.batch, 'row')})",
        (
            "Its mean batch-hard loss is surely at most the margin: of 23 trainings continued from "
            "such a loss none lost half of its spread.",
        ),
    )


def _beyond(sweep: Sweep) -> Iterator[Answer]:
    """The smallest shape of each band above the low one."""
    for band, met in MEETS.items():
        first = next((row for row in sweep.forecast if row.risk == band and not row.safe), None)
        if first is not None:
            start = f"{_shape(first)} ({count(first.batch, 'row')})"
            yield Answer(
                RISK_MARKS[band], f"{RISK_WORDS[band].capitalize()} risk from {start} on", (met,)
            )


def _pressure(row: ForecastRow) -> float:
    return row.pressure.value


def _shape(row: ForecastRow) -> str:
    classes = count(row.classes_per_batch, "class", "classes")
    return f"{classes} x {count(row.samples_per_class, 'row')}"


def _curve(sweep: Sweep) -> Meters:
    """A shape a line, and the interval of its pressure."""
    figures = tables.forecast(sweep.forecast)
    assert figures is not None
    return Meters(
        TITLE,
        COLUMNS,
        "rows",
        "risk",
        tuple(_line(row, row == sweep.largest_safe) for row in sweep.forecast),
        (RISING, HIGH),
        replace(figures, note=""),
    )


def _line(row: ForecastRow, largest: bool) -> MeterRow:
    """A row, its texts as COLUMNS has them."""
    texts = (
        f"{row.classes_per_batch} x {row.samples_per_class}",
        f"{row.batch:,}",
        f"{row.pressure.value:.0%}",
        "-" if row.gap is None else f"{round(row.gap.value, 2) + 0.0:+.2f}",
        RISK_WORDS[row.risk],
        ("✓" if row.safe else "") + (" largest" if largest else ""),
    )
    mark, ends = RISK_MARKS[row.risk], row.pressure
    return MeterRow(texts, mark, ends.lower, ends.value, ends.upper, largest)

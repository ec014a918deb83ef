"""Numbers of a page: the text that one reads, the value, and where the JSON report has it."""

from dataclasses import dataclass

from embaudit.measures.measure import Measure
from embaudit.render.interval_bar import track
from embaudit.render.safe_text import figure
from embaudit.render.words import measured_value_words as words
from embaudit.render.words.rich_text import Number
from embaudit.report import Reading, Unit


@dataclass(frozen=True)
class TrackBar:
    """An interval on its track: left end, width and value, in per cent."""

    left: float
    width: float
    at: float


@dataclass(frozen=True)
class ReadingLine:
    """A measure's reading, number by number."""

    id: str
    title: str
    kind: str
    says: str
    number: Number | None
    low: Number | None
    high: Number | None
    relative: Number | None
    bar: TrackBar | None


def line(measure: Measure, reading: Reading) -> ReadingLine:
    """The line of a measure, ends only where they say more than the value does."""
    shown, at, unit = words.shown(measure, reading), f"measures/{measure.id}", reading.unit
    number = low = high = relative = None
    if reading.value is not None:
        number = Number(shown.value, reading.value, f"{at}/value")
    if reading.kind in ("certified", "sampled"):
        low = Number(figure_of(reading.lower, "-∞", unit), reading.lower, f"{at}/lower")
        high = Number(figure_of(reading.upper, "∞", unit), reading.upper, f"{at}/upper")
    if reading.relative:
        relative = Number.of(reading.relative, f"{at}/relative")
    return ReadingLine(
        measure.id,
        measure.title,
        shown.kind,
        shown.says,
        number,
        low,
        high,
        relative,
        _bar(reading),
    )


def figure_of(value: float | None, unbounded: str, unit: Unit) -> str:
    """A number, or what an open end is called."""
    return unbounded if value is None else figure(value, unit)


def _bar(reading: Reading) -> TrackBar | None:
    on = track(reading)
    if on is None:
        return None
    left, at, width = (round(100 * share, 2) for share in (on.low, on.at, on.high - on.low))
    return TrackBar(left, max(width, 0.5), at)

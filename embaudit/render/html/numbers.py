"""Numbers of a page: the text that one reads, the value, and where the JSON report has it."""

from dataclasses import dataclass
from typing import Literal

from embaudit.render.interval_bar import track
from embaudit.render.text import figure
from embaudit.render.words import reading as words
from embaudit.render.words.change_words import own, signed
from embaudit.render.words.tables import Justify
from embaudit.report import Measure, Reading, Unit
from embaudit.report.changes import Change


@dataclass(frozen=True)
class Number:
    """A number and its place in the JSON report: names and positions with slashes between."""

    text: str
    value: float | None
    at: str

    @classmethod
    def of(cls, value: float | None, at: str, unit: Unit = "ratio") -> "Number":
        """As a report prints it."""
        return cls(figure(value, unit), value, at)


@dataclass(frozen=True)
class Link:
    """A text that leads to a place of the page."""

    text: str
    target: str


Cell = str | Number | Link | tuple[str | Number | Link, ...]


Style = Justify | Literal["wordy", "figures"]  # of a column, as the style sheet knows it


@dataclass(frozen=True)
class Grid:
    """A titled table as `Content`, whose cells and column titles may be numbers and links, too."""

    title: str
    columns: tuple[tuple[str | Link, Style], ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """An interval on its track: left end, width and value, in per cent."""

    left: float
    width: float
    at: float


@dataclass(frozen=True)
class Line:
    """A measure's reading, number by number."""

    id: str
    title: str
    kind: str
    says: str
    number: Number | None
    low: Number | None
    high: Number | None
    relative: Number | None
    bar: Bar | None


def line(measure: Measure, reading: Reading) -> Line:
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
    return Line(
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


def difference(change: Change, unit: Unit, at: str) -> tuple[str | Number, ...]:
    """A change and, where it is not exact, its interval."""
    if change.value is None:
        return ("-",)
    if unit == "state":
        unit = "ratio"
    moved, at = own(change), f"{at}/relative" if change.relative else at
    assert moved.value is not None
    told = Number(signed(moved.value, unit), moved.value, f"{at}/value")
    if moved.lower == moved.upper:
        return (told,)
    low, high = moved.lower, moved.upper
    return (
        told,
        " [",
        "-∞" if low is None else Number(signed(low, unit), low, f"{at}/lower"),
        ", ",
        "+∞" if high is None else Number(signed(high, unit), high, f"{at}/upper"),
        "]",
    )


def figure_of(value: float | None, unbounded: str, unit: Unit) -> str:
    """A number, or what an open end is called."""
    return unbounded if value is None else figure(value, unit)


def _bar(reading: Reading) -> Bar | None:
    on = track(reading)
    if on is None:
        return None
    left, at, width = (round(100 * share, 2) for share in (on.low, on.at, on.high - on.low))
    return Bar(left, max(width, 0.5), at)

"""Measures over a series as small curves: a bar a checkpoint, from the least value to the most."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from embaudit.render.safe_text import figure
from embaudit.render.words.measured_value_words import value
from embaudit.render.words.rich_text import Number, Sentence
from embaudit.report import Reading, Unit

if TYPE_CHECKING:  # an audit is told without them
    from embaudit.report.trend_document import Trend

SHOWN = (
    "precision_at_1",
    "violated_triplets",
    "separation_auc",
    "d_iso",
    "collapse_risk",
    "rankme",
    "rms_pair_distance",
    "within_class_share",
    "mean_cosine",
    "uniformity",
)
RELATIVE = ("d_iso",)  # in RMS pair distances: it shrinks with the set, which is no improvement
MOST = 20  # curves
CURVE_TITLES = ("first", "last", "least", "most")
Side = Literal["lower", "upper"]
Place = Callable[["Curve", int], str]  # where the JSON has the value of a curve
_LEVELS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Curve:
    """One measure: its value at each checkpoint, None where it has none, its ends, and as texts.

    lower, upper: None where nothing bounds that side.
    """

    id: str
    title: str
    unit: Unit
    values: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    texts: tuple[str, ...]

    @property
    def field(self) -> str:
        """Of a reading: where its value is."""
        return "relative" if self.id in RELATIVE else "value"

    @property
    def known(self) -> list[float]:
        """The values that there are."""
        return [value for value in self.values if value is not None]

    @property
    def ends(self) -> tuple[str, str, str, str]:
        """First, last, least and most."""
        known = (min(self.known), max(self.known))
        least, most = (figure(value, self.unit) for value in known)
        return self.texts[0], self.texts[-1], least, most

    def bars(self, groups: Sequence[range]) -> list[str]:
        """A bar for each group of checkpoints, by their mean; a dash where nothing is known."""
        low, high = min(self.known) / 2, max(self.known) / 2  # halves: a difference is finite
        bars = []
        for group in groups:
            there = [one / 2 for k in group if (one := self.values[k]) is not None]
            share = 0.5
            if there and high > low:
                share = (math.fsum(one / len(there) for one in there) - low) / (high - low)
            bars.append(_LEVELS[round(7 * min(max(share, 0.0), 1.0))] if there else "-")
        return bars


def curves(trend: "Trend") -> list[Curve]:
    """The usual measures and those that were asked for by name, as far as they are known."""
    named = [id.strip() for id in trend.options.measures.split(",")]
    found = (curve(trend, id) for id in dict.fromkeys((*SHOWN, *named)))
    return [one for one in found if one is not None][:MOST]


def curve(trend: "Trend", id: str) -> Curve | None:
    """The curve of a measure, None where no checkpoint has a value."""
    return curve_of(id, [one.measures.get(id) for one in trend.checkpoints])


def curve_of(id: str, readings: Sequence[Reading | None]) -> Curve | None:
    """The curve of a measure's readings, None where none has a value."""
    unit = next((one.unit for one in readings if one is not None), None)
    relative = id in RELATIVE
    values = tuple(_value(one, relative) for one in readings)
    if unit is None or values.count(None) == len(values):
        return None
    return Curve(
        id,
        f"{id} / rms" if relative else id,
        "ratio" if relative else unit,
        values,
        tuple(_end(one, "lower", relative) for one in readings),
        tuple(_end(one, "upper", relative) for one in readings),
        tuple(_text(one, relative) for one in readings),
    )


def number_at(curve: Curve, k: int, place: Place) -> Sentence:
    """The number of a curve at one of its places, a dash where it has none."""
    value = curve.values[k]
    return "-" if value is None else Number(curve.texts[k], value, place(curve, k))


def grouped(amount: int, room: int) -> list[range]:
    """So many checkpoints in order, put together where there are more of them than room."""
    size = max(1, math.ceil(amount / room))
    return [range(start, min(start + size, amount)) for start in range(0, amount, size)]


def _value(reading: Reading | None, relative: bool) -> float | None:
    if reading is None:
        return None
    return reading.relative if relative else reading.value


def _end(reading: Reading | None, side: Side, relative: bool) -> float | None:
    """An end of the interval, in the unit of the curve."""
    end: float | None = None if reading is None else getattr(reading, side)
    if reading is None or end is None or not relative:
        return end
    if reading.relative is None:
        return None
    return end * (reading.relative / reading.value) if reading.value else 0.0


def _text(reading: Reading | None, relative: bool) -> str:
    if reading is None or (relative and reading.relative is None):
        return "-"
    shown = value(reading)
    if not relative:
        return shown
    return ("≥ " if shown.startswith("≥") else "") + figure(reading.relative)

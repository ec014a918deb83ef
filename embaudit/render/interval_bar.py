"""A reading on a strip: where its value lies, and between which ends the truth is."""

from dataclasses import dataclass

from embaudit.core.intervals import CONFIDENCE
from embaudit.report import Reading

LINE, VALUE, ESTIMATE, INSIDE, OPEN = "─●≈━>"
# Square: certainly inside; round: with a confidence.
WALLS = {"certified": ("[", "]"), "sampled": ("(", ")")}
LEGEND = f"● exact  [━] certainly inside  (━) with {CONFIDENCE:.0%}"


@dataclass(frozen=True)
class Track:
    """A value and its interval as shares of a track, 0 to 1."""

    low: float
    at: float
    high: float


def track(reading: Reading) -> Track | None:
    """On a track from 0 to 1 for a share, else from 0 to somewhat beyond the upper end.

    An end that nothing bounds is that of the track. None for states, for what is negative, and
    for what is no share and has no interval: a track of its own would say nothing of it.
    """
    value, low, high = reading.value, reading.lower, reading.upper
    if value is None or value < 0 or reading.unit == "state":
        return None
    if reading.unit != "fraction" and reading.kind not in WALLS:
        return None
    full = 1.0 if reading.unit == "fraction" else 1.25 * max(value, high or 0.0) or 1.0
    if reading.kind not in WALLS:
        low = high = value
    least = max(0.0, low or 0.0)
    return Track(least / full, value / full, 1.0 if high is None else high / full)


def strip(reading: Reading, width: int) -> str:
    """The track in `width` columns, at least 3; walls take the columns beside what they enclose."""
    on = track(reading)
    if on is None:
        return ""
    low, at, high = (1 + round(share * (width - 3)) for share in (on.low, on.at, on.high))
    cells = [LINE] * width
    if reading.kind in WALLS:
        left, right = WALLS[reading.kind]
        low = min(low, at - 1)
        high = width - 1 if reading.upper is None else max(high, at + 1)
        cells[low : high + 1] = [INSIDE] * (high + 1 - low)
        cells[low], cells[high] = left, OPEN if reading.upper is None else right
    cells[at] = ESTIMATE if reading.kind == "estimate" else VALUE
    return "".join(cells)

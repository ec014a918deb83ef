"""Lengths that are known between two ends, side by side in one unit."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from embaudit.measures.measure import Measure
from embaudit.render.pictures.captioned_drawing import WIDE, Picture, listed_height
from embaudit.render.pictures.inline_svg import (
    ACCENT,
    INK,
    MUTED,
    WARN,
    drawing,
    logarithmic,
    svg_of,
)
from embaudit.render.safe_text import figure
from embaudit.render.words.measured_value_words import interval, value, value_of
from embaudit.render.words.visibility_rules import coincide
from embaudit.report import Reading, Report

FURTHEST = 1e300  # of the axis: beyond it, its ends would overflow


def lengths_picture(report: Report, measures: Sequence[Measure]) -> Picture | None:
    """d_iso, d_haus, thickness and every other length, as an interval or as a point."""
    rms = value_of(report, "rms_pair_distance")
    known = [
        (measure, reading)
        for measure in measures
        if (reading := report.measures.get(measure.id)) is not None
        and reading.unit == "distance"
        and reading.value is not None
        and reading.relative is not None
        and not measure.id.startswith("gap_p")
        and max(reading.value, reading.upper or 0) > 0
    ]
    if not rms or len(known) < 2 or coincide(report):
        return None
    least = min(_low(reading) / rms for _, reading in known)
    with drawing(WIDE, listed_height(len(known))) as axes:
        for line, (_, reading) in enumerate(known):
            draw_length(axes, line, reading, rms)
        axes.set_yticks(range(len(known)), [measure.id for measure, _ in known])
        axes.set_ylim(len(known) - 0.5, -0.5)
        if least > 0:
            axes.set_xscale("log")
            logarithmic(axes.xaxis)
        else:
            axes.set_xscale("symlog", linthresh=0.01)
            axes.set_xlim(left=-0.001)  # room for a point at 0
            axes.xaxis.set_major_formatter("{x:g}")
        axes.axvline(1, color=MUTED, linewidth=0.8, linestyle=":")
        axes.set_xlabel("in RMS pair distances")
        axes.grid(axis="x", alpha=0.4)
        axes.tick_params(axis="y", length=0)
        svg = svg_of(axes, "lengths", "Lengths with their intervals, in RMS pair distances.")
    return Picture(
        "lengths",
        "Lengths and how well they are known",
        svg,
        "In multiples of the RMS pair distance, logarithmic. A bar is an interval: certified ones "
        "enclose the truth, sampled ones do with the confidence told below. A point alone is "
        "exact, a hollow one an estimate.",
        ("measure", "value", "kind", "interval", "in RMS pair distances"),
        tuple(
            (measure.id, value(one), one.kind, interval(one), figure(one.relative))
            for measure, one in known
        ),
    )


def draw_length(axes: Axes, line: int, reading: Reading, rms: float) -> None:
    """A point, on a bar between the ends of its interval, with an arrow where one is open."""
    at = min((reading.value or 0.0) / rms, FURTHEST)
    if reading.kind != "estimate":  # which has no interval, open or not
        low = _low(reading) / rms
        high = at if reading.upper is None else min(reading.upper / rms, FURTHEST)
        ends, lines = (low, high), (line, line)
        colour = WARN if reading.kind == "sampled" else ACCENT
        if high > low:
            style: Any = {"color": colour, "linewidth": 4, "alpha": 0.5, "solid_capstyle": "butt"}
            axes.plot(ends, lines, **style)
            axes.plot(ends, lines, "|", color=colour, markersize=8)
        if reading.upper is None:
            axes.annotate("", (high * 1.6, line), (high, line), arrowprops={"arrowstyle": "->"})
    fill: Any = "none" if reading.kind == "estimate" else "full"
    axes.plot(at, line, "o", color=INK, markersize=3.5, fillstyle=fill)


def _low(reading: Reading) -> float:
    low = reading.value if reading.lower is None else reading.lower
    return max(0.0, low or 0.0)

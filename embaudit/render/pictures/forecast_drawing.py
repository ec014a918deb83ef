"""Pressure towards collapse by batch size, with its bands."""

from embaudit.render.pictures.captioned_drawing import TALL, WIDE, Picture
from embaudit.render.pictures.inline_svg import (
    ACCENT,
    BAD,
    GOOD,
    INK,
    MUTED,
    WARN,
    drawing,
    legend_above,
    svg_of,
)
from embaudit.render.words.visibility_rules import outlook
from embaudit.report import HIGH, RISING, Report, largest_safe

MARKERS = "os^Dv"


def forecast_picture(report: Report) -> Picture | None:
    """A curve for each number of rows a class, each with its interval."""
    shapes = outlook(report)
    if not shapes:
        return None
    sizes = sorted({row.samples_per_class for row in shapes})
    with drawing(WIDE, TALL) as axes:
        for low, high, colour in ((0, RISING, GOOD), (RISING, HIGH, WARN), (HIGH, 1, BAD)):
            axes.axhspan(low, high, color=colour, alpha=0.09, linewidth=0)
        for number, samples in enumerate(sizes):
            rows = [row for row in shapes if row.samples_per_class == samples]
            rows.sort(key=lambda row: row.batch)
            at = [row.batch for row in rows]
            value, lower, upper = (
                [getattr(row.pressure, end) for row in rows] for end in ("value", "lower", "upper")
            )
            marker = MARKERS[number % len(MARKERS)]
            axes.fill_between(at, lower, upper, color=ACCENT, alpha=0.2, linewidth=0)
            axes.plot(
                at,
                value,
                marker=marker,
                markersize=4,
                linewidth=1,
                color=(ACCENT, INK, MUTED)[number % 3],
                label=f"{samples} rows a class",
            )
        axes.set_xscale("log", base=2)
        ticks: list[int] = []
        for size in sorted({row.batch for row in shapes}):
            if not ticks or size >= 1.25 * ticks[-1]:  # nearer ones would run into each other
                ticks.append(size)
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks], rotation=45, ha="right")
        axes.minorticks_off()
        axes.set_ylim(0, 1)
        axes.set_yticks((0, RISING, HIGH, 1), ("0", f"{RISING:.0%}", f"{HIGH:.0%}", "100%"))
        axes.set_xlabel("rows in a batch")
        axes.set_ylabel("collapse pressure")
        legend_above(axes)
        safe = largest_safe(shapes)
        told = (
            "No batch shape of the forecast is safe."
            if safe is None
            else f"The largest safe batch is {safe.classes_per_batch} classes x "
            f"{safe.samples_per_class} rows."
        )
        svg = svg_of(axes, "forecast", f"Collapse pressure by batch size. {told}")
    return Picture(
        "forecast",
        "Forecast of collapse under batch-hard mining",
        svg,
        f"{told} Pressure from {RISING:.0%} on is a moderate risk, from {HIGH:.0%} on a high one; "
        "its upper end counts. The bands are intervals over random batches.",
    )

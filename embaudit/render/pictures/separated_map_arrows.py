"""From f to f*: where the nearest separated map found puts each row (the paper's Figures 3, 6)."""

from typing import Any

import numpy as np

from embaudit.render.pictures.captioned_drawing import WIDE, Name, Picture
from embaudit.render.pictures.extreme_scales import tell, yardstick
from embaudit.render.pictures.inline_svg import ACCENT, BAD, GOOD, INK, MUTED, WARN, drawing, svg_of
from embaudit.render.safe_text import count, inert
from embaudit.report import Report

MARKERS = "os^Dv<>ph*XP"
COLOURS = (ACCENT, BAD, GOOD, WARN, INK, MUTED)
NAMED = 12  # classes in the legend


def arrows_picture(report: Report, name: Name) -> Picture | None:
    """A point for each row, coloured by class, and an arrow to its place in f*."""
    plane = report.distributions and report.distributions.plane
    if not plane:
        return None
    labels = list(dict.fromkeys((type(row.label), row.label) for row in plane.rows))
    yard = yardstick(length for row in plane.rows for length in (*row.at, *row.to))
    with drawing(WIDE, WIDE * 0.85) as axes:
        for number, key in enumerate(labels):
            rows = [row for row in plane.rows if (type(row.label), row.label) == key]
            colour = COLOURS[number % len(COLOURS)]
            at, to = (np.array([getattr(row, end) for row in rows]) / yard for end in ("at", "to"))
            arrow: Any = {"arrowstyle": "->", "color": colour, "lw": 0.7}
            for start, end in zip(at, to, strict=True):
                axes.annotate("", tuple(end), tuple(start), arrowprops=arrow)
            axes.plot(
                *at.T,
                MARKERS[number % len(MARKERS)],
                color=colour,
                markersize=4,
                label=name(key[1]) if number < NAMED else None,
            )
            axes.plot(*to.T, ".", color=colour, alpha=0)
        tell(axes.xaxis, yard)
        tell(axes.yaxis, yard)
        axes.set_aspect("equal", "datalim")
        axes.legend(loc="best", frameon=False, fontsize=7, ncols=2)
        svg = svg_of(axes, "arrows", f"{count(len(plane.rows), 'row')} and their places in f*.")
    return Picture(
        "arrows",
        "From the embedding f to a separated map f*",
        svg,
        f"Each row, and where the nearest separated map found puts it, along {plane.axes}. "
        f"f* is {inert(plane.found_by, 200)}; d_haus is at most its longest move.",
    )

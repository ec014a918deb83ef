"""How far anchors are from separation: their gaps, all together and class by class."""

import numpy as np

from embaudit.render.pictures.captioned_drawing import (
    ROWS,
    TALL,
    WIDE,
    Name,
    Picture,
    listed_height,
)
from embaudit.render.pictures.extreme_scales import densities, tell, yardstick
from embaudit.render.pictures.inline_svg import ACCENT, GOOD, INK, MUTED, drawing, svg_of
from embaudit.render.safe_text import count, figure
from embaudit.render.words.visibility_rules import coincide
from embaudit.report import ClassRow, Report


def gaps_picture(report: Report) -> Picture | None:
    """The distribution of gaps; right of 0 anchors violate."""
    found = report.distributions and report.distributions.gaps
    if not found or found.edges[0] == found.edges[-1] or coincide(report):
        return None
    edges, counts = np.array(found.edges), np.array(found.counts)
    density = densities(counts, np.diff(edges))
    yard = yardstick(edges)
    starts, widths = edges[:-1] / yard, np.diff(edges / yard)
    violating = edges[:-1] >= 0
    total = int(counts[violating].sum())
    told = f"{total:,} of {count(int(counts.sum()), 'anchor')} lie above 0 and violate."
    with drawing(WIDE, TALL) as axes:
        for which, colour in ((violating, ACCENT), (~violating, GOOD)):
            axes.bar(
                starts[which],
                density[which],
                widths[which],
                align="edge",
                color=colour,
                alpha=0.75,
            )
        axes.axvline(0, color=INK, linewidth=1)
        tell(axes.xaxis, yard)
        axes.set_xlabel("gap: furthest positive less nearest negative")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        svg = svg_of(axes, "gaps", f"Histogram of the gaps of anchors. {told}")
    rows = tuple(
        (f"{figure(low)} to {figure(high)}", f"{amount:,}")
        for low, high, amount in zip(found.edges, found.edges[1:], found.counts, strict=False)
    )
    return Picture(
        "gaps",
        "Gaps of the anchors",
        svg,
        f"{told} The first and the last bar hold the tails.",
        ("gap", "anchors"),
        rows,
    )


def class_gaps_picture(report: Report, name: Name) -> Picture | None:
    """A strip for each of the worst classes: from the 5 % to the 95 % gap, and the largest."""
    known = [row for row in report.classes if row.gap_quantiles is not None]
    if len(known) < 2 or coincide(report):
        return None
    worst = sorted(known, key=_badness, reverse=True)[:ROWS]
    yard = yardstick(gap for row in worst for gap in _drawn(row))
    with drawing(WIDE, listed_height(len(worst))) as axes:
        for line, row in enumerate(worst):
            low, middle, high, largest = (gap / yard for gap in _drawn(row))
            axes.plot(
                (low, high),
                (line, line),
                color=ACCENT,
                linewidth=5,
                alpha=0.35,
                solid_capstyle="butt",
            )
            axes.plot(middle, line, "o", color=ACCENT, markersize=4)
            axes.plot(largest, line, "|", color=INK, markersize=7)
        axes.axvline(0, color=INK, linewidth=1)
        axes.set_yticks(range(len(worst)), [name(row.label) for row in worst])
        axes.set_ylim(len(worst) - 0.5, -0.5)
        tell(axes.xaxis, yard)
        axes.set_xlabel("gap")
        axes.grid(axis="x", alpha=0.5)
        axes.tick_params(axis="y", length=0, labelcolor=MUTED)
        svg = svg_of(
            axes,
            "class_gaps",
            f"Gaps class by class, of {len(worst)} of {len(known)} classes, the worst first.",
        )
    rows = tuple(
        (name(row.label), *map(figure, row.gap_quantiles or ()), figure(row.largest_gap))
        for row in worst
    )
    which = (
        f"The {len(worst)} worst of {len(known):,} classes"
        if len(worst) < len(known)
        else (f"All {len(known)} classes, the worst first")
    )
    return Picture(
        "class_gaps",
        "Gaps class by class",
        svg,
        f"{which}. The strip holds the gaps from 5 to 95 % of the anchors, the dot is at the "
        "median, the stroke at the largest. What lies right of 0 violates.",
        ("class", "5 %", "50 %", "95 %", "largest"),
        rows,
    )


def _drawn(row: ClassRow) -> tuple[float, float, float, float]:
    """The 5 %, the median, the 95 % and the largest gap."""
    low, middle, high = row.gap_quantiles or (0.0, 0.0, 0.0)
    return low, middle, high, row.largest_gap or high


def _badness(row: ClassRow) -> tuple[float, float]:
    """By the median, then by the largest gap."""
    return (row.gap_quantiles or (0.0, 0.0, 0.0))[1], row.largest_gap or 0.0

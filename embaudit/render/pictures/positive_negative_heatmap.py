"""Furthest positive against nearest negative, anchor by anchor, with the line of separation."""

import numpy as np

from embaudit.render.pictures.captioned_drawing import WIDE, Picture
from embaudit.render.pictures.extreme_scales import densities, tell, yardstick
from embaudit.render.pictures.inline_svg import ACCENT, GOOD, INK, drawing, svg_of
from embaudit.render.safe_text import count, figure
from embaudit.report import Report

SHADES = 6  # of a density; the page's colours allow opacity, and no mixing


def distances_picture(report: Report) -> Picture | None:
    """The density of anchors over both distances."""
    found = report.distributions and report.distributions.distances
    if not found or len(found.edges) < 3 or found.edges[0] == found.edges[-1]:
        return None
    edges, counts = np.array(found.edges), np.array(found.counts)
    widths = np.diff(edges)
    level = np.ceil(SHADES * np.sqrt(densities(counts, widths, widths))).clip(1)
    shown = np.argwhere(counts > 0)
    yard = yardstick(edges)
    edges = edges / yard
    limits = edges[0] if counts[0].any() or counts[:, 0].any() else edges[1], edges[-1]
    share = report.measures.get("violating_anchors")
    told = "" if share is None else f"{figure(share.value, 'fraction')} of them violate. "
    with drawing(WIDE, WIDE * 0.82) as axes:
        for row, column in shown:
            left, low = edges[column], edges[row]
            axes.fill_between(
                (left, edges[column + 1]),
                low,
                edges[row + 1],
                color=ACCENT if low >= edges[column + 1] or row > column else GOOD,
                alpha=level[row, column] / SHADES,
                linewidth=0,
            )
        axes.plot(limits, limits, color=INK, linewidth=1)
        axes.set(xlim=limits, ylim=limits, aspect="equal")
        tell(axes.xaxis, yard)
        tell(axes.yaxis, yard)
        axes.set_xlabel("nearest negative")
        axes.set_ylabel("furthest positive")
        svg = svg_of(
            axes,
            "distances",
            f"Density of {count(report.data.anchors, 'anchor')} by the distance of their furthest "
            f"positive and nearest negative. {told}",
        )
    return Picture(
        "distances",
        "Furthest positive against nearest negative",
        svg,
        f"{count(report.data.anchors, 'anchor')}, the darker the more. {told}Above the line the "
        "furthest positive is further than the nearest negative: the anchor violates. Below it, "
        "all its positives are nearer than all its negatives.",
    )

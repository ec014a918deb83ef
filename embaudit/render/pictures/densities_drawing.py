"""Distances of positive and of negative pairs as two densities; what overlaps is the trouble."""

import numpy as np

from embaudit.render.pictures.captioned_drawing import WIDE, Picture
from embaudit.render.pictures.extreme_scales import tell, yardstick
from embaudit.render.pictures.inline_svg import ACCENT, BAD, drawing, legend_above, svg_of
from embaudit.render.safe_text import count, figure
from embaudit.report import Report

TALL = WIDE * 400 / 480  # as the map beside it


def densities_picture(report: Report) -> Picture | None:
    """Both densities, each of area 1, on one axis."""
    found = report.distributions and report.distributions.pairs
    if not found:
        return None
    edges = np.array(found.edges)
    yard = yardstick(edges)
    kinds = (("same class", ACCENT, found.positive), ("another class", BAD, found.negative))
    with drawing(WIDE, TALL) as axes:
        for words, colour, counts in kinds:
            level = np.array(counts) / sum(counts)
            axes.stairs(level, edges / yard, fill=True, color=colour, alpha=0.3, linewidth=0)
            axes.stairs(level, edges / yard, color=colour, linewidth=1.5, label=words)
        axes.set_xlim(edges[0] / yard, edges[-1] / yard)
        axes.set_ylim(bottom=0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        tell(axes.xaxis, yard)
        axes.set_xlabel("distance of two rows")
        legend_above(axes)
        told = f"They share {figure(found.overlap, 'fraction')} of their area."
        svg = svg_of(axes, "densities", f"Densities of the distances of pairs of rows. {told}")
    amount, rows = sum(found.positive) + sum(found.negative), report.data.rows
    every = report.gallery is None and 2 * amount == rows * (rows - 1)
    pairs = f"all {count(amount, 'pair')}" if every else f"{count(amount, 'pair')} of a sample"
    between = "" if report.gallery is None else ", a query and a row of the gallery each"
    return Picture(
        "densities",
        "Same class against another class",
        svg,
        f"Distances of {pairs}{between}; each curve has the same area. {told} "
        "The less, the better one distance tells the classes apart.",
    )

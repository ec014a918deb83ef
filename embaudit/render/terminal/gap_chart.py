"""The gap distribution as a small bar chart, from the seven quantiles that a report holds.

Between two quantiles the anchors are spread evenly, which is all that is known of them; the one
per cent beyond either end is not drawn.
"""

import math
import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from embaudit.render.safe_text import figure

SHARES = (1, 5, 25, 50, 75, 95, 99)  # per cent of anchors below each quantile
_EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Chart:
    """Lines of bars over an axis; `zero` is the column where violation begins, None if outside."""

    bars: tuple[str, ...]
    axis: str
    ticks: str
    zero: int | None
    note: str


def chart(values: Sequence[float], width: int, height: int = 4, ascii_only: bool = False) -> Chart:
    """Anchors by gap between the 1 % and the 99 % quantile, in `width` columns."""
    low, high = values[0], values[-1]
    if (high - low) / width < sys.float_info.min or not math.isfinite(high - low):
        where = "98% or more of the anchors have"
        return Chart((), "", "", None, f"{where} the same gap, {figure(low)}.")
    edges, zero = _edges(low, high, width)
    masses = _masses(values, edges)
    tallest = max(masses)
    steps = 1 if ascii_only else len(_EIGHTHS) - 1
    heights = [math.ceil(mass / tallest * height * steps - 0.5) for mass in masses]
    heights = [max(tall, 1) if mass > 0 else 0 for tall, mass in zip(heights, masses, strict=True)]
    bars = tuple(
        "".join(_block(tall - row * steps, steps) for tall in heights).rstrip()
        for row in reversed(range(height))
    )
    axis = "".join("┼" if column == zero else "─" for column in range(width))
    return Chart(bars, axis, _ticks(values, edges, zero), zero, _note(low, high))


def _edges(low: float, high: float, width: int) -> tuple[list[float], int | None]:
    """Column edges; where 0 lies inside it is an edge, so that no bar straddles it."""
    if not low < 0 < high:
        step = (high - low) / width
        return [low + step * k for k in range(width)] + [high], None
    step = (high - low) / (width - 1)
    zero = min(max(round(-low / step), 1), width - 1)
    step = max(-low / zero, high / (width - zero))
    inner = [step * (k - zero) for k in range(1, width)]
    return [min(low, -step * zero), *inner, max(high, step * (width - zero))], zero


def _masses(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """Share of anchors in each column; a run of equal quantiles falls into a single one."""
    masses = [0.0] * (len(edges) - 1)
    for (left, right), (below, upto) in zip(pairwise(values), pairwise(SHARES), strict=True):
        if left == right:
            masses[_column(left, edges)] += upto - below
            continue
        for column in range(_column(left, edges), _column(right, edges) + 1):
            overlap = min(edges[column + 1], right) - max(edges[column], left)
            masses[column] += max(0.0, overlap) / (right - left) * (upto - below)
    return masses


def _column(value: float, edges: Sequence[float]) -> int:
    return min(bisect_right(edges, value) - 1, len(edges) - 2)


def _block(eighths: int, steps: int) -> str:
    eighths = min(max(eighths, 0), steps)
    return _EIGHTHS[eighths * (len(_EIGHTHS) - 1) // steps]


def _ticks(values: Sequence[float], edges: Sequence[float], zero: int | None) -> str:
    """0 and the quantiles' names under the axis, the more telling ones first where it is tight."""
    width = len(edges) - 1
    line = [" "] * width
    names = dict(zip(values, (f"p{share}" for share in SHARES), strict=True))
    wanted = [] if zero is None else [("0", zero)]
    for index in (0, 6, 3, 2, 4, 1, 5):
        column = _column(values[index], edges)
        wanted.append((names[values[index]], column))
    for name, column in wanted:
        start = min(column, width - len(name))
        if not "".join(line[max(0, start - 1) : start + len(name) + 1]).strip():
            line[start : start + len(name)] = name
    return "".join(line).rstrip()


def _note(low: float, high: float) -> str:
    if low > 0:
        return "The whole chart lies above 0: at least 99% of the anchors violate."
    if high <= 0:
        return "The whole chart lies at or below 0: at most about 1% of the anchors violate."
    return "An anchor violates where its gap is above 0, right of the mark."

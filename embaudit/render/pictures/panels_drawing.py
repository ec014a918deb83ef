"""Small multiples: one measure over a series, drawn as all the others are."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from embaudit.render.pictures.extreme_scales import yardstick
from embaudit.render.pictures.inline_svg import (
    ACCENT,
    BAD,
    GOOD,
    WARN,
    drawing,
    logarithmic,
    svg_of,
)
from embaudit.render.safe_text import count, cut
from embaudit.render.words.curves import Curve
from embaudit.report import STATES, State, Unit

SIZE = 3.2, 2.1  # inches
PLACES = 120  # drawn at most
MARKED = 40  # with a mark each at most
LABELS = 10  # names along the axis
SHORT = 3  # characters of a name that lies flat
STEEP = 30  # from the least to the most: beyond it, a logarithmic scale
HUGE = 1e300
COLOURS: dict[State, str] = {"none": GOOD, "warning": WARN, "collapsed": BAD}


@dataclass(frozen=True)
class PanelSeries:
    """What all panels share: names of the places, their collapse states, the best, those drawn."""

    names: tuple[str, ...]
    states: tuple[State, ...]
    best: int | None
    shown: Sequence[int]


def panel_svg(curve: Curve, series: PanelSeries) -> str:
    """The values with their intervals; collapse behind them, the best place marked."""
    low, high = min(curve.known), max(curve.known)
    first, last, least, most = curve.ends
    steep = low > 0 and high / STEEP > low and curve.unit != "fraction"
    yard = 1.0 if steep else yardstick(map(_finite, curve.known))
    with drawing(*SIZE) as axes:
        for start, stop, state in _spells(series):
            if state != "none":
                axes.axvspan(start, stop, color=COLOURS[state], alpha=0.13, linewidth=0)
        for at, state in _turns(series):
            axes.axvline(at, color=COLOURS[state], linewidth=1, linestyle="--")
        _draw(axes, curve, series, yard)
        if steep:
            axes.set_yscale("log")
            logarithmic(axes.yaxis)
        elif curve.unit == "state":
            axes.set_yticks(range(len(STATES)), STATES)
        elif low == high:
            axes.set_yticks((_finite(low) / yard,), (_tick(low, curve.unit),))
        else:
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.yaxis.set_major_formatter(lambda at, _: _tick(at * yard, curve.unit))
        named = _named(series.shown)
        names = [cut(series.names[place]) for place in named]
        axes.set_xticks(named, names)
        if max(map(len, names)) > SHORT:
            axes.tick_params(axis="x", labelrotation=35)
            for text in axes.get_xticklabels():
                text.set(ha="right", rotation_mode="anchor")
        beside = max(0.5, len(series.names) / 40)  # so that a mark at an end is whole
        axes.set_xlim(-beside, len(series.names) - 1 + beside)
        axes.grid(axis="y", alpha=0.4)
        return svg_of(
            axes,
            f"panel-{curve.id}",
            f"{curve.title} at {count(len(curve.values), 'place')}: first {first}, last {last}, "
            f"least {least}, most {most}.",
        )


def _draw(axes: Axes, curve: Curve, series: PanelSeries, yard: float) -> None:
    """The line, the band, and what has no upper end; yard: what values are divided by."""
    places = np.array(series.shown)
    value, lower, upper = (
        np.array([_finite(some[k]) / yard for k in series.shown])
        for some in (curve.values, curve.lower, curve.upper)
    )
    low, high = np.fmin(lower, value), np.fmax(upper, value)
    axes.fill_between(places, low, high, color=ACCENT, alpha=0.22, linewidth=0)
    few = len(places) <= MARKED
    axes.plot(places, value, "o-" if few else "-", color=ACCENT, linewidth=1.2, markersize=3)
    if few:
        axes.vlines(places, low, high, color=ACCENT, linewidth=1, alpha=0.6)
    unbounded = np.flatnonzero(np.isnan(upper) & ~np.isnan(lower))[:: 1 if few else 4]
    axes.plot(places[unbounded], value[unbounded], "^", color=ACCENT, markersize=5)
    best = series.best
    if best is not None:
        axes.axvline(best, color=GOOD, linewidth=1, linestyle=":")
        axes.plot(best, _finite(curve.values[best]) / yard, "*", color=GOOD, markersize=9)


def _spells(series: PanelSeries) -> Iterator[tuple[float, float, State]]:
    """Places in a row of one state: from where, to where."""
    shown = list(series.shown)
    edges = [-0.5, *((a + b) / 2 for a, b in pairwise(shown))]
    edges.append(len(series.names) - 0.5)
    for state, some in groupby(range(len(shown)), lambda k: series.states[shown[k]]):
        own = list(some)
        yield edges[own[0]], edges[own[-1] + 1], state


def _turns(series: PanelSeries) -> Iterator[tuple[float, State]]:
    """Where the state changes, with the worse of both."""
    spells = list(_spells(series))
    for (_, at, before), (_, _, after) in pairwise(spells):
        yield at, max(before, after, key=STATES.index)


def _named(shown: Sequence[int]) -> list[int]:
    """Places whose name stands at the axis: the first, the last, and some between."""
    step = max(1, math.ceil((len(shown) - 1) / (LABELS - 1)))
    return [*shown[:-step:step], shown[-1]] if len(shown) > 1 else list(shown)


def _finite(value: float | None) -> float:
    return math.nan if value is None else min(max(value, -HUGE), HUGE)


def _tick(value: float, unit: Unit) -> str:
    return f"{100 * value:.4g}%" if unit == "fraction" else f"{value:.4g}"

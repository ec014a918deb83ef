"""What moved between two reports, measure by measure, in one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from embaudit.measures.measure import Measure
from embaudit.render.pictures.captioned_drawing import ROWS, WIDE, Picture, listed_height
from embaudit.render.pictures.inline_svg import BAD, GOOD, INK, MUTED, drawing, svg_of
from embaudit.render.safe_text import count
from embaudit.render.words.change_tables import ORDER, own
from embaudit.report.changes_model import Change, Compared, Direction

LOOKS: dict[Direction, tuple[str, str]] = {  # colour and mark: colour only reinforces
    "worse": (BAD, "s"),
    "better": (GOOD, "o"),
    "unknown": (MUTED, "D"),
}
FAR = 1.0  # of what it was: beyond it, the scale is logarithmic
NEAR = 0.1  # linear up to here
HUGE = 1e12


@dataclass(frozen=True)
class _Moved:
    """A change in shares of what the measure was."""

    id: str
    direction: Direction
    value: float
    lower: float | None
    upper: float | None
    tested: tuple[float, float] | None


def changes_picture(compared: Compared, measures: Sequence[Measure], id: str) -> Picture | None:
    """A line for each measure that has a better side and moved: its change with its interval."""
    directed = [
        (measure, change)
        for measure in measures
        if measure.better != "none"
        and (change := compared.changes.get(measure.id)) is not None
        and change.direction != "same"
        and change.value is not None
    ]
    known = [one for measure, change in directed if (one := _moved(measure, change))]
    known.sort(key=lambda one: (one.tested is None, ORDER.index(one.direction)))  # stable
    shown = known[:ROWS]
    if not shown:
        return None
    with drawing(WIDE, listed_height(len(shown))) as axes:
        axes.axvline(0, color=INK, linewidth=1)
        if max(abs(one.value) for one in shown) > FAR:
            axes.set_xscale("symlog", linthresh=NEAR)
        for line, one in enumerate(shown):
            colour, mark = LOOKS[one.direction]
            axes.hlines(line, *_between(one), color=colour, linewidth=1.5)
            if one.tested:
                axes.hlines(line, *one.tested, color=colour, linewidth=5, alpha=0.35)
            axes.plot(one.value, line, mark, color=colour, markersize=5, zorder=3)
        _open_ends(axes, shown)
        axes.set_yticks(range(len(shown)), [one.id for one in shown])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+g}%" if value else "0")
        axes.set_xlabel("change, of what it was")
        axes.grid(axis="x", alpha=0.4)
        axes.tick_params(axis="y", length=0)
        svg = svg_of(axes, id, f"Changes of {count(len(shown), 'measure')}.")
    more = len(directed) - len(shown)
    left = f" {more} more are in the table only." if more else ""
    return Picture(
        id,
        "Changes with their intervals",
        svg,
        "In per cent of what the measure was, lengths in RMS pair distances. A square got worse, a "
        "circle better; of a diamond the interval holds 0, or is not known. The thin line is the "
        f"interval, a thick one that of a paired test.{left}",
    )


def _moved(measure: Measure, change: Change) -> _Moved | None:
    """None where there is no share of what it was: it was 0."""
    moved, test = own(change), change.test
    if not moved.then or moved.value is None or measure.unit == "state":
        return None
    size = abs(moved.then)
    return _Moved(
        measure.id,
        change.direction,
        _share(moved.value, size),
        None if moved.lower is None else _share(moved.lower, size),
        None if moved.upper is None else _share(moved.upper, size),
        None if test is None else (_share(test.lower, size), _share(test.upper, size)),
    )


def _share(value: float, size: float) -> float:
    return min(max(value / size, -HUGE), HUGE)


def _between(one: _Moved) -> tuple[float, float]:
    """The interval, as far as it is bounded."""
    return (
        one.value if one.lower is None else one.lower,
        one.value if one.upper is None else one.upper,
    )


def _open_ends(axes: Axes, shown: Sequence[_Moved]) -> None:
    """Arrows to the edges, where nothing bounds a change."""
    edges = axes.get_xlim()
    axes.set_xlim(edges)
    for line, one in enumerate(shown):
        for end, edge, mark in zip((one.lower, one.upper), edges, "<>", strict=True):
            if end is None:
                colour = LOOKS[one.direction][0]
                axes.hlines(line, one.value, edge, color=colour, linewidth=1.5)
                axes.plot(edge, line, mark, color=colour, markersize=5, clip_on=False)

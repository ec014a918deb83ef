"""A panel for each measure of a series, with the figures at its ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embaudit.measures.measure import Measure
from embaudit.render.explain_page import BETTER
from embaudit.render.pictures.panels_drawing import PanelSeries, panel_svg
from embaudit.render.words.curves import RELATIVE, Curve, Place, number_at
from embaudit.render.words.rich_text import Sentence


@dataclass(frozen=True)
class Panel:
    """One small picture of many."""

    id: str
    title: str
    better: str
    svg: str
    ends: tuple[tuple[str, Sentence], ...]


def panels_of(
    curves: Sequence[Curve], measures: Sequence[Measure], series: PanelSeries, place: Place
) -> list[Panel]:
    """A panel a curve, in their order."""
    specs = {measure.id: measure for measure in measures}
    return [
        Panel(
            curve.id,
            specs[curve.id].title + (" / rms" if curve.id in RELATIVE else ""),
            "" if specs[curve.id].better == "none" else BETTER[specs[curve.id].better],
            panel_svg(curve, series),
            tuple(_ends(curve, place)),
        )
        for curve in curves
    ]


def _ends(curve: Curve, place: Place) -> Iterator[tuple[str, Sentence]]:
    known = [(value, k) for k, value in enumerate(curve.values) if value is not None]
    places = ("first", 0), ("last", -1), ("least", min(known)[1]), ("most", max(known)[1])
    for word, k in places:
        yield word, number_at(curve, k % len(curve.values), place)

"""A series as a page: what happened, a small picture a measure, and a row a checkpoint."""

from collections.abc import Sequence

from embaudit.measures.measure import Measure
from embaudit.render.html.series_panels import panels_of
from embaudit.render.html.templating import explained, gravest, page, plain, warned
from embaudit.render.pictures.panels_drawing import PLACES, PanelSeries
from embaudit.render.safe_text import inert
from embaudit.render.words.checkpoint_rows import shown_rows
from embaudit.render.words.curves import curves
from embaudit.render.words.input_line import trend_inputs_line
from embaudit.render.words.series_tables import checkpoints_table, events_table, place_of
from embaudit.render.words.trend_words import findings, next_steps
from embaudit.report.trend_document import Trend


def trend_page(trend: Trend, measures: Sequence[Measure]) -> str:
    """One self-contained page; its size does not grow with the number of checkpoints."""
    specs = {measure.id: measure for measure in measures}
    found = [one for one in curves(trend) if one.id in specs]
    drawn, left = shown_rows(trend, PLACES)
    told = list(findings(trend))
    events = events_table(trend)
    return page(
        "trend.html",
        version=inert(trend.tool.version),
        verdict=gravest(told),
        inputs=plain(trend_inputs_line(trend)),
        findings=told,
        steps=next_steps(trend),
        warnings=warned(trend.warnings),
        panels=panels_of(found, measures, _series(trend, drawn), place_of),
        best=trend.best is not None,
        left=left,
        events=events,
        checkpoints=checkpoints_table(trend, found),
        explained=explained([specs[one.id] for one in found]),
        run=inert(trend.run_id),
        sections=[
            ("verdict", "Verdict"),
            *([("series", "Over the series")] if found else []),
            *([("events", "Events")] if events else []),
            ("checkpoints", "Checkpoints"),
            *([("explained", "What the numbers mean")] if found else []),
        ],
    )


def _series(trend: Trend, drawn: Sequence[int]) -> PanelSeries:
    names = tuple(one.name for one in trend.checkpoints)
    states = tuple(one.collapse.state for one in trend.checkpoints)
    return PanelSeries(
        names, states, None if trend.best is None else names.index(trend.best), drawn
    )

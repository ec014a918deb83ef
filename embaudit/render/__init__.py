"""From a report to something to read: a terminal, Markdown, a page, what CI shows, the manual.

It knows reports and words, and no data: whatever it shows stands in the report. Every text that
comes from data is made harmless here.
"""

from embaudit.render.comparison import comparison_markdown, render_comparison
from embaudit.render.console import console_for
from embaudit.render.cost import render_cost
from embaudit.render.explain import measures_table, render_explanations, render_list
from embaudit.render.forecast import forecast_markdown, render_forecast
from embaudit.render.github import render_github
from embaudit.render.inspection import render_inspection
from embaudit.render.junit import render_junit
from embaudit.render.manual import manual_json, render_manual_list, render_manual_page
from embaudit.render.markdown import render_markdown
from embaudit.render.mining import mining_markdown, render_mining
from embaudit.render.presets import preset_json, presets_markdown, render_preset
from embaudit.render.progress import Progress
from embaudit.render.projection import projection_markdown, render_projection
from embaudit.render.reference import reference_json, reference_markdown
from embaudit.render.terminal import render_gate, render_terminal
from embaudit.render.text import inert
from embaudit.render.trend import render_trend, trend_markdown

__all__ = [
    "Progress",
    "comparison_markdown",
    "console_for",
    "forecast_markdown",
    "inert",
    "manual_json",
    "measures_table",
    "mining_markdown",
    "preset_json",
    "presets_markdown",
    "projection_markdown",
    "reference_json",
    "reference_markdown",
    "render_comparison",
    "render_cost",
    "render_explanations",
    "render_forecast",
    "render_gate",
    "render_github",
    "render_inspection",
    "render_junit",
    "render_list",
    "render_manual_list",
    "render_manual_page",
    "render_markdown",
    "render_mining",
    "render_preset",
    "render_projection",
    "render_terminal",
    "render_trend",
    "trend_markdown",
]

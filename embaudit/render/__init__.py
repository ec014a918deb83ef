"""From a report to something to read: a terminal, Markdown, a page, what CI shows, the manual.

It knows reports and words, and no data: whatever it shows stands in the report. Every text that
comes from data is made harmless here.
"""

from embaudit.render.ci.github import render_github
from embaudit.render.ci.junit import render_junit
from embaudit.render.explain import measures_table, render_explanations, render_list
from embaudit.render.gate_presets import preset_json, presets_markdown, render_preset
from embaudit.render.manual import manual_json, render_manual_list, render_manual_page
from embaudit.render.markdown.audit_in_markdown import render_markdown
from embaudit.render.reference_pages import reference_json, reference_markdown
from embaudit.render.terminal.audit_text import render_gate, render_terminal
from embaudit.render.terminal.console import console_for
from embaudit.render.terminal.progress_bar import Progress
from embaudit.render.terminal.trend_text import render_trend, trend_markdown
from embaudit.render.text import inert
from embaudit.render.words.comparison_words import comparison_markdown, render_comparison
from embaudit.render.words.cost_words import render_cost
from embaudit.render.words.forecast_words import forecast_markdown, render_forecast
from embaudit.render.words.inspection_words import render_inspection
from embaudit.render.words.mining_words import mining_markdown, render_mining
from embaudit.render.words.projection_words import projection_markdown, render_projection

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

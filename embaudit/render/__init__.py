"""From a report to something to read: a terminal, Markdown, a page, the manual.

    words/        what every document says, once, as blocks
    terminal/, markdown/, html/     media of people, each of which knows how to show them
    pictures/     what is drawn on a page
    explain_page, manual, reference_pages, gate_presets     what a number, a finding or a rule means

It knows reports and words, and no data: whatever it shows stands in the report. Every text that
comes from data is made harmless here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embaudit.render.explain_page import measures_table, render_explanations, render_list
    from embaudit.render.gate_presets import preset_json, presets_markdown, render_preset
    from embaudit.render.manual import manual_json, render_manual_list, render_manual_page
    from embaudit.render.markdown.markdown_document import document_markdown
    from embaudit.render.reference_pages import reference_json, reference_markdown
    from embaudit.render.safe_text import inert
    from embaudit.render.terminal.console import console_for
    from embaudit.render.terminal.progress_bar import Progress
    from embaudit.render.terminal.terminal_document import (
        show_document,
        show_first_fitting,
        show_paged,
    )
    from embaudit.render.words.audit_summary import first_screens, gate_screen
    from embaudit.render.words.audit_words import audit_document
    from embaudit.render.words.collapse_forecast_words import forecast_document
    from embaudit.render.words.comparison_words import comparison_document
    from embaudit.render.words.cost_words import cost_document
    from embaudit.render.words.doctor_words import checkup_document
    from embaudit.render.words.gate_words import failures
    from embaudit.render.words.inspection_words import inspection_document
    from embaudit.render.words.mining_words import mining_document
    from embaudit.render.words.projection_words import projection_document
    from embaudit.render.words.trend_words import trend_document

_HOMES = {
    "Progress": "terminal.progress_bar",
    "audit_document": "words.audit_words",
    "checkup_document": "words.doctor_words",
    "comparison_document": "words.comparison_words",
    "console_for": "terminal.console",
    "cost_document": "words.cost_words",
    "document_markdown": "markdown.markdown_document",
    "failures": "words.gate_words",
    "first_screens": "words.audit_summary",
    "forecast_document": "words.collapse_forecast_words",
    "gate_screen": "words.audit_summary",
    "inert": "safe_text",
    "inspection_document": "words.inspection_words",
    "manual_json": "manual",
    "measures_table": "explain_page",
    "mining_document": "words.mining_words",
    "preset_json": "gate_presets",
    "presets_markdown": "gate_presets",
    "projection_document": "words.projection_words",
    "reference_json": "reference_pages",
    "reference_markdown": "reference_pages",
    "render_explanations": "explain_page",
    "render_list": "explain_page",
    "render_manual_list": "manual",
    "render_manual_page": "manual",
    "render_preset": "gate_presets",
    "show_document": "terminal.terminal_document",
    "show_first_fitting": "terminal.terminal_document",
    "show_paged": "terminal.terminal_document",
    "trend_document": "words.trend_words",
}
__all__ = [
    "Progress",
    "audit_document",
    "checkup_document",
    "comparison_document",
    "console_for",
    "cost_document",
    "document_markdown",
    "failures",
    "first_screens",
    "forecast_document",
    "gate_screen",
    "inert",
    "inspection_document",
    "manual_json",
    "measures_table",
    "mining_document",
    "preset_json",
    "presets_markdown",
    "projection_document",
    "reference_json",
    "reference_markdown",
    "render_explanations",
    "render_list",
    "render_manual_list",
    "render_manual_page",
    "render_preset",
    "show_document",
    "show_first_fitting",
    "show_paged",
    "trend_document",
]


def __getattr__(name: str) -> Any:
    """Import on first use: an audit on a terminal needs no manual."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

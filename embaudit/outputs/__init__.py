"""Where results go: files by suffix, all or nothing each, and standard output.

    media/         one medium a file and a row of MEDIA: JSON, Markdown, pages, tables, ...
    writers        a verb's media: checked before anything is read, written in the end
    overwriting    no output replaces an input
    output_options kept columns and pictures, which only some media show
    stdout         to people, programs and logs

The room knows results by their verbs; it imports nothing heavy until something is written. A medium
is added in `media/`, as its overview says.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions
from embaudit.outputs.output_options import check_assets, kept_columns
from embaudit.outputs.stdout import show_cost, show_json, to_stdout
from embaudit.outputs.writers import Writers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embaudit.docs import ManualPage
    from embaudit.measures.measure import Measure
    from embaudit.report import GatePreset
    from embaudit.report.comparison_document import Comparison
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.glossary_term import Topic
    from embaudit.report.mining_document import Form
    from embaudit.report.trend_document import Trend
    from embaudit.verbs.audit import Audited
    from embaudit.verbs.mine import Mined
    from embaudit.verbs.project import Projected

__all__ = [
    "Writers",
    "check_assets",
    "comparison_writers",
    "forecast_writers",
    "kept_columns",
    "manual_writers",
    "mining_writers",
    "preset_writers",
    "projection_writers",
    "reference_writers",
    "report_writers",
    "show_cost",
    "show_json",
    "to_stdout",
    "trend_writers",
]


def report_writers(
    quiet: bool = False, full: bool = False, assets: Path | None = None
) -> Writers["Audited"]:
    """How an audit is written, a row an anchor too; quiet: only what a gate or a warning says.

    full: all of the text, not only its first screen; assets: the directory below which a page may
    show pictures that kept columns name.
    """
    return Writers("audit", OutputOptions(quiet, full, assets))


def trend_writers(quiet: bool = False, full: bool = False) -> Writers["Trend"]:
    """How a series of checkpoints is written; quiet: no text."""
    return Writers("trend", OutputOptions(quiet, full))


def forecast_writers(quiet: bool = False, full: bool = False) -> Writers["Sweep"]:
    """How a forecast is written; quiet: no text."""
    return Writers("forecast", OutputOptions(quiet, full))


def projection_writers(quiet: bool = False, full: bool = False) -> Writers["Projected"]:
    """How a projection is written, f* itself too; quiet: no text."""
    return Writers("project", OutputOptions(quiet, full))


def mining_writers(
    quiet: bool = False,
    full: bool = False,
    form: "Form" = "triplets",
    text_column: str | None = None,
) -> Writers["Mined"]:
    """How mined triplets are written, as a table in this form or as a summary; quiet: no text."""
    return Writers("mine", OutputOptions(quiet, full, form=form, text_column=text_column))


def comparison_writers(quiet: bool = False, full: bool = False) -> Writers["Comparison"]:
    """How a comparison is written; quiet: no text."""
    return Writers("compare", OutputOptions(quiet, full))


def reference_writers() -> Writers["Sequence[Measure | Topic]"]:
    """How measures and findings are explained; all of them with the presets of the gate."""
    return Writers("explain")


def preset_writers() -> Writers["GatePreset"]:
    """How a preset of the gate is explained."""
    return Writers("preset")


def manual_writers() -> Writers["ManualPage"]:
    """How a page of the manual is explained."""
    return Writers("manual")

"""How Python shows results: each is given to the words and media that the command line has."""

import html
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from embaudit.core.location import AnyPath
from embaudit.core.package_extras import install_line
from embaudit.errors import OutputFailed

if TYPE_CHECKING:
    from embaudit.render.notebook_cards import Card
    from embaudit.render.words.block_document import BlockDocument


class Views:
    """The viewer of all results (`report.display_mixins`); what shows them is imported late."""

    def lines(self, result: Any) -> str:
        """A few lines of text."""
        return _card(result).text

    def card(self, result: Any) -> str:
        """HTML for a notebook; without Jinja2 the lines as they are."""
        from embaudit.report import Report

        if find_spec("jinja2") is None:
            return f"<pre>{html.escape(self.lines(result))}</pre>"
        from embaudit.render.html.figure_tiles import tiles
        from embaudit.render.notebook_cards import card_html

        if not isinstance(result, Report):
            return card_html(_card(result))
        found = result.diagnosis
        return card_html(_card(result), tiles(result, found is None or found.labels_tell))

    def screen(self, result: Any) -> None:
        """Print what a terminal shows first."""
        from embaudit.render import console_for, first_screens, show_document, show_first_fitting
        from embaudit.report import Report

        console = console_for(sys.stdout)
        if isinstance(result, Report):
            show_first_fitting(first_screens(result), console)
        else:
            show_document(_document(result)[1], console, full=False)

    def page(self, result: Any, path: AnyPath) -> None:
        """Write a page in HTML."""
        from embaudit.files import write_atomically
        from embaudit.measures import MEASURES

        missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
        if missing:
            raise OutputFailed(
                f"{path}: a page needs {' and '.join(missing)}.",
                install_line("report"),
            )
        from embaudit.render.html import audit_page, comparison_page, trend_page

        pages: dict[str, Callable[..., str]] = {
            "Report": audit_page,
            "Trend": trend_page,
            "Comparison": comparison_page,
        }
        write_atomically(path, pages[type(result).__name__](result, MEASURES).encode())

    def table(self, columns: Mapping[str, Any], run_id: str = "") -> Any:
        """Columns as a table of Arrow; its metadata say of which audit."""
        from embaudit.baseline import RUN_ID
        from embaudit.files import arrow_table

        return arrow_table(columns, {RUN_ID: run_id} if run_id else None)

    def polars(self, columns: Mapping[str, Any]) -> Any:
        """Columns as a frame of polars, which is imported only here."""
        return import_module("polars").from_arrow(self.table(columns))


def _card(result: Any) -> "Card":
    from embaudit.measures import MEASURES
    from embaudit.render.notebook_cards import audit_card, document_card
    from embaudit.report import Report

    if isinstance(result, Report):
        return audit_card(result, MEASURES)
    return document_card(*_document(result))


def _document(result: Any) -> tuple[str, "BlockDocument"]:
    """What it is called, and what is said of it."""
    from embaudit.measures import MEASURES
    from embaudit.render import (
        comparison_document,
        forecast_document,
        inspection_document,
        mining_document,
        projection_document,
        trend_document,
    )

    told = getattr(result, "told", result)  # of arrays with a document beside them
    documents: dict[str, tuple[str, Callable[[Any], BlockDocument]]] = {
        "Sweep": ("forecast", forecast_document),
        "Mining": ("mining", mining_document),
        "Projection": ("projection", projection_document),
        "Trend": ("trend", trend_document),
        "Inspection": ("inspection", inspection_document),
        "Comparison": ("comparison", lambda found: comparison_document(found, MEASURES)),
    }
    noun, write = documents[type(told).__name__]
    return noun, write(told)

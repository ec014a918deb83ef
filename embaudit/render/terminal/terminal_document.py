"""A document on a console: how each block looks there."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from embaudit.render.terminal.figure_rows import gaps, key_figures, readings, rules
from embaudit.render.terminal.meters import meters
from embaudit.render.terminal.page import MARKS, Page
from embaudit.render.terminal.series_blocks import curves, ranked_table
from embaudit.render.words.block_document import BlockDocument
from embaudit.render.words.block_types import (
    Answers,
    Facts,
    Heading,
    Hint,
    Listing,
    Messages,
    Note,
    Paragraph,
    SourceBlock,
    Steps,
    TableBlock,
)
from embaudit.render.words.figure_blocks import (
    CurvesBlock,
    GapsBlock,
    KeyFigures,
    Meters,
    RankedTable,
    ReadingsBlock,
    RulesBlock,
)

LINES = 24  # of a screen, from the days when all had as many; a taller one is not filled


def show_document(document: BlockDocument, console: Console, full: bool = True) -> None:
    """Print a document; the console comes from `console_for`. full: with all details."""
    page = Page(console, full)
    if document.subject:
        page.line(f"embaudit {document.version}  {page.words(document.subject)}", "dim")
    elif document.run:
        run = document.run if isinstance(document.run, str) else document.run.text
        page.opening(document.version, run)
    for block in document.seen("terminal", full):
        SHOWN[type(block)](block, page)


def show_first_fitting(documents: Sequence[BlockDocument], console: Console) -> None:
    """Print the first of some documents that a screen holds, else the last."""
    for document in documents:
        with console.capture() as shown:
            show_document(replace(document, closing=()), console, full=False)
        if shown.get().count("\n") <= LINES:
            break
    show_document(document, console, full=False)


def show_paged(document: BlockDocument, console: Console) -> None:
    """Print a document, through a pager where it is longer than the screen of a terminal."""
    with console.capture() as shown:
        show_document(document, console)
    text = shown.get()
    if console.is_terminal and console.file.isatty() and text.count("\n") >= console.size.height:
        from pydoc import pager  # of $PAGER, else what there is; slow to import

        os.environ.setdefault("LESS", "-R")  # colours as they are
        pager(text)
    else:
        console.file.write(text)


def _heading(block: Heading, page: Page) -> None:
    if page.begun:
        page.line()
    colour = "" if block.mark is None else MARKS[block.mark][1]
    page.line(page.words(block.text), f"bold {colour}".rstrip())


def _paragraph(block: Paragraph, page: Page) -> None:
    page.line()
    page.line(page.words(block.text), "dim" if block.quiet else "", 2)


def _note(block: Note, page: Page) -> None:
    page.line(page.words(block.text), "dim", 2)


def _hint(block: Hint, page: Page) -> None:
    if not page.full:
        page.line()
        page.line(block.text, "dim")


def _listing(block: Listing, page: Page) -> None:
    page.line(page.words(block.head), indent=2)
    if block.rows:
        page.cells(block.rows, 4)
    if block.note:
        page.line(page.words(block.note), "dim", 4)


def _messages(block: Messages, page: Page) -> None:
    if block.messages:
        page.heading(block.title)
        page.warnings(block.messages, 2000)


def _answers(block: Answers, page: Page) -> None:
    page.line()
    page.findings(block.answers, brief=block.brief and not page.full)


def _steps(block: Steps, page: Page) -> None:
    if block.steps:
        page.steps(block.steps)


def _facts(block: Facts, page: Page) -> None:
    if block.title:
        page.heading(block.title)
    page.facts(block.facts)


def _table(block: TableBlock, page: Page) -> None:
    if block.rows:
        page.table(block)


def _source(block: SourceBlock, page: Page) -> None:
    page.source(block)


SHOWN: dict[type, Callable[[Any, Page], None]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Note: _note,
    Hint: _hint,
    Listing: _listing,
    Messages: _messages,
    Answers: _answers,
    Steps: _steps,
    Facts: _facts,
    TableBlock: _table,
    Meters: meters,
    RankedTable: ranked_table,
    CurvesBlock: curves,
    KeyFigures: key_figures,
    ReadingsBlock: readings,
    GapsBlock: gaps,
    RulesBlock: rules,
    SourceBlock: _source,
}

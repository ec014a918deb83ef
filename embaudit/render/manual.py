"""A page of the manual, from its Markdown to a terminal."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Heading, Markdown, TableElement
from rich.table import Table
from rich.text import Text

from embaudit.docs import ManualPage
from embaudit.render.safe_text import spell
from embaudit.render.terminal.page import Page

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_CODE = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_PAGE = re.compile(r"(\w+)\.md(?:#[\w-]*)?")


class _Title(Heading):
    """A bold line at the left, whatever its level."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        self.text.stylize("bold")
        yield self.text


class _Table(TableElement):
    """A table whose long words are broken, not cut."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class _Prose(Markdown):
    elements = Markdown.elements | {"heading_open": _Title, "table_open": _Table}


def render_manual_page(page: ManualPage, names: Sequence[str], console: Console) -> None:
    """Print a page, where a link to another of these pages is the command that prints it."""
    paper = Page(console)
    text = _COMMENT.sub("", page.text)
    if paper.ascii_only:
        text = spell(text)
    paper.put(_rows(text, names, paper))


def _rows(text: str, names: Sequence[str], paper: Page) -> Iterator[Text]:
    """The lines of prose, wrapped, and those of code, which are there to be pasted, as they are."""
    parts = [(number % 2, part) for number, part in enumerate(_CODE.split(text)) if part.strip()]
    for number, (is_code, part) in enumerate(parts):
        if number:
            yield Text()
        if is_code:
            yield from (Text(f"  {line}".rstrip(), "bold") for line in part.splitlines())
        else:
            words = _LINK.sub(lambda link: _in_words(link, names), part)
            yield from _spaced(paper.rows(_Prose(words, hyperlinks=False)))


def _spaced(rows: Iterable[Text]) -> Iterator[Text]:
    """The lines without an empty one at an end or after another."""
    begun = gap = False
    for row in rows:
        if row.plain:
            if begun and gap:
                yield Text()
            yield row
            begun = True
        gap = not row.plain


def _in_words(link: re.Match[str], names: Sequence[str]) -> str:
    words, target = link[1], link[2]
    found = _PAGE.fullmatch(target)
    if found and found[1] in names:
        command = f"`embaudit explain {found[1]}`"
        return command if words == found[1] else f"{words} ({command})"
    return f"{words} ({target})" if "://" in target else words


def render_manual_list(pages: Sequence[ManualPage], console: Console) -> None:
    """Print the pages, one a line."""
    paper = Page(console)
    paper.line("Pages", "bold")
    grid = paper.grid(2, first=max(cell_len(page.name) for page in pages))
    for page in pages:
        grid.add_row(paper.pen(page.name), paper.pen(page.title))
    paper.emit(grid, 2)
    paper.line()


def manual_json(page: ManualPage) -> str:
    """The page as data."""
    return json.dumps({page.name: {"title": page.title, "markdown": page.text}}, indent=2) + "\n"

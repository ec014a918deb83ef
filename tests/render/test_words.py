"""Words apart from media: a document is blocks, and every medium shows every block."""

import ast
import io
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import get_args

import pytest

from embaudit import render
from embaudit.data import Notice
from embaudit.render import console_for, document_markdown, show_document
from embaudit.render.markdown import markdown_document
from embaudit.render.terminal import terminal_document
from embaudit.render.words import block_types, figure_blocks
from embaudit.render.words.block_document import Block, BlockDocument, Detail, Only, only
from embaudit.render.words.block_types import (
    Facts,
    Heading,
    Listing,
    Note,
    Paragraph,
    SourceBlock,
    TableBlock,
    TableColumn,
)
from embaudit.render.words.figure_blocks import RankedColumn, RankedTable
from embaudit.render.words.rich_text import Data, FilePath, Label, Link, Name, Number, Sentence
from tests.render import samples
from tests.render.test_safe_text import assert_inert

ROOM = Path(render.__file__).parent
MEDIA = ("terminal", "markdown", "html", "ci", "pictures")
BLOCKS = set(get_args(Block)) - {Only, Detail}


def imports(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text()))
    return {node.module or "" for node in found if isinstance(node, ast.ImportFrom)}


def on_console(document: BlockDocument, width: int = 80) -> str:
    stream = io.StringIO()
    show_document(document, console_for(stream, width=width, color=False, environ={}))
    return stream.getvalue()


@pytest.mark.parametrize("medium", [terminal_document, markdown_document])
def test_a_medium_shows_every_block(medium):
    assert set(medium.SHOWN) == BLOCKS


@pytest.mark.parametrize("file", sorted((ROOM / "words").glob("*.py")), ids=lambda one: one.stem)
def test_words_know_no_medium(file):
    for name in imports(file):
        assert not name.startswith(tuple(f"embaudit.render.{one}" for one in MEDIA)), name
        assert not name.startswith("rich"), name


@pytest.mark.parametrize(
    "file", [Path(terminal_document.__file__), Path(markdown_document.__file__)]
)
def test_what_shows_blocks_knows_no_document(file):
    assert not [name for name in imports(file) if name.endswith("_words")]


def every_part(text: str) -> tuple[Sentence, ...]:
    return (
        Label(text),
        FilePath(text),
        FilePath(text, None),
        Name(text),
        Data(text),
        Data(text, None),
        ("ours ", Label(text), " and ", Name(text)),
    )


def every_block(text: str) -> tuple[Block, ...]:
    parts = every_part(text)
    names = (Name(text),)
    return (
        *(Heading(one) for one in parts),
        *(Paragraph(one) for one in parts),
        *(Note(one) for one in parts),
        Listing(parts[3], (parts,)),
        Facts(tuple(("name", one) for one in parts), "Facts"),
        TableBlock("Table", tuple(TableColumn("a") for _ in parts), (parts,), parts[-1]),
        RankedTable("Ranked", "name", names, (RankedColumn("b", "right", ("1",)),)),
        SourceBlock("Read", "Read from ", (parts[1],), [Notice("code", text)]),
    )


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_a_text_from_data_is_harmless_wherever_it_stands(text):
    document = BlockDocument("Title", "0.1", "run", every_block(text))
    for line in on_console(document).splitlines():
        assert_inert(line)
    shown = document_markdown(document)
    for line in shown.splitlines():
        assert_inert(line)
    bare = re.sub(r"`[^`\n]+`", "", shown)  # in a span of code nothing is markup
    assert not re.search(r"<\w|(?<!\\)\]\(|(?<!\\)\*\*\w|@all", bare.replace("**name**", ""))


def test_a_block_of_one_medium_is_not_seen_in_another():
    told = (only("terminal", Paragraph("Here")), only("markdown", Paragraph("There")))
    document = BlockDocument("Title", "0.1", "run", told)
    assert ("Here" in on_console(document), "There" in on_console(document)) == (True, False)
    shown = document_markdown(document)
    assert ("Here" in shown, "There" in shown) == (False, True)
    assert document.seen("html") == []


def test_a_narrow_page_leaves_out_columns_that_want_room():
    columns = TableColumn("always"), TableColumn("with room", roomy=True)
    page = TableColumn("on a page", media=("html",))
    table = TableBlock("Table", (*columns, page), (("1", "2", "3"),))
    document = BlockDocument("Title", "0.1", "run", (table,))
    assert "with room" in on_console(document, 80)
    assert "with room" not in on_console(document, 60)
    assert "on a page" not in on_console(document, 80) + document_markdown(document)
    assert [one.title for one in table.seen("html").columns] == ["always", "with room", "on a page"]


def test_columns_of_the_highest_rank_go_first():
    columns = [RankedColumn(f"column {k}", "right", ("1",), k) for k in range(4)]
    table = RankedTable("Ranked", "name", (Name("x"),), tuple(columns))
    document = BlockDocument("Title", "0.1", "run", (table,))
    left = [
        [k for k in range(4) if f"column {k}" in on_console(document, width)]
        for width in (80, 40, 30)
    ]
    assert left[0] == [0, 1, 2, 3]
    assert left[1] == [0, 1, 2]
    assert 0 in left[2]
    assert left[2] == sorted(left[2]) == list(range(len(left[2])))


def test_numbers_and_links_are_plain_text_where_nothing_leads_anywhere():
    row: tuple[Sentence, ...] = (Link("d_iso", "explain-d_iso"), Number.of(0.25, "a/b", "fraction"))
    table = TableBlock("Table", (TableColumn("measure"), TableColumn("value")), (row,))
    document = BlockDocument("Title", "0.1", "run", (table,))
    assert "| d_iso | 25.00% |" in document_markdown(document)
    assert "d_iso    25.00%" in on_console(document)


def test_blocks_are_plain_values():
    assert {one.__module__ for one in BLOCKS} == {block_types.__name__, figure_blocks.__name__}
    for one in BLOCKS:
        with pytest.raises(FrozenInstanceError):
            object.__new__(one).anything = 1

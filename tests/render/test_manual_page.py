"""A page of the manual in a terminal: all of its words, code as it is, links as commands."""

import io
import json
import re
from textwrap import indent

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.docs import NAMES, ManualPage, manual
from embaudit.render.manual import render_manual_list, render_manual_page
from embaudit.render.terminal.console import console_for
from tests.docs.pages import MANUAL, snippets, text_of

WIDTHS = (40, 80, 120)


def printed(page: ManualPage, width: int = 80, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    render_manual_page(page, NAMES, console_for(stream, width=width, environ={}))
    stream.seek(0)
    return stream.read()


def page_of(text: str) -> ManualPage:
    return ManualPage("page", "Page", text)


def codes(name: str) -> list[str]:
    """The blocks of code of a page, indented."""
    return [indent(one.code, "  ") for one in snippets(MANUAL[name])]


def explain(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["explain", *arguments])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_too_long_but_code_which_is_whole(name, width):
    code = {
        f"  {line}".rstrip() for one in snippets(MANUAL[name]) for line in one.code.splitlines()
    }
    lines = printed(manual()[name], width).splitlines()
    assert "…" not in "".join(lines)
    assert code <= set(lines)
    assert all(cell_len(line) <= width for line in lines if line not in code)


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_page_is_printed(name):
    """A cell of a table may break a word, so all are compared without blanks."""
    prose = re.sub(r"^```.*?^```$|<!--.*?-->", "", text_of(MANUAL[name]), flags=re.M | re.S)
    prose = re.sub(r"\]\([^)\s]+\)|^\|[-| :]+\|$", " ", prose, flags=re.M)
    told = printed(manual()[name], 120)
    for word in re.findall(r"[a-z_]{4,}", re.sub(r"&#\d+;|&\w+;", " ", prose)):
        assert word in told


@pytest.mark.parametrize("name", NAMES)
def test_in_ascii_nothing_is_lost_or_raised(name):
    told = printed(manual()[name], encoding="ascii")
    assert told.isascii()
    assert manual()[name].title in " ".join(told.split())


def test_the_first_line_is_the_title_and_no_two_lines_between_blocks_are_empty():
    told = printed(page_of("# Page\n\n<!-- x -->\n<!-- y -->\n\n| a |\n|---|\n| b |\n\nc\n"))
    assert told.startswith("Page\n\n")
    assert "\n\n\n" not in told
    assert not told.endswith("\n\n")


def test_empty_lines_of_code_stay():
    assert "  a\n\n\n  b\n" in printed(page_of("# Page\n\n```sh\na\n\n\nb\n```\n"))


def test_a_link_to_a_page_is_the_command_that_prints_it():
    told = printed(
        page_of("# Page\n\n[The rules](gate.md#rules), [gate](gate.md), [x](http://x.org).\n")
    )
    assert "The rules (embaudit explain gate), embaudit explain gate, x (http://x.org)." in told


def test_a_comment_is_not_printed():
    assert "generated" not in printed(page_of("# Page\n\n<!-- generated: x -->\na\n<!-- end -->\n"))


@pytest.mark.parametrize("name", NAMES)
def test_explain_prints_every_page_in_every_format(name):
    page = manual()[name]
    assert explain(name) == printed(page)
    assert explain(name, "--format", "markdown") == page.text
    assert json.loads(explain(name, "--format", "json")) == {
        name: {"title": page.title, "markdown": page.text}
    }


def test_explain_writes_a_page(tmp_path):
    explain("gate", "-o", str(tmp_path / "gate.md"))
    assert (tmp_path / "gate.md").read_text(encoding="utf-8") == manual()["gate"].text


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_names_every_page_once(width):
    stream = io.StringIO()
    render_manual_list(tuple(manual().values()), console_for(stream, width=width, environ={}))
    first = [line.split()[0] for line in stream.getvalue().splitlines() if line[2:3].strip()]
    assert [word for word in first if word in NAMES] == list(NAMES)


def test_explain_alone_lists_the_pages_and_a_mistyped_one_is_answered_with_the_right_one():
    assert explain().startswith("Pages\n  inputs")
    assert "Did you mean gate" in explain("gaet", code=2)

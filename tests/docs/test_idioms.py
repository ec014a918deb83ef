"""Words of our own that readers had to guess: none of them may come back where a user reads."""

import ast
import re
from pathlib import Path

import pytest

import embaudit

PACKAGE = Path(embaudit.__file__).parent
# What was said, and what is said instead.
IDIOMS = {
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bat home\b": "its nearest rows are of",
    r"\b(rows? )?to blame\b": "suspect rows",
    r"\bblamed by\b": "affects",
    r"\bset aside\b": "left out, without",
    r"\brising (band|risk)\b": "moderate",
    r"\bmiss(es)? by\b": "worst case: off by",
    r"\bculprits?\b": "suspect rows",
    r"\bspells?\b": "a period",
    r"\btold apart by hand\b": "looked at",
    r"\bthe crew\b|\bthe team\b": "processes",
    r"\bfurthest tails?\b": "spreads from the class",
}
PATTERN = re.compile("|".join(f"(?:{one})" for one in IDIOMS), re.IGNORECASE)
CODE = re.compile(r"`[^`]*`|\{[{%].*?[%}]\}|\w+=\"[^\"]*\"")  # names of ours, unseen by readers
PAGES = [
    PACKAGE.parent / "README.md",
    *sorted(PACKAGE.glob("docs/*.md")),
    PACKAGE / "REFERENCE.md",
    *sorted(PACKAGE.glob("render/html/templates/*.html")),
]


def spoken(source: str) -> list[tuple[int, str]]:
    """Texts of a module that are not its documentation, nor names: they hold a blank."""
    tree = ast.parse(source)
    silent = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and " " in node.value
        and id(node) not in silent
    ]


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_no_message_has_an_idiom(file):
    found = [(line, text) for line, text in spoken(file.read_text()) if PATTERN.search(text)]
    assert not found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_an_idiom(page):
    lines = [CODE.sub("", line) for line in page.read_text().splitlines()]
    assert not [line for line in lines if PATTERN.search(line)]


def test_an_idiom_is_found_where_there_is_one():
    assert spoken('"""mend"""\nX = "mend it"\nY = "mend"\n') == [(2, "mend it")]
    assert PATTERN.search("Rows to blame")
    assert not PATTERN.search("amend, recommend, spelling")

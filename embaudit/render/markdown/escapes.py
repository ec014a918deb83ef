"""Text in Markdown in which nothing is markup but what is ours."""

import re

from embaudit.render.safe_text import inert, label
from embaudit.render.words.rich_text import (
    Data,
    FilePath,
    Label,
    Link,
    Name,
    Number,
    Part,
    Sentence,
    inert_text,
    parts_of,
)
from embaudit.report.base_model import LabelField

LABEL = 60  # cells of a label

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;"}
_ESCAPED = _ENTITIES | {mark: f"\\{mark}" for mark in "\\`*[]~$!"}
_PROSE = str.maketrans(_ESCAPED)
_EMPHASIS = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # inside a word it is no markup


def code(text: str, most: int = 60) -> str:
    """Text from data as a code span, in which neither HTML nor links nor mentions live.

    Backticks would end the span and pipes the table cell: both are shown as escapes.
    """
    shown = inert(text, most).replace("`", "\\x60").replace("|", "\\x7c")
    return f"`{shown}`" if shown.strip() else "``` ```"


def prose(text: str, most: int = 600) -> str:
    """A sentence in which nothing is markup, nor a link."""
    plain = inert(text, most).translate(_PROSE)
    for link, broken in (("://", "&#58;//"), ("www.", "www&#46;"), ("mailto:", "mailto&#58;")):
        plain = plain.replace(link, broken)
    plain = plain.replace("#", "\\#").replace("&\\#", "&#")
    return _EMPHASIS.sub(r"\\_", plain)


def name(value: LabelField | None) -> str:
    """A label as a code span; quotes keep 1 and '1' apart."""
    return "-" if value is None else code(label(value, LABEL), 80)


def plain(sentence: Sentence) -> str:
    """A sentence as text that is inert, and still to be made prose."""
    return inert_text(sentence, LABEL)


def spans(sentence: Sentence) -> str:
    """A cell or a title: our own words as they stand, data as code."""
    return "".join(map(_span, parts_of(sentence)))


def _span(part: Part) -> str:
    match part:
        case Label(value):
            return name(value)
        case FilePath(value):
            return code(value)
        case Name(text, most):
            return code(text, most)
        case Data(text, most):
            return prose(text, most or 60)
        case Number() | Link():
            return part.text
    return part

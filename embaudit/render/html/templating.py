"""What every page is made of: templates that escape all data, and how labels are written."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from embaudit.data import Notice
from embaudit.measures.measure import Measure
from embaudit.render.explain_page import facts, related
from embaudit.render.safe_text import count, inert, label
from embaudit.render.words.block_types import Answer, Mark
from embaudit.render.words.rich_text import Sentence, inert_text
from embaudit.render.words.step_command import command_lines, command_of
from embaudit.report.base_model import LabelField

GRAVITY: tuple[Mark, ...] = ("bad", "warning", "unknown", "note", "good")
WARNINGS = 20
LABEL = 40  # cells of a label
WIDE = 90  # cells of a command's line
MARKS = {"good": "✓", "note": "i", "warning": "!", "bad": "✗", "unknown": "?"}
WORDS = {"good": "good", "note": "note", "warning": "warning", "bad": "bad", "unknown": "open"}


def page(template: str, **content: Any) -> str:
    """A template filled in; everything in it is escaped but the drawings."""
    own = {"marks": MARKS, "words": WORDS, "command": _command, "plain": plain, "linked": True}
    return _templates().get_template(template).render(own | content)


def gravest(findings: Sequence[Answer]) -> str:
    """The headline of the first of the worst."""
    return min(findings, key=lambda one: GRAVITY.index(one.mark)).headline


def name(value: LabelField | None) -> str:
    """A label as text: inert, in quotes if it is a string, and not too long."""
    return label(value, LABEL)


def plain(sentence: Sentence) -> str:
    """A sentence as text, its data inert; a template escapes it."""
    return inert_text(sentence, LABEL)


def explained(
    known: Sequence[Measure],
) -> list[tuple[Measure, tuple[tuple[str, str], ...], list[str]]]:
    """Measures with their facts, and which others of the page to look at."""
    return [(one, facts(one), related(one, known)) for one in known]


def warned(notices: Sequence[Notice]) -> list[str]:
    """The first warnings, and how many more there are."""
    told = [inert(notice.message, 600) for notice in notices[:WARNINGS]]
    more = len(notices) - len(told)
    return [*told, f"{count(more, 'more warning')} in the JSON report."] if more > 0 else told


def _command(step: str) -> str:
    """The command of a step in lines that fit a page; empty where it has none."""
    command = command_of(step)
    return "" if command is None else "\n".join(command_lines(command, WIDE))


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("embaudit.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )

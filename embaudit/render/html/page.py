"""What every page is made of: templates that escape all data, and how labels are written."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from embaudit.render.text import label
from embaudit.render.verdict import Mark
from embaudit.report.model import LabelField

MARKS: dict[Mark, str] = {"good": "✓", "warning": "!", "bad": "✗", "unknown": "?"}
WORDS: dict[Mark, str] = {"good": "good", "warning": "warning", "bad": "bad", "unknown": "open"}


def page(template: str, **content: Any) -> str:
    """A template filled in; everything in it is escaped but the drawings."""
    return _templates().get_template(template).render(content, marks=MARKS, words=WORDS)


def name(value: LabelField | None) -> str:
    """A label as text: inert, in quotes if it is a string, and not too long."""
    return label(value, 40)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("embaudit.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )

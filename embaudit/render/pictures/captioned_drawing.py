"""A picture: a drawing, and what it shows in words."""

from collections.abc import Callable
from dataclasses import dataclass

from embaudit.report.base_model import LabelField

Name = Callable[[LabelField | None], str]

WIDE, TALL = 4.5, 2.9  # inches; text keeps a readable size on a phone
ROWS = 30  # of a picture with a line for each class or pair
ROW_HEIGHT = 0.19  # inches


@dataclass(frozen=True)
class Picture:
    """A drawing under its title; the caption says how to read it, the alternative what it shows.

    columns, rows: the figures that it is drawn from, as text.
    """

    id: str
    title: str
    svg: str
    caption: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def listed_height(lines: int) -> float:
    """Inches of a picture with so many lines."""
    return 0.75 + ROW_HEIGHT * max(3, lines)

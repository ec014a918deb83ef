"""Blocks of figures: drawn by a medium that draws, tables in the others."""

from dataclasses import dataclass

from embaudit.render.words.block_types import Mark, Side, TableBlock, TableColumn
from embaudit.render.words.curves import Curve
from embaudit.render.words.measured_value_words import Shown
from embaudit.render.words.rich_text import Name, Sentence
from embaudit.report import Reading, State
from embaudit.report.verdict_model import RuleStatus


@dataclass(frozen=True)
class MeterRow:
    """A row of figures, and an interval on a scale from 0 to 1. strong: it stands out."""

    texts: tuple[str, ...]
    mark: Mark
    low: float
    value: float
    high: float
    strong: bool = False


@dataclass(frozen=True)
class Meters:
    """A table of intervals that are drawn; figures: the same for a medium that draws none.

    columns: as TableColumn; drawn_after, marked: the titles of those beside the drawing, and of
    that which has the colour of the mark. edges: of the bands of the scale, 0 to 1.
    """

    title: str
    columns: tuple[TableColumn, ...]
    drawn_after: str
    marked: str
    rows: tuple[MeterRow, ...]
    edges: tuple[float, ...]
    figures: TableBlock


@dataclass(frozen=True)
class RankedColumn:
    """A column of short texts. rank: those of the highest go first where it is narrow; 0 stays.

    marks: a mark for each text, where there are such.
    """

    title: str
    side: Side
    texts: tuple[str, ...]
    rank: int = 0
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class RankedTable:
    """A line for each of some names, with as many columns as there is room for.

    head: the title of the names. strong: the place of the line that stands out.
    """

    title: str
    head: str
    names: tuple[Name, ...]
    columns: tuple[RankedColumn, ...]
    strong: int | None = None
    note: str = ""


@dataclass(frozen=True)
class CurvesBlock:
    """A small curve a measure; states: of a collapse, at each place. scale: how it is drawn."""

    title: str
    scale: str
    curves: tuple[Curve, ...]
    states: tuple[State, ...]


@dataclass(frozen=True)
class KeyFigure:
    """A figure that decides. here: its value; beside: what it is read against.

    reading: of a share, whose place is drawn, and that of chance; note: what is known of it, or
    what it is of.
    needed: whether the note is shown where there is little room.
    """

    name: str
    here: str
    beside: str = ""
    reading: Reading | None = None
    chance: float | None = None
    note: Sentence = ""
    needed: bool = False


@dataclass(frozen=True)
class KeyFigures:
    """The figures that decide, a line each, and what is best said in words below them.

    beside: the title of what they are read against.
    """

    beside: str
    figures: tuple[KeyFigure, ...]
    facts: tuple[tuple[str, Sentence], ...] = ()


@dataclass(frozen=True)
class ReadingsBlock:
    """All measures of a group; note: how to read a line, where there is room for it."""

    group: str
    readings: tuple[Shown, ...]
    note: str = ""


@dataclass(frozen=True)
class GapsBlock:
    """How gaps are distributed over so many anchors: the names of quantiles and their values.

    plain: whether the quantiles are told here, and nowhere else.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    anchors: int
    plain: bool


@dataclass(frozen=True)
class RuleLine:
    """A rule of a gate; observed: what it saw, beside its limit; remedy: where it did not pass."""

    status: RuleStatus
    rule: str
    observed: str
    remedy: str


@dataclass(frozen=True)
class RulesBlock:
    """Rules of a gate, the most urgent first; more: how many others there are.

    headed: whether they stand under a heading of their own.
    """

    rules: tuple[RuleLine, ...]
    more: int = 0
    headed: bool = True

"""Classes and pairs of classes: figures with bars that start at zero, and links between both."""

from collections.abc import Sequence
from dataclasses import dataclass

from embaudit.render.html.templating import name
from embaudit.render.safe_text import count, figure
from embaudit.render.words.next_steps import worst_classes
from embaudit.render.words.rich_text import Number
from embaudit.render.words.visibility_rules import coincide, mistaken
from embaudit.report import ClassRow, Report
from embaudit.report.base_model import LabelField

MOST = 50  # classes, pairs


@dataclass(frozen=True)
class Linked:
    """The name of a class; target: the place of its row on the page, empty where it has none."""

    text: str
    target: str = ""


@dataclass(frozen=True)
class Barred:
    """A figure, and how far its bar goes, in per cent of the column."""

    number: Number | None
    width: float


@dataclass(frozen=True)
class ClassLine:
    """A class; figures: a cell for each column of the table."""

    id: str
    label: Linked
    rows: Number
    figures: tuple[Barred, ...]
    other: Linked


@dataclass(frozen=True)
class ClassTable:
    """The worst classes first; scales: what a whole bar of each column is worth."""

    order: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[ClassLine, ...]
    note: str


@dataclass(frozen=True)
class PairLine:
    """Two classes that are mistaken for each other, and how many of their rows are."""

    labels: tuple[Linked, Linked]
    wrong: Barred
    anchors: Number


@dataclass(frozen=True)
class PairTable:
    """The most mistaken first; scale: what a whole bar is worth."""

    scale: str
    lines: tuple[PairLine, ...]
    note: str


COLUMNS = (  # of a class: the field, its title, and whether a whole bar is 100 % or the most shown
    ("precision_at_1", "nearest row right (precision@1)", True),
    ("violated_triplets", "violated triplets", False),
    ("violating_anchors", "violating anchors", True),
)
SHOWN = 2  # columns of figures


def class_table(report: Report) -> ClassTable | None:
    """Classes with what is wrong in them; None where labels say nothing, or nothing is wrong."""
    worst, more, order = _worst(report)
    if not worst or coincide(report):
        return None
    chosen = [one for one in COLUMNS if _tells(worst, one[0])][:SHOWN]
    tops = [1.0 if whole else _most(worst, field) for field, _, whole in chosen]
    places = {_key(row.label): at for at, row in enumerate(report.classes)}
    seen = {_key(row.label) for row in worst}
    lines = tuple(
        ClassLine(
            f"class-{at}",
            Linked(name(row.label)),
            Number.of(row.rows, f"classes/{at}/rows", "rows"),
            tuple(
                _barred(_value(row, field), f"classes/{at}/{field}", top)
                for (field, *_), top in zip(chosen, tops, strict=True)
            ),
            _linked(row.most_confused_with, places, seen),
        )
        for row in worst
        for at in (places[_key(row.label)],)
    )
    columns = tuple(
        (title, figure(top, "fraction")) for (_, title, _), top in zip(chosen, tops, strict=True)
    )
    note = f"{count(more, 'more class', 'more classes')}: in the JSON report." if more else ""
    return ClassTable(order, columns, lines, note)


def pair_table(report: Report) -> PairTable | None:
    """Pairs of classes whose rows have a nearest row of the other."""
    pairs = [] if coincide(report) else mistaken(report)
    if not pairs or report.blame is None:
        return None
    at = {id(one): k for k, one in enumerate(report.blame.confused_pairs)}
    places = {_key(row.label): k for k, row in enumerate(report.classes)}
    seen = {_key(row.label) for row in _worst(report)[0]}
    most = max(one.wrong_neighbours for one in pairs)
    lines = tuple(
        PairLine(
            (_linked(one.labels[0], places, seen), _linked(one.labels[1], places, seen)),
            Barred(
                Number(
                    f"{one.wrong_neighbours:,}",
                    one.wrong_neighbours,
                    f"blame/confused_pairs/{at[id(one)]}/wrong_neighbours",
                ),
                _share(one.wrong_neighbours, most),
            ),
            Number(f"{one.anchors:,}", one.anchors, f"blame/confused_pairs/{at[id(one)]}/anchors"),
        )
        for one in pairs[:MOST]
    )
    return PairTable(f"{most:,}", lines, "Suspect rows are left out.")


def _worst(report: Report) -> tuple[list[ClassRow], int, str]:
    """The first classes to look at, how many are left, and by what they are ordered."""
    known = [row for row in report.classes if _value(row, "precision_at_1") is not None]
    if known:
        known.sort(key=lambda row: (_value(row, "precision_at_1"), -(row.violated_triplets or 0)))
        return known[:MOST], max(0, len(known) - MOST), "fewest nearest rows right first"
    worst, more = worst_classes(report, MOST)
    return worst, more, "most violated triplets first"


def _value(row: ClassRow, field: str) -> float | None:
    """A figure of a class; one that its report does not have is None."""
    value: float | None = getattr(row, field, None)
    return value


def _tells(rows: Sequence[ClassRow], field: str) -> bool:
    """Whether a figure is known, and not the same 100 % of all."""
    return any(_value(row, field) not in (None, 1.0) for row in rows)


def _most(rows: Sequence[ClassRow], field: str) -> float:
    return max((_value(row, field) or 0.0 for row in rows), default=0.0) or 1.0


def _barred(value: float | None, at: str, top: float) -> Barred:
    if value is None:
        return Barred(None, 0.0)
    return Barred(Number.of(value, at, "fraction"), _share(value, top))


def _share(value: float, top: float) -> float:
    return round(100 * min(1.0, value / top), 1)


def _linked(label: LabelField | None, places: dict[object, int], seen: set[object]) -> Linked:
    key = _key(label)
    target = f"class-{places[key]}" if key in seen and key in places else ""
    return Linked(name(label) if label is not None else "-", target)


def _key(label: LabelField | None) -> object:
    """True is not 1 among labels."""
    return type(label), label

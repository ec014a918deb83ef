"""The tables of a report as plain cells, for whichever medium draws them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from embaudit.render.text import figure
from embaudit.render.words.answers import RISK_WORDS
from embaudit.render.words.diagnosis_words import blamed, coincide
from embaudit.render.words.next_steps import worst_classes
from embaudit.report import HIGH, RISING, ForecastRow, Report, Rule, Span, Triplet
from embaudit.report.blame import Culprit, CulpritRow
from embaudit.report.model import LabelField
from embaudit.report.projection import Projection

Justify = Literal["left", "right"]
Name = Callable[[LabelField | None], str]

TOP = 10
CULPRITS: tuple[tuple[Culprit, str, str], ...] = (  # in which order they are told, and as what
    (
        "likely_mislabel",
        "Suspect labels",
        "The surest first: far from their own class, near to the likely one. Expect false alarms "
        "where the two differ by less than 4. ",
    ),
    ("duplicate", "Duplicates under other labels", "One of each two labels is wrong. "),
    ("outlier", "Outliers", "The furthest first. "),
)
SPREADS = "From a class: in its spreads beyond its median row; 2.5 is far, below 0 is central. "
AFFECTS = "Affects: rows whose furthest positive or nearest negative it is."


@dataclass(frozen=True)
class Content:
    """A titled table; every cell is inert text."""

    title: str
    columns: tuple[tuple[str, Justify], ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def classes(report: Report, name: Name, roomy: bool = True, most: int = TOP) -> Content | None:
    """The worst classes, and how many more there are; a narrow page has a column less."""
    worst, more = worst_classes(report, most)
    if not worst or coincide(report):
        return None
    counted = any(row.violated_triplets is not None for row in worst)
    columns: list[tuple[str, Justify]] = [("class", "left"), ("rows", "right")]
    columns += [("violating anchors", "right"), ("violated triplets", "right")]
    columns += [("largest gap", "right"), ("confused with", "left")]
    rows = [
        [
            name(row.label),
            f"{row.rows:,}",
            _share(row.violating_anchors),
            _share(row.violated_triplets),
            "-" if row.largest_gap is None else figure(row.largest_gap),
            name(row.most_confused_with),
        ]
        for row in worst
    ]
    if not roomy:
        columns = columns[:3] + columns[4:]
        rows = [row[:3] + row[4:] for row in rows]
    return Content(
        f"Worst classes, by {'violated triplets' if counted else 'violating anchors'}",
        tuple(columns),
        tuple(map(tuple, rows)),
        f"{more:,} more with violations are in the JSON report." if more else "",
    )


def culprits(report: Report, name: Name, most: int = TOP) -> Iterator[Content]:
    """The suspect rows, a table a kind."""
    if report.blame is None:
        return
    for kind, title, note in CULPRITS:
        rows = [one for one in blamed(report) if one.attribution == kind]
        if rows:
            more = report.blame.rows[kind] - len(rows[:most])
            note += AFFECTS if kind == "duplicate" else SPREADS + AFFECTS
            note += f" {more:,} more: -o anchors.parquet has them all." if more > 0 else ""
            yield _culprits(title, rows[:most], name, note)


def _culprits(title: str, some: Sequence[CulpritRow], name: Name, note: str) -> Content:
    """Rows of one kind, with the columns that any of them has a value for."""
    wanted: tuple[tuple[str, Justify, bool, Callable[[CulpritRow], str]], ...] = (
        ("row", "right", True, lambda one: str(one.row)),
        ("label", "left", True, lambda one: name(one.label)),
        (
            "likely",
            "left",
            any(one.likely_label is not None for one in some),
            lambda one: name(one.likely_label),
        ),
        (
            "from own",
            "right",
            some[0].attribution != "duplicate",
            lambda one: f"{one.score:.1f}",
        ),
        (
            "from likely",
            "right",
            any(one.home_score is not None for one in some) and some[0].attribution != "duplicate",
            lambda one: "" if one.home_score is None else f"{one.home_score:z.1f}",
        ),
        ("affects", "right", True, lambda one: f"{one.blamed:,}"),
        ("id", "left", any(one.id is not None for one in some), lambda one: name(one.id)),
    )
    columns = [column for column in wanted if column[2]]
    return Content(
        title,
        tuple(column[:2] for column in columns),
        tuple(tuple(cell(one) for *_, cell in columns) for one in some),
        note,
    )


def confused(report: Report, name: Name, most: int = TOP) -> Content | None:
    """Pairs of classes that overlap."""
    if report.blame is None or coincide(report) or not report.blame.confused_pairs:
        return None
    pairs = report.blame.confused_pairs
    rows = tuple(
        (name(one.labels[0]), name(one.labels[1]), f"{one.wrong_neighbours:,}", f"{one.anchors:,}")
        for one in pairs[:most]
    )
    columns: tuple[tuple[str, Justify], ...] = (
        ("class", "left"),
        ("and", "left"),
        ("wrong neighbours", "right"),
        ("anchors that violate", "right"),
    )
    more = len(pairs) - most
    note = f"{more:,} more are in the JSON report." if more > 0 else ""
    return Content("Confused classes, without suspect rows", columns, rows, note)


def triplets(report: Report, name: Name, most: int = TOP) -> Content | None:
    """The hardest triplets: input rows, labels, distances, and ids where there are any.

    None where all rows coincide: they are not what is wrong.
    """
    if coincide(report):
        return None
    hardest = sorted(report.hardest_triplets, key=lambda one: -one.violation)
    where = "" if report.gallery is None else ": queries, positives and negatives of the gallery"
    return triplets_of(f"Hardest triplets{where}", hardest, name, most)


def triplets_of(
    title: str, hardest: Sequence[Triplet], name: Name, most: int = TOP
) -> Content | None:
    """The first of some triplets; how many more the JSON report has."""
    if not hardest:
        return None
    rows: list[tuple[str, ...]] = []
    for one in hardest[:most]:
        rows.append(
            (
                figure(one.violation),
                f"{one.anchor} {name(one.anchor_label)}",
                f"{one.positive} at {figure(one.d_positive)}",
                f"{one.negative} {name(one.negative_label)} at {figure(one.d_negative)}",
            )
        )
        if one.ids is not None:
            rows.append(("", *map(name, one.ids)))
    more = len(hardest) - most
    return Content(
        title,
        (("gap", "right"), ("anchor", "left"), ("positive", "left"), ("negative", "left")),
        tuple(rows),
        f"{more:,} more are in the JSON report." if more > 0 else "",
    )


def forecast(shapes: Sequence[ForecastRow]) -> Content | None:
    """Pressure towards collapse by batch shape."""
    if not shapes:
        return None
    return Content(
        "Forecast under batch-hard mining, classes x rows",
        (
            ("shape", "left"),
            ("batch", "right"),
            ("pressure", "left"),
            ("gap", "left"),
            ("loss", "left"),
            ("risk", "left"),
        ),
        tuple(
            (
                f"{row.classes_per_batch} x {row.samples_per_class}",
                f"{row.batch:,}",
                _span(row.pressure),
                "-" if row.gap is None else f"[{row.gap.lower:.2f}, {row.gap.upper:.2f}]",
                "-"
                if row.loss is None
                else f"[{figure(row.loss.lower)}, {figure(row.loss.upper)}]",
                RISK_WORDS[row.risk] + (", safe" if row.safe else ""),
            )
            for row in shapes
        ),
        f"The upper end of the pressure tells the risk: moderate from {RISING:.0%} on, high from "
        f"{HIGH:.0%} on. Safe: a mean batch-hard loss that is surely at most the margin.",
    )


def moved_rows(projection: Projection, name: Name) -> Content | None:
    """The rows that a projection moves most."""
    shown = [one for one in projection.furthest if one.displacement > 0]
    rows = [
        (
            figure(one.displacement),
            str(one.row),
            name(one.label),
            "" if one.id is None else name(one.id),
        )
        for one in shown[:TOP]
    ]
    if not rows:
        return None
    columns: tuple[tuple[str, Justify], ...] = (
        ("moves by", "right"),
        ("row", "right"),
        ("label", "left"),
        ("id", "left"),
    )
    tied = sum(one.displacement > 0.999 * projection.largest_displacement for one in shown)
    note = (
        f"{tied} or more move as far as any: what is least is the largest move."
        if tied > TOP
        else ""
    )
    if not any(row[3] for row in rows):  # nobody has an id
        return Content("Rows that move most", columns[:3], tuple(row[:3] for row in rows), note)
    return Content("Rows that move most", columns, tuple(rows), note)


def observed(rule: Rule) -> str:
    """What a gate rule saw, a number or an interval, and the limit; nothing if it saw nothing."""
    low, high = rule.observed
    if low is None and high is None:
        return ""
    if low == high and low is not None and rule.turn is not None:
        return _moved(low, rule.turn, rule)
    if low == high:
        seen = _amount(low, rule)
    else:
        left = "-∞" if low is None else _amount(low, rule)
        seen = f"[{left}, {_amount(high, rule)}]"
    return f"observed {seen}, limit {_amount(rule.limit, rule)}"


def _moved(growth: float, turn: str, rule: Rule) -> str:
    """How far a measure moved, in words: the growth is in the direction of the rule."""
    rose = (growth > 0) == (turn == "increase")
    said = (
        "did not move"
        if growth == 0
        else f"{'rose' if rose else 'fell'} by {_points(growth, rule)}"
    )
    way = "rise" if turn == "increase" else "fall"
    return f"{said} (limit: a {way} of {_points(rule.limit, rule)})"


def _points(change: float, rule: Rule) -> str:
    """The size of a change; of shares in percentage points."""
    return _amount(abs(change), rule).replace("%", " points")


def reasons(rule: Rule) -> tuple[str, ...]:
    """Why a rule has its status: what it saw, and what to do; the latter may hold data."""
    return tuple(filter(None, (observed(rule), rule.remedy)))


def _amount(value: float | None, rule: Rule) -> str:
    """A value in the measure's unit; a change of a state is no state."""
    changed = rule.turn is not None
    return figure(value, "ratio" if changed and rule.unit == "state" else rule.unit)


def _share(value: float | None) -> str:
    return "-" if value is None else figure(value, "fraction")


def _span(span: Span) -> str:
    """`71% [65%, 77%]`."""
    return f"{span.value:.0%} [{span.lower:.0%}, {span.upper:.0%}]"

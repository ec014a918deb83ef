"""The tables of a report as plain cells, for whichever medium draws them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from embaudit.render.advice import worst_classes
from embaudit.render.text import figure
from embaudit.report import ForecastRow, Report, Rule, Span, Triplet
from embaudit.report.blame import Culprit
from embaudit.report.model import LabelField
from embaudit.report.projection import Projection

Justify = Literal["left", "right"]
Name = Callable[[LabelField | None], str]

TOP = 10
CULPRIT_WORDS: dict[Culprit, str] = {
    "duplicate": "duplicate under another label",
    "likely_mislabel": "mislabel",
    "outlier": "outlier",
}


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
    if not worst:
        return None
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
        "Worst classes",
        tuple(columns),
        tuple(map(tuple, rows)),
        f"{more:,} more with violations are in the JSON report." if more else "",
    )


def culprits(report: Report, name: Name, most: int = TOP) -> Content | None:
    """The rows to blame: the most blamed of every kind."""
    if report.blame is None or not report.blame.worst_rows:
        return None
    worst = sorted(report.blame.worst_rows, key=lambda one: -one.blamed)
    with_ids = any(one.id is not None for one in worst)
    columns: list[tuple[str, Justify]] = [("row", "right"), ("label", "left"), ("what", "left")]
    columns += [("blamed by", "right"), ("tails off", "right")]
    if with_ids:
        columns.append(("id", "left"))
    rows = []
    for one in worst[:most]:
        what = CULPRIT_WORDS[one.attribution]
        if one.likely_label is not None:
            what += f", likely {name(one.likely_label)}"
        cells = [str(one.row), name(one.label), what, f"{one.blamed:,}", f"{one.score:.1f}"]
        rows.append((*cells, name(one.id)) if with_ids else tuple(cells))
    more = sum(report.blame.rows.values()) - len(rows)
    note = "Blamed by violating anchors as their furthest positive or nearest negative."
    note += f" {more:,} more: -o anchors.parquet has them all." if more > 0 else ""
    return Content("Rows to blame", tuple(columns), tuple(rows), note)


def confused(report: Report, name: Name, most: int = TOP) -> Content | None:
    """Pairs of classes that overlap."""
    if report.blame is None or not report.blame.confused_pairs:
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
        ("violating anchors", "right"),
    )
    more = len(pairs) - most
    note = f"{more:,} more are in the JSON report." if more > 0 else ""
    return Content("Confused classes, rows to blame set aside", columns, rows, note)


def triplets(report: Report, name: Name, most: int = TOP) -> Content | None:
    """The hardest triplets: input rows, labels, distances, and ids where there are any."""
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
            ("risk", "left"),
        ),
        tuple(
            (
                f"{row.classes_per_batch} x {row.samples_per_class}",
                f"{row.batch:,}",
                _span(row.pressure),
                "-" if row.gap is None else f"[{row.gap.lower:.2f}, {row.gap.upper:.2f}]",
                row.risk + (", safe" if row.safe else ""),
            )
            for row in shapes
        ),
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
        if rule.measure is None:
            return ""
        seen = "nothing"
    elif low == high:
        seen = _amount(low, rule)
    else:
        left = "-∞" if low is None else _amount(low, rule)
        seen = f"[{left}, {_amount(high, rule)}]"
    return f"observed {seen}, limit {_amount(rule.limit, rule)}"


def reasons(rule: Rule) -> tuple[str, ...]:
    """Why a rule has its status: what it saw, and what to do; the latter may hold data."""
    return tuple(filter(None, (observed(rule), rule.remedy)))


def _amount(value: float | None, rule: Rule) -> str:
    """A value in the measure's unit; a change of a state is no state."""
    changed = re.search(r"\s(increase|decrease)\b", rule.rule) is not None
    return figure(value, "ratio" if changed and rule.unit == "state" else rule.unit)


def _share(value: float | None) -> str:
    return "-" if value is None else figure(value, "fraction")


def _span(span: Span) -> str:
    """`71% [65%, 77%]`."""
    return f"{span.value:.0%} [{span.lower:.0%}, {span.upper:.0%}]"

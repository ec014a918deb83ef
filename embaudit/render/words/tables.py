"""The tables of a report."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from embaudit.render.safe_text import figure
from embaudit.render.words.block_types import TableBlock, TableColumn
from embaudit.render.words.diagnosis_words import RISK_WORDS
from embaudit.render.words.next_steps import worst_classes
from embaudit.render.words.rich_text import Label, Sentence
from embaudit.render.words.visibility_rules import blamed, coincide
from embaudit.report import HIGH, RISING, ForecastRow, Report, Span, Triplet
from embaudit.report.suspects import Culprit, CulpritRow

if TYPE_CHECKING:  # an audit is told without them
    from embaudit.report.projection_document import Projection

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


def there(*tables: TableBlock | None) -> tuple[TableBlock, ...]:
    """Those that there are."""
    return tuple(table for table in tables if table is not None)


def classes(report: Report, most: int = TOP) -> TableBlock | None:
    """The worst classes, and how many more there are; a narrow page has columns less."""
    worst, more = worst_classes(report, most)
    if not worst or coincide(report):
        return None
    counted = any(row.violated_triplets is not None for row in worst)
    known = any(row.precision_at_1 is not None for row in worst)
    columns = (
        TableColumn("class"),
        TableColumn("rows", "right"),
        *([TableColumn("P@1", "right")] if known else []),
        TableColumn("violating anchors", "right", roomy=known),
        TableColumn("violated triplets", "right", roomy=True),
        TableColumn("largest gap", "right"),
        TableColumn("confused with"),
    )
    rows: tuple[tuple[Sentence, ...], ...] = tuple(
        (
            Label(row.label),
            f"{row.rows:,}",
            *([_share(row.precision_at_1)] if known else []),
            _share(row.violating_anchors),
            _share(row.violated_triplets),
            "-" if row.largest_gap is None else figure(row.largest_gap),
            Label(row.most_confused_with),
        )
        for row in worst
    )
    return TableBlock(
        f"Worst classes, by {'violated triplets' if counted else 'violating anchors'}",
        columns,
        rows,
        f"{more:,} more with violations are in the JSON report." if more else "",
    )


def culprits(report: Report, most: int = TOP) -> Iterator[TableBlock]:
    """The suspect rows, a table a kind."""
    if report.blame is None:
        return
    for kind, title, note in CULPRITS:
        rows = [one for one in blamed(report) if one.attribution == kind]
        if rows:
            more = report.blame.rows[kind] - len(rows[:most])
            note += AFFECTS if kind == "duplicate" else SPREADS + AFFECTS
            note += f" {more:,} more: -o anchors.parquet has them all." if more > 0 else ""
            yield _culprits(title, rows[:most], note)


def _culprits(title: str, some: Sequence[CulpritRow], note: str) -> TableBlock:
    """Rows of one kind, with the columns that any of them has a value for."""
    scored = some[0].attribution != "duplicate"
    homed = any(one.home_score is not None for one in some)
    likely = any(one.likely_label is not None for one in some)
    named = any(one.id is not None for one in some)
    wanted: tuple[tuple[TableColumn, bool, Callable[[CulpritRow], Sentence]], ...] = (
        (TableColumn("row", "right"), True, lambda one: str(one.row)),
        (TableColumn("label"), True, lambda one: Label(one.label)),
        (TableColumn("likely"), likely, lambda one: Label(one.likely_label)),
        (TableColumn("from own", "right"), scored, lambda one: f"{one.score:.1f}"),
        (
            TableColumn("from likely", "right"),
            scored and homed,
            lambda one: "" if one.home_score is None else f"{one.home_score:z.1f}",
        ),
        (TableColumn("affects", "right"), True, lambda one: f"{one.blamed:,}"),
        (TableColumn("id"), named, lambda one: Label(one.id)),
    )
    shown = [(column, cell) for column, there, cell in wanted if there]
    return TableBlock(
        title,
        tuple(column for column, _ in shown),
        tuple(tuple(cell(one) for _, cell in shown) for one in some),
        note,
    )


def confused(report: Report, most: int = TOP) -> TableBlock | None:
    """Pairs of classes that overlap."""
    if report.blame is None or coincide(report) or not report.blame.confused_pairs:
        return None
    pairs = report.blame.confused_pairs
    rows = tuple(
        (
            Label(one.labels[0]),
            Label(one.labels[1]),
            f"{one.wrong_neighbours:,}",
            f"{one.anchors:,}",
        )
        for one in pairs[:most]
    )
    columns = (
        TableColumn("class"),
        TableColumn("and"),
        TableColumn("wrong neighbours", "right"),
        TableColumn("anchors that violate", "right"),
    )
    more = len(pairs) - most
    note = f"{more:,} more are in the JSON report." if more > 0 else ""
    return TableBlock("Confused classes, without suspect rows", columns, rows, note)


def triplets(report: Report, most: int = TOP) -> TableBlock | None:
    """The hardest triplets: input rows, labels, distances, and ids where there are any.

    None where all rows coincide: they are not what is wrong.
    """
    if coincide(report):
        return None
    hardest = sorted(report.hardest_triplets, key=lambda one: -one.violation)
    where = "" if report.gallery is None else ": queries, positives and negatives of the gallery"
    return triplets_of(f"Hardest triplets{where}", hardest, most)


def triplets_of(title: str, hardest: Sequence[Triplet], most: int = TOP) -> TableBlock | None:
    """The first of some triplets; how many more the JSON report has."""
    if not hardest:
        return None
    rows: list[tuple[Sentence, ...]] = []
    for one in hardest[:most]:
        rows.append(
            (
                figure(one.violation),
                (f"{one.anchor} ", Label(one.anchor_label)),
                f"{one.positive} at {figure(one.d_positive)}",
                (
                    f"{one.negative} ",
                    Label(one.negative_label),
                    f" at {figure(one.d_negative)}",
                ),
            )
        )
        if one.ids is not None:
            rows.append(("", *map(Label, one.ids)))
    more = len(hardest) - most
    return TableBlock(
        title,
        (
            TableColumn("gap", "right"),
            *(TableColumn(role) for role in ("anchor", "positive", "negative")),
        ),
        tuple(rows),
        f"{more:,} more are in the JSON report." if more > 0 else "",
    )


def forecast(shapes: Sequence[ForecastRow]) -> TableBlock | None:
    """Pressure towards collapse by batch shape."""
    if not shapes:
        return None
    return TableBlock(
        "Forecast under batch-hard mining, classes x rows",
        (
            TableColumn("shape"),
            TableColumn("batch", "right"),
            *(TableColumn(title) for title in ("pressure", "gap", "loss", "risk")),
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


def moved_rows(projection: "Projection") -> TableBlock | None:
    """The rows that a projection moves most."""
    shown = [one for one in projection.furthest if one.displacement > 0]
    named = any(one.id is not None for one in shown[:TOP])
    rows = tuple(
        (
            figure(one.displacement),
            str(one.row),
            Label(one.label),
            *([Label(one.id) if one.id is not None else ""] if named else ()),
        )
        for one in shown[:TOP]
    )
    if not rows:
        return None
    columns = (
        TableColumn("moves by", "right"),
        TableColumn("row", "right"),
        TableColumn("label"),
        *([TableColumn("id")] if named else ()),
    )
    tied = sum(one.displacement > 0.999 * projection.largest_displacement for one in shown)
    note = (
        f"{tied} or more move as far as any: what is least is the largest move."
        if tied > TOP
        else ""
    )
    return TableBlock("Rows that move most", columns, rows, note)


def _share(value: float | None) -> str:
    return "-" if value is None else figure(value, "fraction")


def _span(span: Span) -> str:
    """`71% [65%, 77%]`."""
    return f"{span.value:.0%} [{span.lower:.0%}, {span.upper:.0%}]"

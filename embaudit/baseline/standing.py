"""What a report says in short: its state, and how often the nearest row is right beyond chance."""

from typing import Any

from embaudit.report import Report
from embaudit.report.changes import Standing


def standing_of(report: Report) -> Standing:
    """The standing of a report, from its own figures."""
    chance, reason = chance_of(report)
    reading = report.measures.get("precision_at_1")
    known = (None,) * 3 if reading is None else (reading.value, reading.lower, reading.upper)
    value, lower, upper = (
        None if end is None or chance is None else (end - chance) / (1 - chance) for end in known
    )
    collapse = report.collapse
    kinds = (
        ("point", collapse.point),
        ("dimensional", collapse.dimensional),
        ("class", collapse.class_),
    )
    return Standing(
        state=state_of(report),
        collapse=collapse.state,
        kinds=tuple(name for name, own in kinds if own == collapse.state != "none"),
        chance=chance,
        above_chance=value,
        above_chance_lower=lower,
        above_chance_upper=upper,
        reason=reason,
    )


def state_of(report: Report) -> str:
    """The state that a report was found in; of one without a diagnosis that of its collapse."""
    diagnosis: Any = getattr(report, "diagnosis", None)
    return report.collapse.state if diagnosis is None else str(diagnosis.state)


def chance_of(report: Report) -> tuple[float | None, str | None]:
    """precision@1 of a random order of the other rows, in [0, 1); else why it is not known.

    Of an anchor in a class of n among N rows that is (n - 1) / (N - 1); the mean over anchors.
    """
    sizes = [row.rows for row in report.classes]
    rows, anchors = report.data.rows, sum(size for size in sizes if size > 1)
    if not report.options.labels:
        return None, "there are no labels"
    if report.gallery is not None:
        return None, "the report does not tell the classes of the gallery"
    if sum(sizes) != rows or anchors != report.data.anchors:
        return None, "the classes of the report do not hold its rows"
    if len(sizes) < 2 or not anchors:
        return None, "no row has both a positive and a negative"
    same = sum(size * (size - 1) for size in sizes)
    return same / (rows - 1) / anchors, None

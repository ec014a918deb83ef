"""What a report says in short: its state, and how often the nearest row is right beyond chance."""

from embaudit.report import Reading, Report
from embaudit.report.changes_model import Standing

ADJUSTED = "adjusted_precision_at_1"


def standing_of(report: Report) -> Standing:
    """The standing of a report, from its own figures."""
    chance, reason = chance_of(report)
    value, lower, upper, reason = _above_chance(report, chance, reason)
    collapse, diagnosis = report.collapse, report.diagnosis
    kinds = (
        ("point", collapse.point),
        ("dimensional", collapse.dimensional),
        ("class", collapse.class_),
    )
    return Standing(
        state=state_of(report),
        why=None if diagnosis is None else diagnosis.reason,
        faults=None if diagnosis is None else diagnosis.faults,
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
    return report.collapse.state if report.diagnosis is None else report.diagnosis.state


def _above_chance(
    report: Report, chance: float | None, reason: str | None
) -> tuple[float | None, float | None, float | None, str | None]:
    """precision_at_1 corrected for chance, its ends, and why it is not known."""
    measured = report.measures.get(ADJUSTED)
    if measured is not None and measured.value is not None:
        return (*_ends(measured), None)
    reading = report.measures.get("precision_at_1")
    if reading is None or chance is None:
        return None, None, None, reason
    if chance == 1:
        return None, None, None, "every other row is a positive"
    value, lower, upper = (
        None if end is None else (end - chance) / (1 - chance) for end in _ends(reading)
    )
    return value, lower, upper, reason


def _ends(reading: Reading) -> tuple[float | None, float | None, float | None]:
    return reading.value, reading.lower, reading.upper


def chance_of(report: Report) -> tuple[float | None, str | None]:
    """precision@1 of a random order of the other rows, in [0, 1]; else why it is not known.

    As the diagnosis has it. Without one: of an anchor in a class of n among N rows that is
    (n - 1) / (N - 1); the mean over anchors.
    """
    if report.diagnosis is not None and report.diagnosis.chance is not None:
        return report.diagnosis.chance, None
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

"""Changes between reports as cells and tables: what moved, by how much, and what that means."""

from collections.abc import Sequence

from embaudit.measures.measure import Measure
from embaudit.render.safe_text import figure
from embaudit.render.words.block_types import TableBlock, TableColumn
from embaudit.render.words.rich_text import Label
from embaudit.report import Unit
from embaudit.report.changes_model import (
    NO_CREDIT,
    Change,
    ClassChange,
    Compared,
    Direction,
    LengthChange,
)

TOP = 12
LENGTHS = "Lengths but rms_pair_distance are in multiples of it: no change of scale moves them."
WORDS: dict[Direction, str] = {
    "better": "better",
    "worse": "worse",
    "same": "same",
    "unknown": "",
}
ORDER: tuple[Direction, ...] = ("worse", "better", "unknown", "same")


def changes(
    compared: Compared, measures: Sequence[Measure], most: int | None = TOP
) -> TableBlock | None:
    """A measure a line: then, now, the change with its interval, and what it means.

    Only `most`: what got worse and better first; without, all in reading order.
    """
    known = [
        (measure, compared.changes[measure.id])
        for measure in measures
        if measure.id in compared.changes
    ]
    if not known or compared.same_input:
        return None
    shown = known
    if most is not None:
        moved = [one for one in known if one[1].value is not None and one[1].direction != "same"]
        moved.sort(key=lambda one: (ORDER.index(one[1].direction), one[1].test is None))
        shown = moved[:most]
    columns = (
        TableColumn("measure"),
        TableColumn("then", "right"),
        TableColumn("now", "right"),
        TableColumn("change", "right"),
        TableColumn("direction"),
    )
    rows = tuple(
        (
            measure.id,
            _value(own(change).then, measure.unit),
            _value(own(change).now, measure.unit),
            moved_by(change, measure.unit),
            meaning(change),
        )
        for measure, change in shown
    )
    more = len(known) - len(shown)
    note = f"{more} more, unmoved or less telling, are in the JSON report." if more else ""
    if any(change.relative for _, change in shown):
        note = f"{LENGTHS} {note}".rstrip()
    return TableBlock("Changes", columns, rows, note) if rows else None


def classes(compared: Compared, most: int = TOP) -> TableBlock | None:
    """Classes newly broken and repaired."""
    broken, repaired = told_classes(compared)
    both = [("newly broken", one) for one in broken] + [("repaired", one) for one in repaired]
    if not both:
        return None
    rows = tuple(
        (Label(one.label), figure(one.then, "fraction"), figure(one.now, "fraction"), said)
        for said, one in both[:most]
    )
    columns = (
        TableColumn("class"),
        TableColumn("then", "right"),
        TableColumn("now", "right"),
        TableColumn("what"),
    )
    more = len(both) - len(rows)
    note = f"{more:,} more are in the JSON." if more > 0 else ""
    return TableBlock("Classes by violated triplets", columns, rows, note)


def told_classes(compared: Compared) -> tuple[Sequence[ClassChange], Sequence[ClassChange]]:
    """Classes newly broken and repaired; a collapse repairs none, and its end breaks none."""
    found = compared.classes
    if found is None:
        return (), ()
    fallen = [
        one is not None and one.collapse == "collapsed" for one in (compared.then, compared.now)
    ]
    return () if fallen[0] else found.newly_broken, () if fallen[1] else found.repaired


def moved_by(change: Change, unit: Unit) -> str:
    """The change and, where it is not exact, its interval in a second line."""
    if change.value is None:
        return "-"
    unit = "ratio" if unit == "state" else unit
    moved = own(change)
    told = "-" if moved.value is None else signed(moved.value, unit)
    if moved.lower == moved.upper:
        return told
    low = "-∞" if moved.lower is None else signed(moved.lower, unit)
    high = "+∞" if moved.upper is None else signed(moved.upper, unit)
    return f"{told}\n[{low}, {high}]"


def own(change: Change) -> Change | LengthChange:
    """A change as it is shown: of a length in RMS pair distances."""
    return change.relative or change


def meaning(change: Change) -> str:
    """`worse, real`: the direction, and what a paired test says of it."""
    if change.reason == NO_CREDIT:
        return "says nothing"
    word = WORDS[change.direction] or ("" if change.value is not None else "not comparable")
    if change.test is None:
        return word
    real = "real" if change.test.real else "not told from chance"
    return f"{word}, {real}" if word else real


def signed(value: float, unit: Unit) -> str:
    """A difference; it has a sign unless it is 0."""
    text = figure(abs(value), unit)
    return text if value == 0 else ("+" if value > 0 else "-") + text


def _value(value: float | None, unit: Unit) -> str:
    return "-" if value is None else figure(value, unit)

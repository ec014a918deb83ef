"""What changed between reports, as plain cells and words for whichever medium draws them."""

from collections.abc import Iterator, Sequence

from embaudit.render.tables import Content, Justify, Name
from embaudit.render.text import count, figure, inert
from embaudit.render.verdict import Finding, Mark
from embaudit.report import Measure, Unit
from embaudit.report.changes import Change, ClassChange, Compared, Direction

TOP = 12
WORDS: dict[Direction, str] = {
    "better": "better",
    "worse": "worse",
    "same": "same",
    "unknown": "",
}
ORDER: tuple[Direction, ...] = ("worse", "better", "unknown", "same")


def findings(compared: Compared) -> Iterator[Finding]:
    """In words: whether it can be compared, what got worse or better, and which classes broke."""
    if not compared.comparable:
        yield Finding(
            "unknown", "Not comparable", (inert(f"{'; '.join(compared.differences)}.", 600),)
        )
        return
    if compared.same_input:
        yield Finding("good", "The very same input and options: nothing changed")
        return
    yield _moved(compared)
    yield from _classes(compared)
    yield from _anchors(compared)
    for note in compared.notes:
        yield Finding("unknown", "Not all could be used", (inert(note, 600),))


def changes(
    compared: Compared, measures: Sequence[Measure], most: int | None = TOP
) -> Content | None:
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
    columns: tuple[tuple[str, Justify], ...] = (
        ("measure", "left"),
        ("then", "right"),
        ("now", "right"),
        ("change", "right"),
        ("direction", "left"),
    )
    rows = tuple(
        (
            measure.id,
            _value(change.then, measure.unit),
            _value(change.now, measure.unit),
            moved_by(change, measure.unit),
            meaning(change),
        )
        for measure, change in shown
    )
    more = len(known) - len(shown)
    note = f"{more} more, unmoved or less telling, are in the JSON report." if more else ""
    return Content("Changes", columns, rows, note) if rows else None


def classes(compared: Compared, name: Name, most: int = TOP) -> Content | None:
    """Classes newly broken and repaired."""
    found = compared.classes
    if found is None:
        return None
    both = [("newly broken", one) for one in found.newly_broken]
    both += [("repaired", one) for one in found.repaired]
    if not both:
        return None
    rows = tuple(
        (name(one.label), figure(one.then, "fraction"), figure(one.now, "fraction"), said)
        for said, one in both[:most]
    )
    columns: tuple[tuple[str, Justify], ...] = (
        ("class", "left"),
        ("then", "right"),
        ("now", "right"),
        ("what", "left"),
    )
    more = len(both) - len(rows)
    note = f"{more:,} more are in the JSON." if more > 0 else ""
    return Content("Classes by violated triplets", columns, rows, note)


def moved_by(change: Change, unit: Unit) -> str:
    """The change and, where it is not exact, its interval in a second line."""
    if change.value is None:
        return "-"
    unit = "ratio" if unit == "state" else unit
    told = signed(change.value, unit)
    if change.lower == change.upper:
        return told
    low = "-∞" if change.lower is None else signed(change.lower, unit)
    high = "+∞" if change.upper is None else signed(change.upper, unit)
    return f"{told}\n[{low}, {high}]"


def meaning(change: Change) -> str:
    """`worse, real`: the direction, and what a paired test says of it."""
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


def _moved(compared: Compared) -> Finding:
    by: dict[Direction, list[str]] = {direction: [] for direction in ORDER}
    for id, change in compared.changes.items():
        if change.value is not None:
            by[change.direction].append(id)
    worse, better = by["worse"], by["better"]
    told = {id: one.test for id, one in compared.changes.items() if one.test is not None}
    real = [id for id in worse if id in told and told[id].real]
    mark: Mark = "bad" if real or (worse and not told) else "warning" if worse else "good"
    headline = f"{count(len(worse), 'measure')} worse, {len(better)} better"
    rest = (
        f"{len(by['unknown'])} not told apart or without a better side, {len(by['same'])} the same."
    )
    tests = [
        f"{id} {signed(one.change, 'fraction')} "
        f"[{signed(one.lower, 'fraction')}, {signed(one.upper, 'fraction')}] "
        f"is {'real' if one.real else 'not told from chance'}."
        for id, one in told.items()
    ]
    if tests:
        tests.insert(0, "Paired test at 95 %:")
    return Finding(mark, headline, (*tests, rest[0].upper() + rest[1:]))


def _classes(compared: Compared) -> Iterator[Finding]:
    found = compared.classes
    if found is None:
        return
    if found.newly_broken:
        yield Finding("bad", f"{_classes_of(found.newly_broken)} newly broken")
    if found.repaired:
        yield Finding("good", f"{_classes_of(found.repaired)} repaired")


def _classes_of(some: Sequence[ClassChange]) -> str:
    return count(len(some), "class", "classes")


def _anchors(compared: Compared) -> Iterator[Finding]:
    moved = compared.anchors
    if moved is None:
        return
    share = moved.same_nearest_negative
    yield Finding(
        "unknown",
        f"Of {count(moved.anchors, 'anchor')} {moved.newly_violating:,} violate newly and "
        f"{moved.newly_separated:,} no longer",
        (
            f"{moved.newly_wrong_neighbour:,} lost their right neighbour and "
            f"{moved.newly_right_neighbour:,} found it.",
            f"{figure(moved.same_nearest_positive, 'fraction')} keep their nearest positive, "
            f"{figure(share, 'fraction')} their nearest negative.",
        ),
    )

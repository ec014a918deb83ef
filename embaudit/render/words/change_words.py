"""What changed between reports, as plain cells and words for whichever medium draws them."""

from collections.abc import Iterator, Sequence

from embaudit.render.text import count, figure, inert
from embaudit.render.words.sentence import Label
from embaudit.render.words.states import MARKS, state_word
from embaudit.render.words.text_blocks import Answer, Mark, TableBlock, TableColumn
from embaudit.report import Measure, Unit
from embaudit.report.changes import (
    NO_CREDIT,
    Change,
    ClassChange,
    Compared,
    Direction,
    LengthChange,
    Standing,
)
from embaudit.report.diagnosis import GRAVE

TOP = 12
LENGTHS = "Lengths but rms_pair_distance are in multiples of it: no change of scale moves them."
FIRST = {  # what is looked at first, and what it is called
    "precision_at_1": "Nearest row right (precision@1)",
    "separation_auc": "Same class is nearer (AUC)",
    "violated_triplets": "Violated triplets",
    "likely_mislabels": "Suspect labels",
}
UNITS: dict[str, Unit] = {"likely_mislabels": "rows"}
ADJUSTED = "adjusted_precision_at_1"
NEAR = 5e-5  # of chance: rounds to it
CREDIT = "No figure speaks for what has collapsed: none of them is called better."
FAULTY = "Figures of a file with a fault are of the fault: fix it, audit again, then compare."
SAID = 400  # cells of a reason
WORDS: dict[Direction, str] = {
    "better": "better",
    "worse": "worse",
    "same": "same",
    "unknown": "",
}
ORDER: tuple[Direction, ...] = ("worse", "better", "unknown", "same")


def findings(compared: Compared) -> Iterator[Answer]:
    """In words: whether it can be compared, the states, what is looked at first, and classes."""
    if not compared.comparable:
        yield Answer(
            "unknown", "Not comparable", (inert(f"{'; '.join(compared.differences)}.", 600),)
        )
        return
    if compared.same_input:
        yield Answer("good", "The very same input and options: nothing changed")
        return
    yield from _states(compared)
    yield from _first(compared)
    yield from _faults(compared)
    yield from _classes(compared)
    yield from _anchors(compared)
    for note in compared.notes:
        yield Answer("unknown", "Not all could be used", (inert(note, 600),))


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


def _states(compared: Compared) -> Iterator[Answer]:
    """In which state both are; no other figure says anything of one that has collapsed."""
    then, now = compared.then, compared.now
    if then is None or now is None:
        return
    same = _state(then) == _state(now)
    told = f"{_state(now)}, then and now" if same else f"{_state(then)} then, {_state(now)} now"
    mark = "good" if now.state == "points_only" else MARKS[now.state]
    yield Answer(mark, f"State: {told}", tuple(_reasons(then, now)))


def _reasons(then: Standing, now: Standing) -> Iterator[str]:
    """Why both are in their state, and what that means for all that follows."""
    for word, one in (("Then", then), ("Now", now)):
        if one.why is not None:
            yield f"{word}: {inert(one.why, SAID).rstrip('.')}."
    if "collapsed" in (then.collapse, now.collapse):
        yield CREDIT
    if "check_input" in (then.state, now.state):
        yield FAULTY


def _state(standing: Standing) -> str:
    """`collapsed (point, class)`, `not collapsed`, or the state of a diagnosis."""
    word = state_word(standing.state)
    fallen = standing.kinds and standing.state in ("collapsed", "warning")
    return f"{word} ({', '.join(standing.kinds)})" if fallen else word


def _first(compared: Compared) -> Iterator[Answer]:
    """What is looked at first: each a line of its own, and nothing is counted up."""
    for id, title in FIRST.items():
        change = compared.changes.get(id)
        if id == "precision_at_1" and change is None:
            change = compared.changes.get(ADJUSTED)
        if change is None or change.then is None or change.now is None:
            continue
        unit = UNITS.get(id, "fraction")
        ends, details = (change.then, change.now), tuple(_tested(change))
        if id == "precision_at_1":
            corrected = _above_chance(compared)
            if corrected:
                title, ends = f"{title}, corrected for chance", corrected
            else:
                details = (*_uncorrected(compared), *details)
        told = [figure(end, unit) for end in ends]
        moved = f"{told[0]} then and now" if told[0] == told[1] else f"{told[0]} to {told[1]}"
        word, mark = meaning(change) or "not told apart", _mark(change)
        if id == "likely_mislabels" and _grave(compared):
            word, mark = "says nothing", "unknown"
        yield Answer(mark, f"{title}: {moved}, {word}", details)


def _faults(compared: Compared) -> Iterator[Answer]:
    """What was found amiss in one of the two only."""
    then, now = compared.then, compared.now
    if then is None or now is None or then.faults is None or now.faults is None:
        return
    new, gone = (
        [id for id in one if id not in other]
        for one, other in ((now.faults, then.faults), (then.faults, now.faults))
    )
    if new:
        yield Answer("warning", f"New findings: {_listed(new)}")
    if gone:
        # a fault, or a collapse, may hide them
        yield Answer("unknown" if now.state in GRAVE else "good", f"Gone findings: {_listed(gone)}")


def _grave(compared: Compared) -> bool:
    """Whether labels of one of the two cannot be told by its rows."""
    return any(one is not None and one.state in GRAVE for one in (compared.then, compared.now))


def _listed(ids: Sequence[str]) -> str:
    return inert(", ".join(ids), SAID)


def _mark(change: Change) -> Mark:
    if change.direction == "worse":
        return "bad" if change.test is None or change.test.real else "warning"
    return "unknown" if change.direction == "unknown" else "good"


def _above_chance(compared: Compared) -> tuple[float, float] | None:
    if compared.then is None or compared.now is None:
        return None
    then, now = compared.then.above_chance, compared.now.above_chance
    if then is None or now is None:
        return None
    near = [0.0 if abs(one) < NEAR else one for one in (then, now)]  # -0.00%
    return near[0], near[1]


def _uncorrected(compared: Compared) -> Iterator[str]:
    """Why precision@1 is not corrected for chance."""
    for one in (compared.then, compared.now):
        if one is not None and one.reason is not None:
            yield f"Not corrected for chance: {one.reason}."
            return


def _tested(change: Change) -> Iterator[str]:
    test = change.test
    if test is not None:
        ends = f"[{signed(test.lower, 'fraction')}, {signed(test.upper, 'fraction')}]"
        yield f"By the paired test at 95 % it moved by {signed(test.change, 'fraction')} {ends}."


def _classes(compared: Compared) -> Iterator[Answer]:
    broken, repaired = told_classes(compared)
    if broken:
        yield Answer("bad", f"{_classes_of(broken)} newly broken")
    if repaired:
        yield Answer("good", f"{_classes_of(repaired)} repaired")


def _classes_of(some: Sequence[ClassChange]) -> str:
    return count(len(some), "class", "classes")


def _anchors(compared: Compared) -> Iterator[Answer]:
    moved = compared.anchors
    if moved is None:
        return
    share = moved.same_nearest_negative
    yield Answer(
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

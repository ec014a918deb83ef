"""What changed between reports, in words."""

from collections.abc import Iterator, Sequence

from embaudit.render.safe_text import count, figure, inert
from embaudit.render.words.block_types import Answer, Mark
from embaudit.render.words.change_tables import meaning, signed, told_classes
from embaudit.render.words.diagnosis_states import MARKS, state_word
from embaudit.report import Unit
from embaudit.report.changes_model import (
    Change,
    ClassChange,
    Compared,
    Standing,
)
from embaudit.report.diagnosis_model import GRAVE

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

"""What moved between two reports that can be compared: measures, classes, anchors."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from embaudit.baseline.comparable import key_of
from embaudit.report import Reading, Report
from embaudit.report.changes import (
    BROKEN,
    SHIFT,
    AnchorChanges,
    Change,
    ClassChange,
    ClassChanges,
    Direction,
    PairedTest,
)

WORST = 20

Columns = Mapping[str, Any]


def change_of(
    then: Reading | None, now: Reading, same_input: bool = False, test: PairedTest | None = None
) -> Change:
    """How far one measure moved; of the very same input it did not."""
    why = None
    if then is None:
        why = "not in the earlier report"
    elif then.definition != now.definition or then.unit != now.unit:
        why = "the measure is defined differently now: write a new baseline"
    elif then.value is None or now.value is None:
        gone = "then" if then.value is None else "now"
        why = f"undefined {gone}: {(then if then.value is None else now).reason}"
    elif "estimate" in (then.kind, now.kind):
        why = "an estimate has no interval"
    if why is not None or then is None:
        return Change(
            then=None if then is None else then.value,
            then_lower=None if then is None else then.lower,
            then_upper=None if then is None else then.upper,
            now=now.value,
            value=None,
            lower=None,
            upper=None,
            kind="undefined",
            direction="unknown",
            test=None,
            reason=why,
        )
    assert then.value is not None
    assert now.value is not None
    lower = None if now.lower is None or then.upper is None else now.lower - then.upper
    upper = None if now.upper is None or then.lower is None else now.upper - then.lower
    value: float = now.value - then.value
    kind = max(then.kind, now.kind, key=("exact", "certified", "sampled").index)
    if same_input:
        value, lower, upper, kind, why = 0.0, 0.0, 0.0, "exact", "the very same input and options"
    return Change(
        then=then.value,
        then_lower=then.lower,
        then_upper=then.upper,
        now=now.value,
        value=value,
        lower=lower,
        upper=upper,
        kind=kind,
        direction=direction_of(lower, upper, now.better),
        test=test,
        reason=why,
    )


def direction_of(lower: float | None, upper: float | None, better: str) -> Direction:
    """What an interval of a change says for sure."""
    if lower == upper == 0:
        return "same"
    if better == "none":
        return "unknown"
    if lower is not None and lower > 0:
        return "worse" if better == "lower" else "better"
    if upper is not None and upper < 0:
        return "better" if better == "lower" else "worse"
    return "unknown"


def class_changes(then: Report, now: Report) -> ClassChanges | None:
    """Classes newly broken and repaired, and the one that got worst; None where none is known."""
    before = {key_of(row.label): row.violated_triplets for row in then.classes}
    moved = [
        ClassChange(label=row.label, then=was, now=row.violated_triplets)
        for row in now.classes
        if row.violated_triplets is not None and (was := before[key_of(row.label)]) is not None
    ]
    if not moved:
        return None
    moved.sort(key=lambda one: one.then - one.now)  # stable: in order of appearance
    far = [one for one in moved if abs(one.now - one.then) >= SHIFT]
    return ClassChanges(
        newly_broken=tuple(one for one in far if one.then <= BROKEN < one.now),
        repaired=tuple(one for one in reversed(far) if one.now <= BROKEN < one.then),
        worst_increase=moved[0] if moved[0].now > moved[0].then else None,
    )


def anchor_changes(then: Columns, now: Columns) -> AnchorChanges | None:
    """Anchor by anchor, by input row."""
    rows, before, after = np.intersect1d(then["row"], now["row"], return_indices=True)
    if "id" in then and "id" in now:  # a row number alone does not make it the same thing
        pairs = zip(before.tolist(), after.tolist(), strict=True)
        same_id = np.array([then["id"][a] == now["id"][b] for a, b in pairs], dtype=bool)
        rows, before, after = rows[same_id], before[same_id], after[same_id]
    if not len(rows):
        return None

    def pair(name: str) -> tuple[Any, Any]:
        return np.asarray(then[name])[before], np.asarray(now[name])[after]

    was, is_ = pair("gap")
    right = [closer == 0 for closer in pair("closer_negatives")]
    if all("tied_negatives" in one for one in (then, now)):  # right whatever the order of ties
        tied = pair("tied_negatives")
        right = [one & (negatives == 0) for one, negatives in zip(right, tied, strict=True)]
    newly = np.flatnonzero((is_ > 0) & ~(was > 0))
    worst = newly[np.argsort((was - is_)[newly], kind="stable")][:WORST]
    same = [float(np.equal(*pair(f"nearest_{kind}")).mean()) for kind in ("positive", "negative")]
    return AnchorChanges(
        anchors=len(rows),
        newly_violating=len(newly),
        newly_separated=int(((was > 0) & ~(is_ > 0)).sum()),
        newly_wrong_neighbour=int((right[0] & ~right[1]).sum()),
        newly_right_neighbour=int((right[1] & ~right[0]).sum()),
        same_nearest_positive=same[0],
        same_nearest_negative=same[1],
        worst_rows=tuple(rows[worst].tolist()),
    )

"""What moved between two reports that can be compared: measures, classes, anchors."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from embaudit.baseline.comparability import key_of
from embaudit.report import Reading, Report, State
from embaudit.report.changes_model import (
    BROKEN,
    NO_CREDIT,
    SHIFT,
    AnchorChanges,
    Change,
    ClassChange,
    ClassChanges,
    Direction,
    LengthChange,
    PairedTest,
)

WORST = 20
# Less is no change. A float16 copy of two real sets of 128 and 384 dimensions moved quantiles by
# 0.1 % of themselves, ranks by 0.3 %, shares by a ten-thousandth, and thickness by 4e-5 RMS.
RELATIVE, RELATIVE_SHARE, LEAST = 5e-3, 1e-3, 1e-4

Columns = Mapping[str, Any]
Scales = tuple[float | None, float | None]


def change_of(
    then: Reading | None,
    now: Reading,
    same_input: bool = False,
    test: PairedTest | None = None,
    scales: Scales | None = None,
) -> Change:
    """How far one measure moved; of the very same input it did not.

    scales: of a length, the RMS pair distances of both reports, by which it is compared.
    """
    why = _incomparable(then, now)
    if why is not None or then is None:
        return _undefined(then, now, why)
    assert then.value is not None
    assert now.value is not None
    lower = None if now.lower is None or then.upper is None else now.lower - then.upper
    upper = None if now.upper is None or then.lower is None else now.upper - then.lower
    value: float = now.value - then.value
    kind = max(then.kind, now.kind, key=("exact", "certified", "sampled").index)
    if same_input:
        value, lower, upper, kind, why = 0.0, 0.0, 0.0, "exact", "the very same input and options"
    relative, direction = None, direction_of(lower, upper, now.better)
    if scales is not None and not same_input:
        relative, direction = _in_own_scale(then, now, scales)
        why = None if relative else "a length has no scale where all rows coincide"
    elif unmoved(then, now):
        direction = "same"
    return Change(
        then=then.value,
        then_lower=then.lower,
        then_upper=then.upper,
        now=now.value,
        value=value,
        lower=lower,
        upper=upper,
        kind=kind,
        direction=direction,
        relative=relative,
        test=test,
        reason=why,
    )


def _incomparable(then: Reading | None, now: Reading) -> str | None:
    """Why two readings have no difference, None where they have one."""
    if then is None:
        return "not in the earlier report"
    if then.definition != now.definition or then.unit != now.unit:
        return "the measure is defined differently now: write a new baseline"
    if then.value is None or now.value is None:
        gone = "then" if then.value is None else "now"
        return f"undefined {gone}: {(then if then.value is None else now).reason}"
    return "an estimate has no interval" if "estimate" in (then.kind, now.kind) else None


def _undefined(then: Reading | None, now: Reading, why: str | None) -> Change:
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


def _in_own_scale(
    then: Reading, now: Reading, scales: Scales
) -> tuple[LengthChange | None, Direction]:
    """The change of a length in RMS pair distances, and what it says."""
    if not scales[0] or not scales[1]:
        return None, "unknown"
    was, is_ = (_over(one, scale) for one, scale in zip((then, now), scales, strict=True))
    change = change_of(was, is_)
    assert change.then is not None
    assert change.now is not None
    assert change.value is not None
    told = LengthChange(
        then=change.then,
        now=change.now,
        value=change.value,
        lower=change.lower,
        upper=change.upper,
    )
    return told, change.direction


def _over(reading: Reading, scale: float | None) -> Reading:
    """A reading in another unit of length."""
    assert scale
    ends = {name: getattr(reading, name) for name in ("value", "lower", "upper")}
    over = {name: None if end is None else end / scale for name, end in ends.items()}
    return reading.model_copy(update=over)


def unmoved(then: Reading, now: Reading) -> bool:
    """Whether a measure surely moved by less than matters: by no more than a copy in float16 does.

    Lengths are in RMS pair distances here. A ratio beyond 1 / LEAST is as good as infinite.
    """
    lower, upper = (then.lower, now.lower), (then.upper, now.upper)
    least = [end for end in lower if end is not None]
    ends = [*least, *(end for end in upper if end is not None)]
    if now.unit == "ratio" and len(least) == 2 and min(least) >= 1 / LEAST:
        return True
    if len(ends) < 4:
        return False
    share = RELATIVE_SHARE if now.unit == "fraction" else RELATIVE
    smallest = LEAST if now.unit in ("fraction", "distance", "ratio") else 0.0
    if now.unit == "rows":  # chance moves a count by its root
        smallest = math.sqrt(sum(map(abs, least)))
    return max(ends) - min(ends) <= max(share * max(map(abs, ends)), smallest)


def without_credit(change: Change, then: State, now: State) -> Change:
    """No figure speaks for a report that has collapsed: a point violates little, and is near."""
    favoured = {"better": now, "worse": then}.get(change.direction)
    if favoured != "collapsed":
        return change
    return change.model_copy(update={"direction": "unknown", "reason": NO_CREDIT})


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

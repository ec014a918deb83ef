"""Comparing a report with an earlier one: what can be compared, what moved, and whether really."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embaudit import __version__
from embaudit.changes import (
    BROKEN,
    SHIFT,
    AnchorChanges,
    Change,
    ClassChange,
    ClassChanges,
    Compared,
    Direction,
    PairedTest,
)
from embaudit.comparison import Comparison, Compeer
from embaudit.errors import EmbauditError, InputRefused, UsageError
from embaudit.model import LabelField
from embaudit.paired import FEWEST_CLASSES, paired_tests
from embaudit.report import SCHEMA_VERSION, Reading, Report, Tool
from embaudit.saved import Saved, saved_report

WORST = 20
REMEDY = "Audit the same rows with the same options, then compare."

Columns = Mapping[str, Any]
Anchors = Callable[[], Columns | None]


def compare(paths: Sequence[str | Path]) -> Comparison:
    """Two or more saved reports, the later ones against the first.

    Raises InputRefused for what is no report, and where two cannot be compared; UsageError for
    fewer than two.
    """
    if len(paths) < 2:
        raise UsageError("There is nothing to compare.", "Give two reports or more.")
    first, *others = map(saved_report, paths)
    against = [compared(first, one.report, one.anchors) for one in others]
    problems = [
        f"{one.path} cannot be compared with {first.path}: {'; '.join(found.differences)}."
        for one, found in zip(others, against, strict=True)
        if not found.comparable
    ]
    if problems:
        raise InputRefused(problems, REMEDY)
    saved = (first, *others)
    ids = dict.fromkeys(id for one in saved for id in one.report.measures)
    return Comparison(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="embaudit", version=__version__),
        reports=tuple(map(_compeer, saved)),
        measures={id: tuple(one.report.measures.get(id) for one in saved) for id in ids},
        against_first=tuple(against),
    )


def _compeer(saved: Saved) -> Compeer:
    report = saved.report
    return Compeer(
        path=str(saved.path),
        run_id=report.run_id,
        version=report.tool.version,
        inputs=tuple(source.path for source in report.inputs),
        rows=report.data.rows,
        dim=report.data.dim,
        classes=report.data.classes,
        collapse=report.collapse.state,
        gate=report.gate.verdict,
    )


def compared(then: Saved, now: Report, anchors: Anchors) -> Compared:
    """What changed since an earlier report; anchors: the table of the present one, if any."""
    differences = differences_of(then.report, now)
    if differences:
        return missing(then.path, differences, then.report.run_id)
    same = _fingerprint(then.report) == _fingerprint(now)
    notes, tests, moved = [], {}, None
    if not same and now.options.labels and now.gallery is None:
        try:
            before = then.anchors()
            after = None if before is None else anchors()
            if before is not None and after is not None:
                tests = paired_tests(before, after, now.data.rows)
                moved = _anchor_changes(before, after)
                if not tests:
                    notes.append(f"No paired test: it takes {FEWEST_CLASSES} classes at least.")
        except EmbauditError as error:  # a table that is of something else decides nothing
            notes.append(error.message)
    return Compared(
        path=str(then.path),
        run_id=then.report.run_id,
        comparable=True,
        differences=(),
        same_input=same,
        changes={
            id: change_of(then.report.measures.get(id), reading, same, tests.get(id))
            for id, reading in now.measures.items()
        },
        classes=_class_changes(then.report, now),
        anchors=moved,
        notes=tuple(notes),
    )


def missing(path: object, differences: Sequence[str], run_id: str | None = None) -> Compared:
    """What is told of a report that is not there, or cannot be compared."""
    return Compared(
        path=str(path),
        run_id=run_id,
        comparable=False,
        differences=tuple(differences),
        same_input=False,
        changes={},
        classes=None,
        anchors=None,
        notes=(),
    )


def differences_of(then: Report, now: Report, *, dim: bool = True) -> tuple[str, ...]:
    """Why two reports cannot be compared: shape, classes, or options that decide what is measured.

    Search, effort and which measures were asked for only decide how well a number is known; so does
    the seed, unless it drew the rows. dim: False where the dimension may differ.
    """
    pairs: list[tuple[str, object, object]] = [
        (name, getattr(then.data, name), getattr(now.data, name))
        for name in ("rows", *(["dim"] if dim else []), "classes")
    ]
    pairs += [
        (name, getattr(then.options, name), getattr(now.options, name))
        for name in ("metric", "labels", "margin", "batch", "sample")
    ]
    if now.options.sample is not None:
        pairs.append(("seed, which draws the sample,", then.options.seed, now.options.seed))
    of = [None if one.gallery is None else one.gallery.rows for one in (then, now)]
    pairs.append(("rows of the gallery", of[0], of[1]))
    told = [f"{name}: {_said(a)} then, {_said(b)} now" for name, a, b in pairs if a != b]
    if not told:
        known = [{_key(row.label) for row in one.classes} for one in (then, now)]
        gone, new = known[0] - known[1], known[1] - known[0]
        if gone or new:
            told.append(f"classes: {len(gone)} are gone and {len(new)} are new")
    return tuple(told)


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


def _class_changes(then: Report, now: Report) -> ClassChanges | None:
    before = {_key(row.label): row.violated_triplets for row in then.classes}
    moved = [
        ClassChange(label=row.label, then=was, now=row.violated_triplets)
        for row in now.classes
        if row.violated_triplets is not None and (was := before[_key(row.label)]) is not None
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


def _anchor_changes(then: Columns, now: Columns) -> AnchorChanges | None:
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


def _fingerprint(report: Report) -> object:
    """What was audited, apart from how well: the same numbers have the same true measures."""
    read = [(one.role, one.sha256, one.column) for one in report.inputs]
    return report.fingerprint, read


def _key(label: LabelField) -> tuple[type, LabelField]:
    return type(label), label


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return " x ".join(map(str, value))
    if value is None or isinstance(value, bool):
        return {None: "none", True: "with", False: "without"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)

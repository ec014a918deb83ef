"""A report beside an earlier one: what moved, and whether really."""

from collections.abc import Callable, Sequence

from embaudit.baseline.comparability import differences_of, input_of
from embaudit.baseline.deltas import (
    Columns,
    anchor_changes,
    change_of,
    class_changes,
    without_credit,
)
from embaudit.baseline.earlier_report import Saved
from embaudit.baseline.paired_comparison import FEWEST, paired_tests
from embaudit.baseline.report_state import standing_of
from embaudit.baseline.sampling_error import sampling_error
from embaudit.errors import EmbauditError
from embaudit.report import Report
from embaudit.report.changes_model import Change, Compared, PairedTest

SCALE = "rms_pair_distance"

Anchors = Callable[[], Columns | None]


def compared(then: Saved, now: Report, anchors: Anchors) -> Compared:
    """What changed since an earlier report; anchors: the table of the present one, if any."""
    differences = differences_of(then.report, now)
    if differences:
        return missing(then.path, differences, then.report.run_id)
    same = input_of(then.report) == input_of(now)
    notes, tests, moved = [], {}, None
    if not same and now.options.labels and now.gallery is None:
        try:
            before = then.anchors()
            after = None if before is None else anchors()
            if before is not None and after is not None:
                tests = paired_tests(before, after, now.data.rows)
                moved = anchor_changes(before, after)
                if not tests:
                    notes.append(f"No paired test: it takes {FEWEST} groups of rows at least.")
        except EmbauditError as error:  # a table that is of something else decides nothing
            notes.append(error.message)
    return Compared(
        path=str(then.path),
        run_id=then.report.run_id,
        comparable=True,
        differences=(),
        same_input=same,
        then=standing_of(then.report),
        now=standing_of(now),
        changes={id: _change(id, then.report, now, same, tests.get(id)) for id in now.measures},
        classes=class_changes(then.report, now),
        anchors=moved,
        notes=tuple(notes),
    )


def _change(
    id: str, then: Report, now: Report, same_input: bool, test: PairedTest | None
) -> Change:
    """The change of a measure; of a length, but the scale itself, in the scale of its report."""
    reading = now.measures[id]
    length = reading.unit == "distance" and id != SCALE
    scales = (_scale(then), _scale(now)) if length else None
    change = change_of(then.measures.get(id), reading, same_input, test, scales)
    if change.value is not None:
        change = change.model_copy(update={"error": _error(id, then, now, test)})
    return without_credit(change, then.collapse.state, now.collapse.state)


def _error(id: str, then: Report, now: Report, test: PairedTest | None) -> float | None:
    """What the choice of rows moves it by: none of the same vectors, else as well as is known."""
    error = sampling_error(id, then, now)
    return error if test is None or error == 0 else test.error


def _scale(report: Report) -> float | None:
    """The RMS pair distance; from any length where it was not asked for itself."""
    known = report.measures.get(SCALE)
    if known is not None:
        return known.value
    ratios = (
        one.value / one.relative for one in report.measures.values() if one.value and one.relative
    )
    return next(ratios, None)


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

"""Comparing a report with earlier ones: what moved, and whether really."""

from collections.abc import Callable, Sequence

from embaudit import __version__
from embaudit.baseline.changing import (
    Columns,
    anchor_changes,
    change_of,
    class_changes,
    without_credit,
)
from embaudit.baseline.comparable import differences_of, input_of
from embaudit.baseline.paired import FEWEST, paired_tests
from embaudit.baseline.sampling import sampling_error
from embaudit.baseline.saved import Saved, saved_report
from embaudit.baseline.standing import standing_of
from embaudit.core.location import AnyPath
from embaudit.errors import EmbauditError, InputRefused, UsageError
from embaudit.report import SCHEMA_VERSION, Report, Tool
from embaudit.report.changes import Change, Compared, PairedTest
from embaudit.report.comparison import Comparison, Compeer

SCALE = "rms_pair_distance"
REMEDY = "Audit the same rows with the same options, then compare."

Anchors = Callable[[], Columns | None]


def compare(paths: Sequence[AnyPath]) -> Comparison:
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
        diagnosis=None if report.diagnosis is None else report.diagnosis.state,
        gate=report.gate.verdict,
    )


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

"""The comparison: saved reports -> what moved since the first, and whether really."""

from collections.abc import Sequence

from embaudit.baseline import Saved, compared, saved_report
from embaudit.core.location import AnyPath
from embaudit.errors import InputRefused, UsageError
from embaudit.report import SCHEMA_VERSION, Tool
from embaudit.report.comparison import Comparison, Compeer
from embaudit.version import __version__

REMEDY = "Audit the same rows with the same options, then compare."


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

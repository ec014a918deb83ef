"""The comparison: saved reports -> what moved since the first, and whether really."""

from collections.abc import Sequence

from embaudit.baseline import Held, Saved, compared, saved_report
from embaudit.core.location import AnyPath, Location
from embaudit.errors import InputRefused, UsageError
from embaudit.report import SCHEMA_VERSION, Report, Tool
from embaudit.report.comparison_document import Comparison, Compeer
from embaudit.version import __version__

REMEDY = "Audit the same rows with the same options, then compare."


def compare(*reports: AnyPath | Report | Sequence[AnyPath | Report]) -> Comparison:
    """Two or more reports, the later ones against the first.

    reports: of `embaudit.audit`, or paths of saved ones (.json; the table of anchors lies beside
    it as .parquet); or one list of such. With both tables a paired test tells what is real.

    Raises InputRefused for what is no report, and where two cannot be compared; UsageError for
    fewer than two.
    """
    given: list[AnyPath | Report] = []
    for one in reports:
        given += one if isinstance(one, list | tuple) else [one]  # type: ignore[list-item]
    if len(given) < 2:
        raise UsageError("There is nothing to compare.", "Give two reports or more.")
    first, *others = (_saved(one, number) for number, one in enumerate(given, 1))
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


def _saved(given: AnyPath | Report, number: int) -> Saved:
    """number: which it is, from 1 on."""
    if isinstance(given, Report):
        return Held(Location(f"<report {number}>"), given)
    return saved_report(given)


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

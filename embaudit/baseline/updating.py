"""The baseline: a report that later ones are held against, kept only when somebody says so."""

from embaudit.baseline.comparability import differences_of
from embaudit.baseline.earlier_report import RUN_ID, saved_report
from embaudit.core.location import AnyPath, Location, located
from embaudit.errors import EmbauditError, UsageError
from embaudit.files import (
    about_table,
    check_writable,
    content_of,
    identity,
    kind_of,
    write_atomically,
)
from embaudit.report import Report

SUFFIX = ".json"


def keep(report: AnyPath, target: AnyPath, *, accept_failing: bool = False) -> list[str]:
    """Copy a report and its table of anchors to where the baseline is; returns what to tell.

    Raises InputRefused for what is no report, UsageError for one whose gate said no, OutputFailed.
    """
    report, target = located(report), located(target)
    if target.suffix.lower() != SUFFIX:
        raise UsageError(f"{target}: a baseline is a {SUFFIX} file.", f"Name it {SUFFIX}.")
    new = saved_report(report)
    there = kind_of(target) is not None
    if there and identity(report) == identity(target):
        raise UsageError(f"{report}: is the baseline already.", "Give a new report.")
    if new.report.gate.verdict == "fail" and not accept_failing and not _wants_one(new.report):
        raise UsageError(
            f"{report}: its gate said no, so it is no level to hold.",
            "See its gate.rules; --accept-failing takes it all the same.",
        )
    anchors = new.anchors()  # of this very report, or an error
    notes = _replaced(target, new.report) if there else []
    table = target.with_suffix(".parquet")
    left = kind_of(table) is not None
    if left and RUN_ID not in about_table(table):
        raise UsageError(
            f"{table}: is no table of anchors, and that of the baseline would replace it.",
            f"Keep the baseline under another name than {target}.",
        )
    check_writable(target)
    files = [(target, report)]
    if anchors is None and left:
        notes.append(f"note: {table} is of the report before and no longer used: remove it.")
    if anchors is None:
        notes.append(
            f"note: no table of anchors beside {report}: audit with -o "
            f"{report.with_suffix('.parquet')} as well, and paired tests tell what is real."
        )
    else:
        check_writable(table)
        files.insert(0, (table, new.table))
    for path, source in files:
        write_atomically(path, content_of(source))
    written = " and ".join(str(path) for path, _ in reversed(files))
    return [*notes, f"baseline: {written}, run {new.report.run_id}"]


def _wants_one(report: Report) -> bool:
    """Whether its gate failed only for want of a baseline that it can be compared with."""
    compared = report.baseline
    if compared is not None and compared.comparable:
        return False
    open_ = [rule for rule in report.gate.rules if rule.status in ("fail", "undecided")]
    return bool(open_) and all(
        rule.status == "undecided" and rule.kind in ("change", "baseline") for rule in open_
    )


def _replaced(target: Location, new: Report) -> list[str]:
    """What is told of the baseline that is replaced."""
    try:
        old = saved_report(target).report
    except EmbauditError:
        return [f"note: {target} was no report; it is replaced."]
    differences = differences_of(old, new)
    if differences:
        return [f"note: not comparable with the baseline before: {'; '.join(differences)}."]
    return [f"note: replaces the baseline of run {old.run_id}."]

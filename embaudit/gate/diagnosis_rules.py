"""Rules about the state of a set, and about what was found in it."""

from embaudit.gate.remedies import ended, help_of, told_of
from embaudit.gate.rule_status import sentences, told
from embaudit.gate.rule_types import OfDiagnosis, OfFinding
from embaudit.report import Report, Rule
from embaudit.report.diagnosis_model import MARKS

NO_DIAGNOSIS = "The report has no diagnosis: audit again with this version."


def of_diagnosis(condition: OfDiagnosis, report: Report) -> Rule:
    """A rule about the state."""
    diagnosis = report.diagnosis
    if diagnosis is None:
        return told(condition, "undecided", NO_DIAGNOSIS, kind="diagnosis")
    state = diagnosis.state
    if (state == condition.state) == (condition.operator == "=="):
        return told(condition, "pass", "", kind="diagnosis", found=(state,))
    why = f"It is {state}: {ended(diagnosis.reason)}"
    remedy = _without_labels(condition, report) or "".join(map(help_of, diagnosis.next[:1]))
    return told(condition, "fail", sentences(why, remedy), kind="diagnosis", found=(state,))


def of_finding(condition: OfFinding, report: Report) -> Rule:
    """A rule about findings: what is found and serious enough fails it."""
    if report.diagnosis is None:
        return told(condition, "undecided", NO_DIAGNOSIS, kind="finding")
    least = MARKS.index(condition.least)
    found = [
        one
        for one in report.diagnosis.findings
        if condition.id in (None, one.id) and MARKS.index(one.mark) >= least
    ]
    ids = tuple(one.id for one in found)
    if not found:
        return told(condition, "pass", "", kind="finding")
    more = f"Also {', '.join(ids[1:])}." if condition.id is None and len(ids) > 1 else ""
    remedy = sentences(told_of(found[0]), more)
    return told(condition, "fail", remedy, kind="finding", found=ids)


def _without_labels(condition: OfDiagnosis, report: Report) -> str:
    """What keeps a set of points from being healthy."""
    wanted = condition.operator == "==" and condition.state != "points_only"
    if report.options.labels or not wanted:
        return ""
    return "Give --labels, or ask for diagnosis == points_only."

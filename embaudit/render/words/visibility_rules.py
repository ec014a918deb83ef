"""What the diagnosis lets be told: order and advice follow it."""

from embaudit.report import ForecastRow, Report
from embaudit.report.diagnosis_model import Diagnosis, Finding
from embaudit.report.suspects import ConfusedPair, CulpritRow

DECIDES = {  # the finding that a state is, where it has a name of its own
    "collapsed": "collapsed",
    "check_labels": "suspect_labels",
    "overlapping": "overlapping",
    "healthy": "not_collapsed",
}


def own_finding(diagnosis: Diagnosis) -> Finding | None:
    """The finding that the state is decided by; None where it is no finding."""
    wanted = DECIDES.get(diagnosis.state)
    for one in diagnosis.findings:
        named = one.headline == diagnosis.reason if wanted is None else one.id == wanted
        if named:
            return one
    return None


def found(report: Report, *ids: str) -> bool:
    """Whether any of these findings is there."""
    told = () if report.diagnosis is None else report.diagnosis.findings
    return any(one.id in ids for one in told)


def coincide(report: Report) -> bool:
    """Whether nearly all rows do, and the classes: then no triplet, class or row tells anything.

    Rows that were saved twice, or lie close together, may have classes all the same.
    """
    return report.collapse.point == "collapsed" and report.collapse.class_ in ("collapsed", None)


def blamed(report: Report) -> tuple[CulpritRow, ...]:
    """The suspect rows: none where labels or classes are not what they seem, or not learnt."""
    if report.blame is None or report.collapse.state == "collapsed":
        return ()
    state = None if report.diagnosis is None else report.diagnosis.state
    untold = state == "overlapping" and not found(report, "suspect_labels")
    return () if untold or found(report, "misaligned_labels") else report.blame.worst_rows


def mistaken(report: Report) -> list[ConfusedPair]:
    """Pairs of classes that are mistaken for each other; a label that means none is no class."""
    told = () if report.diagnosis is None else report.diagnosis.findings
    none = [one.evidence.get("labels", []) for one in told if one.id == "sentinel_labels"]
    pairs = () if report.blame is None else report.blame.confused_pairs
    return [
        one
        for one in pairs
        if one.wrong_neighbours and not any(label in some for some in none for label in one.labels)
    ]


def outlook(report: Report) -> tuple[ForecastRow, ...]:
    """The forecast; nothing of what has fallen already."""
    return () if report.collapse.point == "collapsed" else report.forecast

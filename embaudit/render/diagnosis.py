"""What is wrong above all: titles, order and advice follow it."""

from typing import Literal

from embaudit.report import ForecastRow, Report
from embaudit.report.blame import CulpritRow, Reason

# Separation saturates: one row astray makes a whole class violate. So it is the diagnosis only
# where nothing explains it.
Diagnosis = Literal["collapse", "labels", "separation"]

CLEAR = 4.0  # tails nearer to the other class: of random flips among real rows 85 % were so right
DOUBTFUL: tuple[Reason, ...] = (
    "duplicate",
    "likely_mislabel",
    "meets_duplicate",
    "meets_mislabel",
)


def diagnosis(report: Report) -> Diagnosis:
    """Collapse explains every other figure, suspect labels most violations that meet one."""
    if report.collapse.state == "collapsed":
        return "collapse"
    met, violating = explained(report)
    return "labels" if met and 2 * met >= violating else "separation"


def coincide(report: Report) -> bool:
    """Whether nearly all rows do, and the classes: then no triplet, class or row tells anything.

    Rows that were saved twice, or lie close together, may have classes all the same.
    """
    return report.collapse.point == "collapsed" and report.collapse.class_ in ("collapsed", None)


def blamed(report: Report) -> tuple[CulpritRow, ...]:
    """The rows to blame: none where the classes coincide, as nothing is at home anywhere."""
    if report.blame is None or report.collapse.class_ == "collapsed" or coincide(report):
        return ()
    return report.blame.worst_rows


def outlook(report: Report) -> tuple[ForecastRow, ...]:
    """The forecast; nothing of what has fallen already."""
    return () if report.collapse.point == "collapsed" else report.forecast


def suspects(report: Report) -> int:
    """Rows that are likely mislabelled."""
    return report.blame.rows["likely_mislabel"] if report.blame and blamed(report) else 0


def clear(report: Report) -> tuple[int, bool]:
    """Suspects far nearer to the other class; and whether these are all, as the report lists some.

    It lists the surest, so that all are known once one of them is not clear.
    """
    listed = [one for one in blamed(report) if one.attribution == "likely_mislabel"]
    found = sum(
        one.home_score is not None and one.score - one.home_score >= CLEAR for one in listed
    )
    return found, found < len(listed) or len(listed) == suspects(report)


def twins(report: Report) -> int:
    """Rows with a duplicate under another label."""
    return report.blame.rows["duplicate"] if report.blame and blamed(report) else 0


def explained(report: Report) -> tuple[int, int]:
    """Violating anchors that have a doubtful label or meet one, and all that violate."""
    if report.blame is None or not blamed(report):
        return 0, 0
    anchors = report.blame.anchors
    return sum(anchors.get(kind, 0) for kind in DOUBTFUL), sum(anchors.values())

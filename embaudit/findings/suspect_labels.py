"""Suspect labels, as a finding: told of what attribution found."""

from collections.abc import Iterator, Sequence

import numpy as np

from embaudit.evidence import Evidence
from embaudit.findings.finding import rows_text, share
from embaudit.findings.overlapping_classes import MIXED_UP, anchors_again
from embaudit.geometry.sample_retrieval import corrected
from embaudit.report import Report
from embaudit.report.diagnosis_model import Finding
from embaudit.report.suspects import CULPRITS

TOLD_APART = 0.6  # beyond chance, of rows that are no suspects: else labels are not what is wrong
MOST_SUSPECT = 0.2  # of the rows of classes that mix: more labels are not wrong by one and one
SURE_SHARE, SURE = 0.005, 3  # sure suspects, of the rows and in all, that matter
LIKELY_SHARE, LIKELY = 0.01, 5  # labels that are expected to be wrong, likewise


def _precision_without_suspects(evidence: Evidence) -> float:
    """Precision@1 beyond chance of the anchors whose labels are not likely wrong."""
    suspect = evidence.attribution.suspect_kind == CULPRITS.index("likely_mislabel")
    innocent = ~suspect[evidence.anchors]
    if not innocent.any():
        return 0.0
    return corrected(float(evidence.right[innocent].mean()), evidence.chance)


def suspect_labels(
    report: Report, evidence: Evidence, precision: float | None, others: Sequence[Finding]
) -> Iterator[Finding]:
    """Labels that are likely wrong; none where classes are not told apart without them either."""
    blame = report.blame
    if precision is None or blame is None or report.collapse.state == "collapsed":
        return
    flagged = blame.rows["likely_mislabel"]
    if not flagged or _precision_without_suspects(evidence) < TOLD_APART:
        return
    if precision < MIXED_UP and flagged > MOST_SUSPECT * report.data.rows:
        return  # on a plane, what is left of classes that mix is told apart
    assert blame.expected_wrong is not None
    assert blame.sure is not None
    listed = [one for one in blame.worst_rows if one.attribution == "likely_mislabel"]
    first, wrong = listed[0], max(1, round(blame.expected_wrong))
    rows = report.data.rows
    matters = blame.sure >= max(SURE, SURE_SHARE * rows)
    matters |= blame.expected_wrong >= max(LIKELY, LIKELY_SHARE * rows)
    meaningless = _suspects_of(evidence, others)
    yield Finding(
        id="suspect_labels",
        title="Suspect labels",
        mark="bad" if matters and 2 * meaningless <= flagged else "note",
        headline=f"{rows_text(flagged)} ({share(flagged / report.data.rows)}) "
        f"{'has' if flagged == 1 else 'have'} a suspect label, {_wrong(wrong, flagged)}",
        details=(
            f"First: row {first.row} is labelled {first.label!r}, its nearest rows "
            f"{first.likely_label!r}.",
            *((f"{meaningless} of them have a label that means none.",) if meaningless else ()),
        ),
        evidence={
            "count": flagged,
            "expected_wrong": blame.expected_wrong,
            "sure": blame.sure,
            "rows": [one.row for one in listed],
        },
        remedy="Look at these labels, the most probably wrong first (label_score in "
        "anchors.parquet), and fix what is wrong.",
        command=None if report.invocation is None else anchors_again(report.invocation),
    )


def _wrong(expected: int, flagged: int) -> str:
    """How many of them are expected to be wrong."""
    if expected < flagged:
        return f"about {expected} of them wrong"
    return "probably wrong" if flagged == 1 else "probably all of them wrong"


def _suspects_of(evidence: Evidence, others: Sequence[Finding]) -> int:
    """How many suspects have a label that was found to mean none."""
    labels = [x for one in others if one.id == "sentinel_labels" for x in one.evidence["labels"]]
    codes = [code for code, label in enumerate(evidence.data.classes) if label in labels]
    suspect = evidence.attribution.suspect_kind == CULPRITS.index("likely_mislabel")
    return int(np.count_nonzero(np.isin(evidence.data.codes[suspect], codes)))

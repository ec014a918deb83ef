"""Classes that mix, as a finding: told of what the measures found."""

from embaudit.report import Report
from embaudit.report.diagnosis_model import Finding
from embaudit.report.invocation import Invocation
from embaudit.report.shell_command import Command

MIXED_UP = 0.45  # precision@1 beyond chance below which classes are not told apart well


def mixing_classes(report: Report, reason: str) -> Finding:
    """Which classes mix."""
    pairs = () if report.blame is None else report.blame.confused_pairs
    pairs = tuple(one for one in pairs if one.wrong_neighbours)[:5]
    named = ", ".join(
        f"{one.labels[0]!r}/{one.labels[1]!r} {one.wrong_neighbours}" for one in pairs
    )
    return Finding(
        id="overlapping",
        title="Classes that mix",
        mark="warning",
        headline=reason[:1].upper() + reason[1:],
        details=(f"Most mistakes: {named}.",) if named else (),
        evidence={"classes": [list(one.labels) for one in pairs]},
        remedy="See which rows mix (anchors.parquet has the nearest ones of each): can a person "
        "tell them apart? If so, keep training; if not, merge these classes.",
        command=Command("explain", ("overlapping",)).line()
        if report.invocation is None
        else anchors_again(report.invocation),
    )


def anchors_again(asked: Invocation) -> str:
    """The audit again, with a table of a row an anchor."""
    return asked.then("audit", output=asked.beside("anchors.parquet")).line()

"""What is wrong with a set, named: what a person reads first, for those who only read JSON."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Literal, get_args

from pydantic import Field

from embaudit.report.base_model import Model

DiagnosisState = Literal[
    "check_input", "collapsed", "check_labels", "overlapping", "healthy", "points_only"
]
DIAGNOSES: tuple[DiagnosisState, ...] = get_args(DiagnosisState)
Mark = Literal["good", "note", "warning", "bad"]
MARKS: tuple[Mark, ...] = get_args(Mark)
NEXT = 3  # findings that say what to do next
SURE: tuple[Mark, ...] = ("bad", "good")  # what is not acknowledged away
MOST_ROWS = 200  # rows that a finding lists
# Of these, other figures are of the fault or of the collapse.
GRAVE: tuple[DiagnosisState, ...] = ("check_input", "collapsed")


class Finding(Model):
    """One thing that was found, with what shows it and what to do about it."""

    id: str
    title: str = Field(default="", description="What it is called; `embaudit explain` knows more.")
    mark: Mark = Field(
        description="bad: the figures are of the fault, not of the network; warning: they may "
        "mislead; note: worth knowing; good: as it should be."
    )
    headline: str
    details: tuple[str, ...] = ()
    evidence: dict[str, Any] = Field(
        default={},
        description="Rows are input rows (`rows`: the first 200, `count`: how many), `dimensions` "
        "are 0-based, `ranges` are lists of first and last row, `tail` is whether the rows are an "
        "unbroken end, `labels` are those that the rows have, `shift` is how far labels are off, "
        "from `row` on, `share` is of the rows or of the variance; precision_at_1, "
        "precision_at_1_without and precision_at_1_other: with and without what was found, and "
        "under the other metric.",
    )
    remedy: str = ""
    command: str | None = Field(
        default=None, description="It can be pasted as it stands; null where there is none."
    )


class Diagnosis(Model):
    """The state of a set, everything that was found, and what to do next."""

    state: DiagnosisState = Field(
        description="The first that holds: check_input (the file explains the figures), collapsed, "
        "check_labels (too many labels are surely wrong), overlapping, healthy; points_only "
        "without labels."
    )
    reason: str = Field(description="Why, in a sentence.")
    chance: float | None = Field(
        default=None, description="Precision@1 of a blind guess; null without labels."
    )
    findings: tuple[Finding, ...] = Field(description="What is wrong first.")
    next: tuple[Finding, ...] = Field(description="At most three of them that ask for something.")

    def without(self, ids: Sequence[str]) -> "Diagnosis":
        """It without the warnings and notes of these ids; what is bad stays, and so the state."""
        kept = tuple(one for one in self.findings if one.mark in SURE or one.id not in ids)
        return self.model_copy(update={"findings": kept, "next": asking(kept)})

    @property
    def faults(self) -> tuple[str, ...]:
        """Ids of what was found amiss, once each, in the order of the findings."""
        return tuple(dict.fromkeys(one.id for one in self.findings if one.mark != "good"))

    @property
    def labels_tell(self) -> bool:
        """Whether rows can be told by their labels: else no label, class or triplet is advice."""
        return self.state != "collapsed" and not any(
            one.id in ("collapsed", "misaligned_labels") and one.mark == "bad"
            for one in self.findings
        )


def asking(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first of them that ask for something."""
    return tuple(islice((one for one in findings if one.mark != "good" and one.remedy), NEXT))

"""What changed between two reports: documents that a report, a gate and renderers read."""

from typing import Literal

from pydantic import Field

from embaudit.core.intervals import Kind
from embaudit.report.base_model import LabelField, Model
from embaudit.report.collapse_state import State

Direction = Literal["better", "worse", "same", "unknown"]

BROKEN = 0.25  # a class with more of its triplets violated is broken
NO_CREDIT = "no figure speaks for a collapsed embedding"
SHIFT = 0.05  # a class that moved by less was neither broken nor repaired


class PairedTest(Model):
    """Whether the mean over anchors really moved: pairs of classes, and of rows saved together."""

    change: float = Field(description="Now minus then, of the mean over anchors.")
    lower: float = Field(description="Lower end of its interval.")
    upper: float = Field(description="Upper end of its interval.")
    confidence: float
    real: bool = Field(description="Whether the interval leaves out 0: more than chance does.")
    classes: int = Field(description="Classes that were paired.")
    groups: int = Field(description="Groups of rows taken as dependent: of one id, or neighbours.")
    error: float | None = Field(
        default=None,
        description="Standard error of the change by the choice of rows alone, the classes given.",
    )


class LengthChange(Model):
    """A change of a length, each end in the RMS pair distances of its own report."""

    then: float
    now: float
    value: float
    lower: float | None
    upper: float | None


class Change(Model):
    """One measure now minus then; ends are null where unbounded, all where it is not known."""

    then: float | None
    then_lower: float | None
    then_upper: float | None
    now: float | None
    value: float | None = Field(description="now - then.")
    lower: float | None
    upper: float | None
    kind: Kind
    direction: Direction = Field(
        description="better or worse if the whole interval says so, of a length in RMS pair "
        "distances; same if it surely moved by less than matters; unknown if the interval holds 0, "
        "if no direction is better, or if it would speak for a report that has collapsed."
    )
    relative: LengthChange | None = Field(
        default=None,
        description="Of a length: in RMS pair distances, which no change of scale moves.",
    )
    test: PairedTest | None = Field(
        description="Where both per-anchor tables were there and the measure is a mean over them."
    )
    error: float | None = Field(
        default=None,
        description="Of a mean over anchors: the standard error of its change where the rows are "
        "others of one kind, from both tables of anchors, else estimated from the reports; 0 for "
        "the very same vectors.",
    )
    reason: str | None = Field(description="Why nothing is known, or how the interval was got.")


class ClassChange(Model):
    """A class whose violated triplets moved."""

    label: LabelField
    then: float
    now: float


class ClassChanges(Model):
    """Classes that crossed a quarter of violated triplets, by 0.05 at least; the worst first."""

    newly_broken: tuple[ClassChange, ...]
    repaired: tuple[ClassChange, ...]
    worst_increase: ClassChange | None = Field(description="The class that got worse the most.")


class AnchorChanges(Model):
    """What happened to the anchors, row by row."""

    anchors: int = Field(description="Anchors in both tables.")
    newly_violating: int
    newly_separated: int
    newly_wrong_neighbour: int = Field(
        description="Whose nearest row had their label and has not now: precision@1 lost."
    )
    newly_right_neighbour: int
    same_nearest_positive: float = Field(description="Share whose nearest positive is the same.")
    same_nearest_negative: float = Field(description="Share whose nearest negative is the same.")
    worst_rows: tuple[int, ...] = Field(
        description="Input rows that violate newly, the largest growth of the gap first."
    )


class Standing(Model):
    """What a report says in short: what is told first of two that are compared."""

    state: str = Field(description="diagnosis.state, where the report has one, else the collapse.")
    collapse: State
    kinds: tuple[str, ...] = Field(description="The kinds of collapse that are in that state.")
    chance: float | None = Field(
        description="precision_at_1 of a blind guess: the mean share of an anchor's class among "
        "the other rows."
    )
    above_chance: float | None = Field(
        description="precision_at_1 corrected for chance: 0 at chance, 1 if always right."
    )
    above_chance_lower: float | None
    above_chance_upper: float | None
    reason: str | None = Field(description="Why it is not corrected.")
    why: str | None = Field(
        default=None, description="diagnosis.reason: why it is in that state; null without."
    )
    faults: tuple[str, ...] | None = Field(
        default=None,
        description="Ids of what was found amiss, worst first; null where nothing was looked for.",
    )


class Compared(Model):
    """A report against an earlier one."""

    path: str = Field(description="The earlier report.")
    run_id: str | None = Field(description="Of the earlier report; null where there is none.")
    comparable: bool
    differences: tuple[str, ...] = Field(description="Why not, one sentence each.")
    then: Standing | None = Field(default=None, description="The earlier report in short.")
    now: Standing | None = Field(default=None, description="The later one.")
    same_input: bool = Field(description="Whether the very same numbers were audited.")
    changes: dict[str, Change]
    classes: ClassChanges | None = Field(description="null where classes are not comparable.")
    anchors: AnchorChanges | None = Field(
        description="null unless both reports have their table of anchors beside them."
    )
    notes: tuple[str, ...] = Field(description="What the comparison could not use, and why.")

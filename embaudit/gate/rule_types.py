"""What a rule of the gate may be about: a measure, the diagnosis, or what was found."""

from dataclasses import dataclass
from typing import Literal

from embaudit.measures.measure import Measure
from embaudit.report.diagnosis_model import DiagnosisState, Mark

Level = Literal["error", "warn"]
Turn = Literal["increase", "decrease"]

SIDES = {"<=": {"max"}, "<": {"max"}, ">=": {"min"}, ">": {"min"}, "==": {"max", "min"}}


@dataclass(frozen=True)
class OfMeasure:
    """Of a measure, its worst class or a named one, or of how far it moved from a baseline.

    label: of the class, as text. limit: of a `turn` (a change in that direction) an absolute one,
    or, if `relative`, a share of the baseline's value. origin: where the rule was written.
    """

    text: str
    measure: Measure
    operator: str
    limit: float
    level: Level = "error"
    worst_class: bool = False
    label: str | None = None
    turn: Turn | None = None
    relative: bool = False
    origin: str = ""

    @property
    def of_class(self) -> bool:
        """Whether it is about one class instead of all of them."""
        return self.worst_class or self.label is not None

    @property
    def needs_labels(self) -> bool:
        """Whether nothing is known of it without labels."""
        return self.measure.needs_labels

    def overrides(self, other: "Condition") -> bool:
        """Whether it bounds the same quantity from the same side, and is as serious."""
        if not isinstance(other, OfMeasure):
            return False
        mine = (self.measure.id, self.worst_class, self.label, self.turn, self.level)
        its = (other.measure.id, other.worst_class, other.label, other.turn, other.level)
        return mine == its and bool(SIDES[self.operator] & SIDES[other.operator])


@dataclass(frozen=True)
class OfDiagnosis:
    """Of the state of a set: that it is a certain one, or that it is not."""

    text: str
    operator: Literal["==", "!="]
    state: DiagnosisState
    level: Level = "error"
    origin: str = ""
    needs_labels = False

    def overrides(self, other: "Condition") -> bool:
        """Whether it says which state it is to be, or the same of the same state."""
        if not isinstance(other, OfDiagnosis) or self.level != other.level:
            return False
        same = (self.operator, self.state) == (other.operator, other.state)
        return self.operator == "==" or same


@dataclass(frozen=True)
class OfFinding:
    """That nothing was found: of one id, or at all; from a mark on, weaker ones are no matter."""

    text: str
    id: str | None
    least: Mark
    level: Level = "error"
    origin: str = ""
    needs_labels = False

    def overrides(self, other: "Condition") -> bool:
        """Whether it is of the same findings, and as serious."""
        mine = (self.id, self.level)
        return isinstance(other, OfFinding) and mine == (other.id, other.level)


Condition = OfMeasure | OfDiagnosis | OfFinding

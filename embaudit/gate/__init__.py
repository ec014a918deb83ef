"""May this checkpoint ship?"""

from embaudit.gate.conditions import Condition, OfDiagnosis, OfFinding, OfMeasure
from embaudit.gate.deciding import decided
from embaudit.gate.parsing import condition_of
from embaudit.gate.presets import NO_WORSE, PRESETS
from embaudit.gate.rules import Asked, needed, rules_in_force
from embaudit.gate.verdicts import judge

__all__ = [
    "NO_WORSE",
    "PRESETS",
    "Asked",
    "Condition",
    "OfDiagnosis",
    "OfFinding",
    "OfMeasure",
    "condition_of",
    "decided",
    "judge",
    "needed",
    "rules_in_force",
]

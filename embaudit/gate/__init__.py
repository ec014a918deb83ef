"""May this checkpoint ship? Rules, presets, and the verdict on a report.

It knows how a rule is written, which rules are in force, and how each is decided on the
pessimistic end of an interval. It computes no figure.
"""

from embaudit.gate.presets import NO_WORSE, PRESETS
from embaudit.gate.rule_evaluation import judge
from embaudit.gate.rule_layers import Asked, needed, rules_in_force
from embaudit.gate.rule_parsing import condition_of
from embaudit.gate.rule_status import decided
from embaudit.gate.rule_types import Condition, OfDiagnosis, OfFinding, OfMeasure

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

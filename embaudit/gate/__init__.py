"""May this checkpoint ship?"""

from embaudit.gate.rules import (
    PRESETS,
    PRESETS_AGAINST,
    Asked,
    Condition,
    condition_of,
    needed,
    rules_in_force,
)
from embaudit.gate.verdicts import decided, judge

__all__ = [
    "PRESETS",
    "PRESETS_AGAINST",
    "Asked",
    "Condition",
    "condition_of",
    "decided",
    "judge",
    "needed",
    "rules_in_force",
]

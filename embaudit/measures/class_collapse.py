"""Do the classes coincide?"""

from embaudit.core.intervals import Estimate
from embaudit.evidence import Evidence
from embaudit.measures.collapse_state_spec import (
    COLLAPSED,
    HALF,
    NONE,
    WARNING,
    decided_by,
    state_measure,
)
from embaudit.measures.measure import AGAINST
from embaudit.measures.retrieval import ADJUSTED_PRECISION_AT_1
from embaudit.measures.triplet_violations import SEPARATION_AUC

# Precision@1 is adjusted for chance: 0 for a blind guess, 1 for perfect.
BLIND = 0.08  # at most: classes cannot be told apart; real collapses had 0.00, untrained nets 0.35
NOISE, MOST_NOISE = 2.5, 0.3  # standard errors of chance that small or lopsided sets may add to it
BLIND_AUC = 0.65  # at most, for classes that coincide: beside it, blind neighbours are overlap
RANDOM_AUC = 0.55  # at most: an order as at random, beside which twice as much is blind
WEAK, MOST_WEAK = 0.2, 0.5  # at most: a warning; what chance may add to that in lopsided sets


def class_collapse(evidence: Evidence) -> Estimate:
    """Do the classes coincide?"""
    told_apart = ADJUSTED_PRECISION_AT_1.compute(evidence)
    balanced, error, luck = evidence.balanced_precision
    blind = max(BLIND, min(NOISE * error, MOST_NOISE))
    weak = max(WEAK, min(NOISE * error + luck, MOST_WEAK))
    auc = SEPARATION_AUC.compute(evidence).value

    def state(precision: float | None) -> int:
        if precision is None:
            return NONE
        least = min(precision, balanced)  # of lopsided classes the whole is a figure of the large
        if precision <= HALF and (
            (least <= blind and (auc is None or auc <= BLIND_AUC))
            or (least <= 2 * blind and auc is not None and auc <= RANDOM_AUC)
        ):
            return COLLAPSED
        return WARNING if least <= weak else NONE

    least = min(told_apart.value or 0.0, balanced)
    why = f"P@1 beyond chance {round(least, 2) + 0.0:g} (collapsed at {blind:.2g} or less)"
    if auc is not None:
        why += f", AUC {auc:.2g} ({BLIND_AUC:g} or less)"
    return decided_by(told_apart, state, why)


CLASS_COLLAPSE = state_measure(
    "class_collapse",
    "Class collapse",
    class_collapse,
    "With q the lesser of adjusted_precision_at_1 and that of the mean over classes: collapsed if "
    f"q is at most {BLIND:g} ({NOISE:g} standard errors of a blind guess in small sets) and "
    f"separation_auc at most {BLIND_AUC:g}, or at most twice that and {RANDOM_AUC:g}; warning if q "
    f"is at most {WEAK:g}, or as much as those errors and two rows of the rarest class that meet "
    f"by chance, up to {MOST_WEAK:g}.",
    f"{AGAINST}: chance and C are those of the gallery",
    definition=4,
    needs_labels=True,
)

MEASURES = (CLASS_COLLAPSE,)

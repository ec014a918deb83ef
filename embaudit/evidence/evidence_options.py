"""What evidence depends on beside the set: options that decide figures."""

from dataclasses import dataclass

from embaudit.core.metric import Metric
from embaudit.evidence.budget import STANDARD, Budget


@dataclass(frozen=True)
class EvidenceOptions:
    """margin: of the training, in the user's units. batch: classes x rows, by default 18 x 4.

    effort: 0 to 6, of certified searches. approximate: whether nearest negatives may be missed.
    """

    metric: Metric = "l2"
    margin: float = 0.0
    batch: tuple[int, int] | None = None
    seed: int = 0
    budget: Budget = STANDARD
    effort: int = 0
    approximate: bool = False

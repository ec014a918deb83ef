"""What an approximate search is worth: the truth about a sample of its anchors.

A missed negative can only make a reported violation smaller. So every figure made of nearest
negatives has one certified end, and the sample bounds the other.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import CONFIDENCE, Estimate, sampled_share
from embaudit.core.prepared_points import Floats
from embaudit.search import AnchorCheck, AnchorScan

APPROXIMATE = "the search was approximate"


class SearchRecall:
    """A scan and the exhaustively searched anchors among its own."""

    def __init__(self, scan: AnchorScan, check: AnchorCheck) -> None:
        self.scan, self.check = scan, check

    @cached_property
    def recall(self) -> Estimate:
        """Share of the anchors whose nearest negative was found."""
        return sampled_share(int(self.check.found.sum()), len(self.check.found))

    @cached_property
    def missed(self) -> float:
        """Share of the anchors whose gap may be larger than found, from above."""
        return 1.0 - self.recall.lower

    @cached_property
    def gaps(self) -> tuple[Floats, Floats]:
        """F - M of the checked anchors, as the scan found it and as it is."""
        furthest = self.scan.d2_furthest_positive[self.check.rows]
        found = self.scan.d2_nearest_negative[self.check.rows]
        return gaps_of(furthest, found), gaps_of(furthest, self.check.d2_nearest_negative)

    def mean_from(self, found: float, extra: Floats, high: float) -> Estimate:
        """A mean that is `found` at least; extra, in [0, high]: what each checked anchor adds."""
        return self._raised(found, sampled_mean(extra, 0.0, high))

    def share_from(self, found: float, extra: NDArray[np.bool_]) -> Estimate:
        """A share of anchors that is `found` at least; extra: checked anchors to add to it."""
        share = self._raised(found, sampled_share(int(extra.sum()), len(extra)))
        return Estimate(
            "sampled", share.value, found, min(1.0, share.upper), CONFIDENCE, self.reason
        )

    def share_up_to(self, found: float, lost: NDArray[np.bool_]) -> Estimate:
        """A share of anchors that is `found` at most; lost: checked anchors to take from it."""
        rest = self.share_from(1.0 - found, lost)
        assert rest.value is not None
        value, lower = 1.0 - rest.value, 1.0 - rest.upper
        return Estimate("sampled", min(value, found), lower, found, CONFIDENCE, self.reason)

    @property
    def reason(self) -> str:
        """The sentence that goes with such a figure."""
        return (
            f"{APPROXIMATE}: one end is certified, the other rests on "
            f"{len(self.check.rows):,} anchors drawn at random and searched exhaustively"
        )

    def _raised(self, found: float, more: Estimate) -> Estimate:
        assert more.value is not None
        value, upper = found + more.value, found + more.upper
        return Estimate("sampled", value, found, upper, CONFIDENCE, self.reason)


def gaps_of(furthest: Floats, nearest: Floats) -> Floats:
    """F - M from squared distances, as a quotient: its sign is the decision on the squares."""
    total = np.sqrt(furthest) + np.sqrt(nearest)
    gaps: Floats = np.divide(furthest - nearest, total, out=np.zeros_like(total), where=total > 0)
    return gaps

"""How the negatives rank among the positives of some anchors: what was counted of each."""

from dataclasses import dataclass, fields, replace

import numpy as np

from embaudit.core.prepared_points import Floats, Rows


@dataclass(frozen=True)
class AnchorRanks:
    """Exact counts for k anchors, each against all of its positives and negatives.

    anchors: (k,) ordered rows. violated, tied: (k,) pairs (p, n) with d(a,p) > d(a,n), with
    equality. triplets: (k,) P_x N_x. r_precision, average_precision: (k, 3) over the first
    R = P_x ranks (average precision divides by R): with every negative before the positives as
    far as it, expected of a random order of such ties, and with every negative after them.
    leading: (k,) positives strictly closer than every negative.
    as_positive: (N,) of the violated pairs, those in which each ordered row is the positive.
    """

    anchors: Rows
    violated: Rows
    tied: Rows
    triplets: Rows
    r_precision: Floats
    average_precision: Floats
    leading: Rows
    as_positive: Rows

    @classmethod
    def of_separated(
        cls, anchors: Rows, positives: Rows, negatives: Rows, rows: int
    ) -> "AnchorRanks":
        """Of anchors, (k,), to which every positive is strictly closer than every negative.

        positives, negatives: (k,) how many each has. rows: N, of the set that is ranked.
        """
        none, all_right = np.zeros(len(anchors), dtype=np.int64), np.ones((len(anchors), 3))
        return cls(
            anchors,
            none,
            none,
            positives * negatives,
            all_right,
            all_right,
            positives,
            np.zeros(rows, dtype=np.int64),
        )

    def beside(self, other: "AnchorRanks") -> "AnchorRanks":
        """The ranks of these anchors, then of others."""
        of_anchors = (field.name for field in fields(self) if field.name != "as_positive")
        columns = {
            name: np.concatenate((getattr(self, name), getattr(other, name))) for name in of_anchors
        }
        return AnchorRanks(**columns, as_positive=self.as_positive + other.as_positive)

    def ordered(self) -> "AnchorRanks":
        """The same by rising anchor."""
        order = np.argsort(self.anchors)
        names = (field.name for field in fields(self) if field.name != "as_positive")
        return replace(self, **{name: getattr(self, name)[order] for name in names})

"""What every anchor sees: its furthest and nearest positive and its nearest negative."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.space import Floats, Rows

COUNTED = 10  # negatives before the nearest positive are counted up to here (recall at 10)


@dataclass(frozen=True)
class AnchorScan:
    """For each of the N rows (ordered by class), found exactly and decided in float64.

    A row is an anchor if its class has another row. Rows are indices into the ordered set, -1
    where the row is no anchor; d2_* are squared distances in units of the prepared points, NaN
    where the row is no anchor. Ties go to the lowest input row.

    closer_negatives counts the negatives that come before the nearest positive (closer, or as
    close with a lower input row), up to COUNTED.
    """

    anchor: NDArray[np.bool_]
    furthest_positive: Rows
    nearest_positive: Rows
    nearest_negative: Rows
    d2_furthest_positive: Floats
    d2_nearest_positive: Floats
    d2_nearest_negative: Floats
    closer_negatives: Rows

"""How many cells an anchor will probe: estimated on a sample, to forecast what a search costs."""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Points, Rows
from embaudit.search.anchor_scan import sought_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.ivf.approximate_negatives import ProbeSearch
from embaudit.search.ivf.inverted_lists import rows_of_cell

EXCESS = 1.15  # times too many cells in a sample: what nine sets of 60,000 to 800,000 rows showed


@dataclass(frozen=True)
class ProbeEstimate:
    """What an anchor looks at on average.

    cells: that there are. share: of all rows, those that face its own cell. amount: or else the
    nearest by codes, of so many cells, `probes`; 0 where rows face its own.
    """

    cells: int
    share: float = 0.0
    amount: int = 0
    probes: float = 1.0


def probes_of(points: Points, distinct: Deduplicated, input_rows: Rows, rows: int) -> ProbeEstimate:
    """An estimate for a set of so many rows of which these are a sample.

    Cells are formed of as large a part of the sample as they are of the set. Nearest negatives in
    a sample are further off than in the set, so anchors look a little further.
    """
    goal = np.zeros(distinct.size)  # none is counted
    search = ProbeSearch(points, distinct, input_rows, goal)
    cells = search.formed(rows_of_cell(rows) * distinct.size / rows)
    truth = search.nearest_negatives(search.calibrating(sought_of(distinct)))
    search.executor.everywhere(truth)
    enough = search.enough(cells, truth, rows, rows)
    found = enough.search
    probes = max(1.0, float(enough.looks.mean()) / EXCESS)
    return ProbeEstimate(cells.size, found.share, found.amount, probes)

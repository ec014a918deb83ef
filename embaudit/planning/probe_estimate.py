"""How many cells an anchor will probe: estimated on a sample, to forecast what a search costs."""

from dataclasses import dataclass

import numpy as np

from embaudit.core.metric import Points, Rows
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.ivf.approximate_negatives import ProbeSearch
from embaudit.search.ivf.inverted_lists import rows_of_cell
from embaudit.search.scan import sought_of

EXCESS = 1.15  # times too many in a sample: what nine sets of 60,000 to 800,000 rows showed


@dataclass(frozen=True)
class ProbeEstimate:
    """How many of the cells an anchor probes on average, and at which rows it looks there.

    share: of those of a cell. amount: of those of all its cells, by codes, or 0.
    """

    probes: float
    cells: int
    share: float = 1.0
    amount: int = 0


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
    enough = search.enough(cells, truth, rows)
    probes = max(1.0, float(enough.counts.mean()) / EXCESS)
    return ProbeEstimate(probes, cells.size, enough.search.share, enough.search.amount)

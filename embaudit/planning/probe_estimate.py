"""How many cells an anchor will probe: estimated on a sample, to forecast what a search costs."""

from dataclasses import dataclass

import numpy as np

from embaudit.core.metric import Points, Rows
from embaudit.core.random_streams import ESTIMATED_PROBES, random_stream
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.ivf.approximate_negatives import ProbeSearch
from embaudit.search.ivf.inverted_lists import rows_of_cell
from embaudit.search.scan import sought_of

CALIBRATION = 1024
EXCESS = 1.15  # times too many in a sample: what nine sets of 60,000 to 800,000 rows showed


@dataclass(frozen=True)
class ProbeEstimate:
    """How many of the cells an anchor probes on average."""

    probes: float
    cells: int


def probes_of(
    points: Points, distinct: Deduplicated, input_rows: Rows, rows: int, seed: int = 0
) -> ProbeEstimate:
    """An estimate for a set of so many rows of which these are a sample.

    Cells are formed of as large a part of the sample as they are of the set. Nearest negatives in
    a sample are further off than in the set, so anchors look a little further.
    """
    goal = np.zeros(distinct.size)  # none is counted
    search = ProbeSearch(points, distinct, input_rows, goal)
    cells = search.formed(rows_of_cell(rows) * distinct.size / rows)
    sought = np.flatnonzero(sought_of(distinct))
    calibration = random_stream(seed, ESTIMATED_PROBES).permutation(sought)[:CALIBRATION]
    truth = search.nearest_negatives(np.sort(calibration))
    search.executor.everywhere(truth)
    counts = search.enough(cells, truth, len(calibration))[2]
    return ProbeEstimate(max(1.0, float(counts.mean()) / EXCESS), cells.size)

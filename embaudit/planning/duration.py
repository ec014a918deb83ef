"""How long an audit takes: a forecast, by constants measured on one machine."""

import math

from embaudit.core.metric import Metric
from embaudit.evidence import STANDARD
from embaudit.planning.expected_probes import ProbeEstimate
from embaudit.planning.search_plan import SearchPlan
from embaudit.planning.shared_search import SharedSearch
from embaudit.search import cost_constants as cost
from embaudit.search import rows_of_cell
from embaudit.search.ivf.approximate_negatives import CALIBRATION, CHECKS
from embaudit.search.ivf.product_codes import shape_of

# nanoseconds of one thread: the program; a row and a value of it, through all but the search
START, ROW, VALUE = 1.2e9, 8_000.0, 185.0
COSINE = 150.0  # a value more, where rows are normalised whenever they are used
PLAIN_ROW, PLAIN_VALUE = 4_000.0, 100.0  # the same without labels
EXTENT = 1.5e9  # at most, for the furthest pair: radii rule most pairs out, or a budget ends it
ANCHORS = 256  # whose ranks are counted at least
FACING = 0.002  # of all rows, those that face a cell of clustered classes, if nothing is known


def seconds(
    plan: SearchPlan,
    classes: int,
    metric: Metric = "l2",
    threads: int = 1,
    workers: SharedSearch | None = None,
    probes: ProbeEstimate | None = None,
) -> float:
    """A forecast for all of an audit with the usual measures.

    workers: whom the search is shared out to, each on a processor of its own. probes: what a
    sample says of an approximate search.
    """
    rows, values = plan.rows, plan.rows * plan.dim
    if not plan.labels:
        return (START + rows * PLAIN_ROW + values * PLAIN_VALUE) / 1e9
    rest = START + rows * ROW + values * (VALUE + COSINE * (metric == "cosine"))
    if not plan.gallery:
        rest += min(rows * rows / 2 * cost.pair(plan.dim), EXTENT)
    pairs = min(rows * rows, max(STANDARD.ranked_pairs, ANCHORS * rows))
    search, alone = cost.ranks(pairs, plan.dim), 0.0
    if plan.gallery:
        search += cost.thorough(rows, plan.gallery, plan.dim) + rows * cost.SETTLED
    elif plan.approximate:
        shared, alone = _approximate(plan, classes, probes or _usual(rows, classes))
        search += shared
    else:
        search += cost.all_pairs(rows, plan.dim)
    if workers is None:
        return (rest + alone + search / threads) / 1e9
    return (rest + alone + workers.nanoseconds(values) + search / workers.count) / 1e9


def _approximate(plan: SearchPlan, classes: int, estimate: ProbeEstimate) -> tuple[float, float]:
    """What can be shared out of an approximate search, and what cannot."""
    rows, dim, cells = plan.rows, plan.dim, estimate.cells
    if estimate.amount:
        scanned = estimate.probes * rows / cells
        near = cost.choice(rows, dim, cells) + cost.coding(rows, dim)
        near += cost.coded(rows, dim, scanned, shape_of(dim)[0], estimate.amount)
    else:
        near = cost.facing(rows, rows, dim, cells, estimate.share)
    shared = (
        cost.positives(rows, classes, dim)
        + cost.assigned(rows, classes, cells, dim)
        + cost.thorough(CALIBRATION + CHECKS, rows, dim)
        + min(near, cost.all_pairs(rows, dim))
    )
    return shared, cost.training(classes, cells, dim)


def _usual(rows: int, classes: int) -> ProbeEstimate:
    """Of a set that nothing is known of but its shape."""
    wanted = rows_of_cell(rows)
    each = max(1, round(rows / max(1, classes) / wanted))
    cells = max(1, min(classes * each, math.ceil(8 * rows / wanted)))
    return ProbeEstimate(cells, FACING)

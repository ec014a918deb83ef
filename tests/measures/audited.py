"""One audit a set and metric, shared by the tests of all measures."""

from functools import cache

import embaudit
from tests import oracle
from tests.sets import SETS

LARGEST = 400  # rows: enough for every set to show its point to the measures


@cache
def truth(name, metric):
    """The set, its margin and the oracle's scan of it."""
    case = SETS[name](min(SETS[name].size, LARGEST))
    margin = 0.1 * oracle.rms_pair_distance(case.vectors, metric)
    return case, margin, oracle.scan(case.vectors, case.labels, metric)


@cache
def audited(name, metric, measures="all"):
    """The report on a set."""
    case, margin, _ = truth(name, metric)
    return embaudit.audit(
        case.vectors,
        case.labels,
        metric=metric,
        margin=margin,
        measures=measures,
        effort=0,  # tests of effort have sets of their own
        threads=1,
    )

"""What the choice of rows alone does to a figure, from two reports and nothing else.

Two halves of one set differ by chance. Where tables of anchors are kept, the paired test tells by
how much; without them a mean over anchors of something in [0, 1] varies by v (1 - v) at the most
(Bhatia & Davis 2000), and a row stands in it twice: as an anchor, and as what others see.
"""

import math

from embaudit.baseline.report_state import chance_of
from embaudit.report import Reading, Report

ROLES = 2.0  # times the variance of independent anchors, as for a U-statistic of pairs (Hoeffding)
OF_ANCHORS = (
    "precision_at_1",
    "adjusted_precision_at_1",
    "r_precision",
    "map_at_r",
    *(f"recall_at_{k}" for k in (5, 10, 100)),
)
OF_CLASSES = tuple(f"macro_{id}" for id in ("precision_at_1", "r_precision", "map_at_r"))
OF_TRIPLETS = ("violated_triplets", "separation_auc")


def sampling_error(id: str, then: Report, now: Report) -> float | None:
    """Standard error of the change of a measure, were both of random rows of one kind.

    0 where both are of the very same vectors; None for what is no mean over anchors.
    """
    if id not in OF_ANCHORS + OF_CLASSES + OF_TRIPLETS:
        return None
    if then.points and then.points == now.points:
        return 0.0
    variances = [_variance(id, one, one.measures.get(id)) for one in (then, now)]
    if any(one is None for one in variances):
        return None
    return math.sqrt(sum(one for one in variances if one is not None))


def _variance(id: str, report: Report, reading: Reading | None) -> float | None:
    """Of the value of one report."""
    if reading is None or reading.value is None:
        return None
    value, stretch = reading.value, 1.0
    if id == "adjusted_precision_at_1":
        chance, _ = chance_of(report)
        if chance is None:
            return None
        stretch = 1 - chance
        value = chance + value * stretch
    count = _even_anchors(id, report)
    if not count:
        return None
    value = (min(max(value, 0.0), 1.0) * count + 1) / (count + 2)  # none is surely 0 or 1
    return ROLES * value * (1 - value) / count / stretch**2


def _even_anchors(id: str, report: Report) -> float:
    """As many anchors of equal weight as say what those say that are weighted (Kish 1965).

    By their triplets, or, in a mean over classes, by one over the anchors of their class.
    """
    rows = report.data.rows
    sizes = [one.rows for one in report.classes if one.rows > 1]
    if id in OF_TRIPLETS:
        weights = [(size - 1.0) * (rows - size) for size in sizes]
    else:
        weights = [1.0 / size for size in sizes]
    square = sum(size * weight**2 for size, weight in zip(sizes, weights, strict=True))
    total = sum(size * weight for size, weight in zip(sizes, weights, strict=True))
    if id in OF_ANCHORS or report.gallery is not None or not square:
        return float(report.data.anchors)
    return total**2 / square

"""Are some rows everybody's neighbour, and some nobody's?"""

import numpy as np

from embaudit.bounds import Bound, exact, undefined
from embaudit.evidence import NEAREST, Evidence
from embaudit.report import Measure, Preset
from embaudit.space import Rows

GROUP = "Retrieval"
COST = 1e12  # multiply-adds: every row is compared with every other
LEAST = NEAREST + 2  # rows: of fewer, all are neighbours of all
RADOVANOVIC = "Radovanovic et al., Hubs in space, JMLR 11, 2010"
ALL: frozenset[Preset] = frozenset({"all"})


def hubness_skewness(evidence: Evidence) -> Bound:
    """Third standardised moment of the 10-occurrence."""
    reason = _unfit(evidence)
    if reason is not None:
        return undefined(reason)
    deviation = _occurrences(evidence) - float(NEAREST)  # every row names ten: the mean
    variance = float(np.square(deviation).mean())
    if variance == 0:
        return undefined("every row is among the ten nearest of equally many")
    return exact(float((deviation**3).mean()) / variance**1.5)


def antihub_share(evidence: Evidence) -> Bound:
    """Share of rows that are among nobody's 10 nearest."""
    reason = _unfit(evidence)
    if reason is not None:
        return undefined(reason)
    return exact(float((_occurrences(evidence) == 0).mean()))


def _occurrences(evidence: Evidence) -> Rows:
    """(N,) how many rows have each row among their ten nearest."""
    return np.bincount(evidence.neighbours.ravel(), minlength=evidence.data.size)


def _unfit(evidence: Evidence) -> str | None:
    """Why there is no figure, or None."""
    rows, cost = evidence.data.size, evidence.data.size**2 * evidence.data.dim
    if rows < LEAST:
        return f"{rows} rows are too few: fewer than {LEAST} are all neighbours of all"
    if evidence.distinct_vectors == 1:
        return "all rows coincide: the order of the input alone would tell who is whose neighbour"
    if cost > COST:
        return (
            f"comparing all pairs costs {cost:.2g} multiply-adds, above {COST:.0g}, and the "
            "neighbours of a part would be biased: audit fewer rows with --sample N"
        )
    return None


MEANING = (
    "A row's 10-occurrence is how many other rows have it among their ten nearest, whatever the "
    "labels, ties to the lowest input row. In many dimensions it becomes skewed by itself: hubs "
    "turn up in every result, antihubs in none. Exact; only with --measures all, or asked for by "
    "id, as it takes a search of its own. A sample has other neighbours and so other figures: "
    "compare sets of equal size."
)
HUBNESS_SKEWNESS = Measure(
    id="hubness_skewness",
    title="Hubness",
    group=GROUP,
    unit="ratio",
    better="lower",
    formula="E[(N_10 - mean)^3] / std(N_10)^3 of the 10-occurrence N_10",
    range="any; 0 where neighbours are evenly spread, beyond about 1 there are hubs; undefined "
    "below 12 rows, where all rows coincide or all N_10 are equal, and beyond 1e12 multiply-adds",
    low="near 0: no row is everybody's neighbour",
    high="a few rows turn up in many results; antihub_share counts those that turn up in none",
    source=RADOVANOVIC,
    says="how often a row is among others' ten nearest has a skewness of {value}",
    meaning=MEANING,
    advice="If high: normalise, centre, or use cosine; hubs crowd out right answers.",
    presets=ALL,
    needs_labels=False,
    compute=hubness_skewness,
)
ANTIHUB_SHARE = Measure(
    id="antihub_share",
    title="Antihubs",
    group=GROUP,
    unit="fraction",
    better="lower",
    formula="share of rows with 10-occurrence N_10 = 0",
    range="0 to 1; undefined below 12 rows, where all rows coincide, and beyond 1e12 multiply-adds",
    low="nearly every row is somebody's neighbour",
    high="many rows are out of reach of a search; see hubness_skewness",
    source=RADOVANOVIC,
    says="{value} of rows are among nobody's ten nearest",
    meaning=MEANING,
    advice="These rows are never retrieved among the first ten: see whether they are outliers.",
    presets=ALL,
    needs_labels=False,
    compute=antihub_share,
)

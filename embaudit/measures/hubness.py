"""Are some rows everybody's neighbour, and some nobody's?"""

import math

import numpy as np

from embaudit.core.intervals import Estimate, exact, open_to_ties, undefined
from embaudit.core.prepared_points import Rows
from embaudit.evidence import NEAREST, Evidence
from embaudit.measures.measure import DEAR, Measure

GROUP = "Retrieval"
COST = 1e12  # multiply-adds: every row is compared with every other
LEAST = NEAREST + 2  # rows: of fewer, all are neighbours of all
RADOVANOVIC = "Radovanovic et al., Hubs in space, JMLR 11, 2010"


def hubness_skewness(evidence: Evidence) -> Estimate:
    """Third standardised moment of the 10-occurrence."""
    reason = _unfit(evidence)
    if reason is not None:
        return undefined(reason)
    found = evidence.occurrence
    mean, variance, third = found.drawn
    deviation = found.sure + mean - NEAREST  # every row names ten: the mean
    second = float((np.square(deviation) + variance).mean())
    if second == 0:
        return undefined("every row is among the ten nearest of equally many")
    cube = float((deviation**3 + 3 * deviation * variance + third).mean())
    expected = exact(cube / second**1.5)
    if not found.open.any():
        return expected
    lower, upper = _skewness_ends(found.sure - NEAREST, found.sure + found.open - NEAREST)
    return open_to_ties(exact(lower), expected, exact(upper))


def _skewness_ends(least: Rows, most: Rows) -> tuple[float, float]:
    """Between what the skewness of deviations lies that lie between these themselves."""
    widest = np.square(np.maximum(np.abs(least), np.abs(most)).astype(np.float64)).mean()
    tightest = np.square(np.clip(0, least, most).astype(np.float64)).mean()
    limit = (len(least) - 2) / math.sqrt(len(least) - 1)  # of any numbers so many

    def end(cube: float, outward: float) -> float:
        second = float(tightest if cube * outward > 0 else widest)
        return outward * limit if second == 0 else cube / second**1.5

    cubes = [float((each.astype(np.float64) ** 3).mean()) for each in (least, most)]
    return max(-limit, end(cubes[0], -1.0)), min(limit, end(cubes[1], 1.0))


def antihub_share(evidence: Evidence) -> Estimate:
    """Share of rows that are among nobody's 10 nearest."""
    reason = _unfit(evidence)
    if reason is not None:
        return undefined(reason)
    found = evidence.occurrence
    surely, maybe = (found.sure + found.open == 0).mean(), (found.sure == 0).mean()
    return open_to_ties(*map(exact, (surely, found.never.mean(), maybe)))


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
    "labels. Where rows equally far compete for the last places, every row draws among them by "
    "itself: moments and shares are what that is expected to give, and the ends enclose all that "
    "it can. In many dimensions the 10-occurrence becomes skewed by itself: hubs turn up in every "
    "result, antihubs in none. Only with --measures all, or asked for by id, as it takes a search "
    "of its own. A sample has other neighbours and so other figures: compare sets of equal size."
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
    definition=2,
    says="how often a row is among others' ten nearest has a skewness of {value}",
    meaning=MEANING,
    advice="If high: normalise, centre, or use cosine; hubs crowd out right answers.",
    presets=DEAR,
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
    definition=2,
    says="{value} of rows are among nobody's ten nearest",
    meaning=MEANING,
    advice="These rows are never retrieved among the first ten: see whether they are outliers.",
    presets=DEAR,
    needs_labels=False,
    compute=antihub_share,
)

MEASURES = (HUBNESS_SKEWNESS, ANTIHUB_SHARE)

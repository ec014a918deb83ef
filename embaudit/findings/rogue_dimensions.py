"""Dimensions that dominate every distance and say nothing of the labels."""

import numpy as np

from embaudit.core.prepared_points import Rows
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, listed, share
from embaudit.geometry.sample_retrieval import anchored, surely_more

SHARE = 0.2  # of the variance, together
TIMES = 12.0  # the median variance of the dimensions in use
LEAST_DIMENSIONS = 8  # in use: of fewer none is an exception
MOST = 0.125  # of the dimensions in use: more are a scale of their own
LONG = 0.5  # of the squared length of rows under cosine: in a single dimension
LEAST = 0.03  # of precision@1 that is surely won without them: then the finding is bad; or
ORDER = 0.1  # of how often a row of the same class is nearer: of tight classes few nearest err


def check(evidence: Evidence) -> Found | None:
    """Dimensions whose variance or length stands out, and what precision@1 is without them."""
    profile, rogue = evidence.row_statistics, candidates(evidence)
    shares, carried = profile.variances, "the variance"
    long = not len(rogue) and evidence.metric == "cosine"
    if long:
        shares, carried = profile.variances + np.square(profile.mean), "the length of all rows"
        rogue = np.flatnonzero(shares >= LONG * shares.sum())
    if not len(rogue) or np.count_nonzero(shares) < LEAST_DIMENSIONS:
        return None
    part = float(shares[rogue].sum() / shares.sum())
    facts = {"dimensions": rogue.tolist(), "count": len(rogue), "share": part}
    name = f"dimension{'s' if len(rogue) > 1 else ''} {listed(facts['dimensions'])}"
    carry = "carries" if len(rogue) == 1 else "carry"
    if not evidence.data.labelled or evidence.gallery is not None:
        return Found(
            f"{name[:1].upper()}{name[1:]} {carry} {share(part)} of {carried}",
            facts,
            mark="warning",
        )
    sample = evidence.sample
    anchors = anchored(sample.codes)
    if not anchors.any():
        return None
    kept = np.ones(evidence.data.dim, dtype=bool)
    kept[rogue] = False
    values = evidence.sample_values(evidence.metric, kept)
    if values is None:
        return None
    hits, orders = sample.among(values)
    here, there = sample.hits[anchors], hits[anchors]
    low, _ = surely_more(there, here)
    now, then = float(here.mean()), float(there.mean())
    order, _ = surely_more(orders, sample.orders)
    if (then < now or (then == now and not long)) and order < ORDER:
        return None  # they carry the labels: a scale, and no fault
    facts |= {"precision_at_1": now, "precision_at_1_without": then}
    facts |= {"auc": float(sample.orders.mean()), "auc_without": float(orders.mean())}
    return Found(
        f"{name[:1].upper()}{name[1:]} {carry} {share(part)} of {carried}, and not the labels: "
        f"precision@1 is {share(now)} with and {share(then)} without",
        facts,
        (
            f"A row of the same class is nearer in {share(facts['auc'])} of pairs with and "
            f"{share(facts['auc_without'])} without.",
            "Every distance is mostly theirs. Outlier dimensions of transformers are such.",
        ),
        mark="bad" if low >= LEAST or order >= ORDER else "note",
    )


def candidates(evidence: Evidence) -> Rows:
    """Dimensions whose variance stands out from the others', (k,) ascending."""
    variances = evidence.row_statistics.variances
    used = variances > 0
    if np.count_nonzero(used) < LEAST_DIMENSIONS:
        return np.empty(0, dtype=np.int64)
    usual = float(np.median(variances[used]))
    order = np.argsort(-variances, kind="stable")
    most = max(1, int(MOST * np.count_nonzero(used)))
    out = order[: most + 1][variances[order[: most + 1]] > TIMES * usual]
    if len(out) > most or not len(out):
        return np.empty(0, dtype=np.int64)
    if variances[out].sum() < SHARE * variances.sum():
        return np.empty(0, dtype=np.int64)
    return np.sort(out)


FINDING = FindingSpec(
    id="rogue_dimensions",
    title="Dimensions that drown the others",
    mark="bad",
    looks=f"few dimensions with {TIMES:g} times the usual variance and {share(SHARE)} of all of "
    f"it, or under cosine one that makes {share(LONG)} of the squared length of all rows, without "
    "which precision@1 or AUC is better; a note where it hardly is",
    remedy="Leave these dimensions out, or standardise all of them, before the search; where "
    "the model should not have them, look at its last layer.",
    check=check,
    cost="a comparison of at most 1,024 rows with each other, where some dimension stands out",
    decides_neighbours=True,
)

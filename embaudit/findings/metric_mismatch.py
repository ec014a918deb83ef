"""The other metric tells the classes apart far better."""

from typing import Any

import numpy as np

from embaudit.core.metric import Metric
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, share
from embaudit.geometry.sample_retrieval import anchored, surely_more

LEAST = 0.1  # of precision@1, surely, or of how often a row of the same class is nearer
LOST = 1 / 3  # of what is missing to 1, surely made good: near 1 a step is small


def check(evidence: Evidence) -> Found | None:
    """Precision@1 of a sample under either metric."""
    sample = evidence.sample
    anchors = anchored(sample.codes)
    if np.count_nonzero(anchors) < 20 or evidence.row_statistics.constant_length:
        return None
    other: Metric = "cosine" if evidence.metric == "l2" else "l2"
    values = evidence.sample_values(other)
    if values is None:
        return None
    hits, orders = sample.among(values)
    here, there = sample.hits[anchors], hits[anchors]
    low, high = surely_more(there, here)
    now, then = float(here.mean()), float(there.mean())
    # of tight classes the nearest are right anyhow
    order, _ = surely_more(orders, sample.orders)
    better = low >= min(LEAST, max(0.03, LOST * (1 - now)))
    if not better and (order < LEAST or high < 0):
        return None
    facts: dict[str, Any] = {"precision_at_1": now, "precision_at_1_other": then, "metric": other}
    facts |= {"difference": [low, high], "rows_compared": int(np.count_nonzero(anchors))}
    facts |= {"auc": float(sample.orders.mean()), "auc_other": float(orders.mean())}
    why = (
        "Lengths of rows are noise here: they drown what directions tell."
        if other == "cosine"
        else "Lengths of rows carry the label, and cosine throws them away."
    )
    figures = ("precision@1", now, then) if better else ("AUC", facts["auc"], facts["auc_other"])
    name, worse, best = figures
    return Found(
        f"{other} tells the classes apart better: {name} {share(best)} instead of "
        f"{share(worse)}, on {facts['rows_compared']:,} rows",
        facts,
        (why,),
        options={"metric": other},
    )


FINDING = FindingSpec(
    id="metric_mismatch",
    title="The other metric is better",
    mark="warning",
    looks="precision@1 of a sample is surely better under the other metric, by "
    f"{LEAST:g} or {share(LOST)} of what is missing, or its AUC by {LEAST:g}",
    remedy="Audit and search with the metric that the model was trained for.",
    check=check,
    cost="two comparisons of at most 1,024 rows with each other",
    needs_labels=True,
    needs_own_positives=True,
    explained_by=("rogue_dimensions", "mixed_lengths", "stray_rows", "packed_bits", "mixed_spaces"),
)

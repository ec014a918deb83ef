"""A measure and a finding of another package: how much lengths differ, and values after a ReLU."""

import numpy as np

from embaudit import Estimate, Evidence, FindingSpec, Found, Measure, exact, undefined


def length_spread(evidence: Evidence) -> Estimate:
    """Standard deviation of the lengths of the rows, over their mean."""
    lengths = np.linalg.norm(evidence.data.vectors.astype(np.float64), axis=1)
    if not lengths.any():
        return undefined("all rows are zero")
    return exact(float(lengths.std() / lengths.mean()))


MEASURES = (
    Measure(
        id="x-example-length-spread",
        title="Spread of lengths",
        group="Example",
        unit="ratio",
        better="none",
        formula="std(|x|) / mean(|x|)",
        range="0 and up",
        low="rows are of one length",
        high="some rows are far longer than others",
        source="embaudit-example",
        says="Rows differ in length by {value} of their mean length.",
        meaning="How much the rows differ in length.",
        advice="Normalise the rows, or use cosine.",
        presets=frozenset({"standard", "all"}),
        compute=length_spread,
        needs_labels=False,
    ),
)


def rectified(evidence: Evidence) -> Found | None:
    """Found where no value is negative, and some are zero."""
    vectors = evidence.data.vectors
    if (vectors < 0).any() or vectors.all():
        return None
    share = float((vectors == 0).mean())
    return Found(f"no value is negative, and {share:.0%} are zero", {"share": share})


FINDING = FindingSpec(
    id="x-example-rectified",
    title="Values after a ReLU",
    mark="warning",
    looks="for rows without a negative value, some of them zero",
    remedy="Take the embeddings before the last ReLU.",
    check=rectified,
)

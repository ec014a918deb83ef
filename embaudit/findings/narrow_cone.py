"""All rows point nearly one way, and the classes are told apart all the same."""

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found

NARROW = 0.9  # mean cosine of two rows
TOLD_APART = 0.4  # adjusted precision@1


def check(evidence: Evidence) -> Found | None:
    """A high mean cosine under cosine, where it says nothing of collapse."""
    if evidence.metric != "cosine":
        return None
    mean = evidence.mean_cosine
    if mean is None or mean < NARROW:
        return None
    if evidence.data.labelled and evidence.adjusted_precision < TOLD_APART:
        return None
    return Found(
        f"Two random rows have a cosine of {mean:.3f}: all lie in a narrow cone",
        {"mean_cosine": mean},
        ("Thresholds on the cosine are hard to set there; ranks are as good as ever.",),
    )


FINDING = FindingSpec(
    id="narrow_cone",
    title="A narrow cone",
    mark="note",
    looks=f"a mean cosine of {NARROW:g} or more under cosine, while the classes are told apart",
    remedy="Subtract the mean row before taking cosines.",
    check=check,
)

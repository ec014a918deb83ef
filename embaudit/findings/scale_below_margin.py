"""A spread below the training margin."""

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found
from embaudit.findings.margin_out_of_reach import reach_of


def check(evidence: Evidence) -> Found | None:
    """The RMS pair distance against the margin."""
    margin = evidence.margin
    spread = evidence.moments.rms_pair_distance * evidence.unit
    if not margin or spread >= margin:
        return None
    reach = reach_of(evidence)
    if reach is not None and margin >= reach:
        return None  # the other finding says more
    return Found(
        f"Two random rows are {spread:.3g} apart on average, less than the margin of {margin:g}",
        {"rms_pair_distance": spread, "margin": margin},
        (
            "Batch-hard training starts with a loss near the margin there and may stall: where "
            "the set has collapsed the loss stays at the margin.",
        ),
    )


FINDING = FindingSpec(
    id="scale_below_margin",
    title="A spread below the margin",
    mark="warning",
    looks="rms_pair_distance is below --margin",
    remedy="Start with semi-hard mining, a smaller margin, or a larger scale of the output.",
    check=check,
    needs_labels=True,
)

"""A spread of so few steps of the stored type that rounding tells rows apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found

STEPS = 100.0  # of the stored type, from the mean to a standard deviation
LOOKED_AT = 1024
COLUMNS = 256  # at a time


def check(evidence: Evidence) -> Found | None:
    """The spread of a dimension in steps of the stored type, the median over dimensions."""
    steps = steps_of(evidence)
    if steps is None or steps >= STEPS:
        return None
    dtype = evidence.data.vectors.dtype
    return Found(
        f"The rows differ by some {steps:.0f} steps of {dtype}: distances are partly rounding",
        {"steps": steps, "dtype": str(dtype)},
        ("The values are large beside what tells rows apart, as with a common offset.",),
    )


def steps_of(evidence: Evidence) -> float | None:
    """Standard deviation over the spacing of stored values; None of integers and dead sets."""
    vectors = evidence.data.vectors
    if vectors.dtype.kind != "f":
        return None
    step = max(1, len(vectors) // LOOKED_AT)
    some = evidence.data.stored.as_stored(np.arange(0, len(vectors), step))
    largest = max(float(some.max()), -float(some.min()))
    if not largest:
        return None
    parts = [some[:, at : at + COLUMNS] for at in range(0, some.shape[1], COLUMNS)]
    steps = np.concatenate([_steps_of(part, largest) for part in parts])
    return float(np.median(steps)) if len(steps) else None


def _steps_of(columns: NDArray[Any], largest: float) -> Floats:
    """Steps of the columns (m, k) that vary."""
    top = np.finfo(columns.dtype).max / 2  # the spacing of the largest value is infinite
    spacing = np.spacing(np.minimum(np.abs(columns), top)).astype(np.float64).mean(axis=0)
    low, high = np.quantile(columns.astype(np.float64) / largest, (0.16, 0.84), axis=0)
    spread = (high - low) / 2
    used = spread > 0
    steps: Floats = spread[used] / (spacing[used] / largest)
    return steps


FINDING = FindingSpec(
    id="low_precision",
    title="At the end of the stored precision",
    mark="warning",
    looks=f"the spread of a dimension (the median one) is below {STEPS:g} steps of the stored type",
    remedy="Subtract the common offset before saving, or save as float32.",
    check=check,
    cost=f"a pass over about {LOOKED_AT:,} rows",
)

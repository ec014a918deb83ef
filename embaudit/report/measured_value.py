"""A number as it is reported, and what it is worth."""

from typing import Literal

from pydantic import Field

from embaudit.core.intervals import Kind
from embaudit.report.base_model import Model

Unit = Literal["fraction", "distance", "ratio", "state", "rows", "dimensions"]
Better = Literal["lower", "higher", "none"]


class Reading(Model):
    """One measure's number, and what it is worth."""

    value: float | None = Field(description="The number; null only where kind is undefined.")
    lower: float | None = Field(description="Lower end; null where unbounded or undefined.")
    upper: float | None = Field(description="Upper end; null where unbounded or undefined.")
    kind: Kind = Field(
        description="exact; certified (the interval encloses the truth); sampled (it does with "
        "the stated confidence); estimate (no interval); undefined (reason says why)."
    )
    confidence: float | None = Field(description="Of a sampled interval, else null.")
    relative: float | None = Field(
        description="A length in multiples of rms_pair_distance; null where it is no length, or "
        "no float64 holds the ratio."
    )
    unit: Unit
    better: Better = Field(description="Which direction is an improvement.")
    reason: str | None = Field(description="Why it is undefined, or how the interval was got.")
    definition: int = Field(
        default=1,
        description="Of the measure: readings of different definitions are never compared.",
    )

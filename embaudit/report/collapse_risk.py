"""Pressure towards collapse, batch shape by batch shape."""

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from embaudit.report.base_model import Model

Risk = Literal["low", "rising", "high"]

RISING, HIGH = 0.6, 0.9  # edges of the bands of collapse pressure


class Span(Model):
    """A sampled mean and its interval."""

    value: float
    lower: float
    upper: float


class ForecastRow(Model):
    """Pressure towards collapse under batch-hard mining with one batch shape."""

    classes_per_batch: int
    samples_per_class: int
    batch: int = Field(description="Rows in a batch (the largest drawn).")
    pressure: Span
    gap: Span | None = Field(description="null where negatives coincide with their anchors.")
    risk: Risk = Field(
        description=f"By the upper end of the pressure: below {RISING:g} low, to {HIGH:g} rising, "
        "else high; "
        "high if the set has collapsed to a point already."
    )
    loss: Span | None = Field(
        default=None,
        description="Mean batch-hard loss of such batches, in units of the embeddings.",
    )
    safe: bool = Field(
        description="The upper end of the loss is at most the margin, which is the loss of a total "
        "collapse; never without a margin, nor of what has collapsed to a point."
    )


def risk_of(pressure: float) -> Risk:
    """The band of a pressure; of an interval its upper end counts."""
    if pressure < RISING:
        return "low"
    return "rising" if pressure < HIGH else "high"


def largest_safe(rows: Sequence[ForecastRow]) -> ForecastRow | None:
    """The largest batch that is safe; of equal ones that with most classes."""
    return _largest(row for row in rows if row.safe)


def largest_of_low_risk(rows: Sequence[ForecastRow]) -> ForecastRow | None:
    """The largest batch of low risk, safe or not."""
    return _largest(row for row in rows if row.risk == "low")


def _largest(rows: Iterable[ForecastRow]) -> ForecastRow | None:
    return max(rows, key=lambda row: (row.batch, row.classes_per_batch), default=None)

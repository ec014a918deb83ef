"""Mined triplets: what is asked for, and what `embaudit mine` tells of it."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from embaudit.data import Notice, Source
from embaudit.errors import option
from embaudit.report import DataSummary, Tool, Triplet
from embaudit.report.acknowledged_notices import Acknowledged
from embaudit.report.base_model import ChosenRows, Document, Model
from embaudit.report.display_mixins import Displayed
from embaudit.report.run_metadata import Dropped, Ignored, UnpackBits

Mode = Literal["hardest", "semi-hard", "multi-similarity", "percentile"]
Which = Literal["hardest", "easiest", "random"]
Form = Literal["triplets", "pairs"]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]


class MiningRule(Model):
    """Which triplets are wanted. Distances are in units of the embeddings (cosine: chords).

    With a, p, n the anchor, its positive and a negative, F_a the furthest positive of a, and M_a
    its nearest negative:
    hardest: the negatives nearest to a.
    semi-hard: the nearest with d(a,p) < d(a,n) < d(a,p) + margin (FaceNet, arXiv 1503.03832).
    multi-similarity: the nearest with d(a,n) < d(a,F_a) + epsilon, if d(a,p) > d(a,M_a) - epsilon;
    under cosine of similarities: s(a,n) > s(a,F_a) - epsilon, if s(a,p) < s(a,M_a) + epsilon
    (the mining step of arXiv 1904.06627).
    percentile: drawn at random from those whose rank by distance is in the band, in percent of
    all negatives of a.
    Of rows exactly as far as each other the lowest input rows are taken first.
    """

    mode: Mode = "hardest"
    positive: Which = Field(
        default="hardest", description="The furthest, the nearest, or one drawn at random."
    )
    per_anchor: Annotated[int, Field(ge=1)] = Field(
        default=1, description="Negatives of an anchor."
    )
    margin: Positive | None = Field(default=None, description="Of semi-hard mode.")
    epsilon: NotNegative = Field(default=0.1, description="Of multi-similarity mode.")
    band: tuple[Percent, Percent] = Field(default=(1.0, 5.0), description="Of percentile mode.")
    min_distance: NotNegative = Field(
        default=0.0, description="A negative is at least that far from its anchor."
    )
    relative_margin: Share | None = Field(
        default=None,
        description="Under cosine: s(a,n) <= (1 - relative_margin) s(a,p), as "
        "sentence-transformers has it: at 0.05 a negative is at most 95 % as similar to the "
        "anchor as the positive.",
    )
    agreement: bool = Field(
        default=False,
        description="No negative of which most of the ten nearest rows carry the anchor's label.",
    )
    keep_duplicates: bool = Field(
        default=False,
        description="Also negatives within 1e-6 RMS pair distances of a row of another label.",
    )

    @field_validator("band", mode="before")
    @classmethod
    def _band(cls, value: Any) -> Any:
        """`1:5`."""
        if not isinstance(value, str):
            return value
        low, _, high = value.partition(":")
        try:
            return float(low), float(high)
        except ValueError:
            raise ValueError("give two percentages, for example 1:5") from None

    @field_validator("band")
    @classmethod
    def _rising(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] >= value[1]:
            raise ValueError("the lower percentage comes first, for example 1:5")
        return value

    @model_validator(mode="after")
    def _complete(self) -> "MiningRule":
        if self.mode == "semi-hard" and self.margin is None:
            raise ValueError(
                "semi-hard mode needs the margin of the training: give " + option("margin")
            )
        return self


class MiningOptions(ChosenRows):
    """What was asked for, as far as it changes a triplet."""

    metric: Literal["l2", "cosine"]
    rule: MiningRule
    seed: int
    sample: int | None = Field(description="Rows drawn; null: all were mined.")
    unpack_bits: UnpackBits = False
    drop: Dropped = ()
    ignore_label: Ignored = ()


class Removed(Model):
    """Negatives that the mode alone takes and a filter does not; each by the first that says so."""

    duplicates: int
    min_distance: int
    relative_margin: int
    agreement: int


class Without(Model):
    """Rows that are the anchor of no triplet."""

    no_positive: int = Field(description="Alone in their class.")
    no_negative: int = Field(description="The mode finds no negative for them.")
    filtered: int = Field(description="The filters leave none of the mode's negatives.")


class Mining(Displayed, Document):
    """What was mined. Everything but `environment` and `timing` is the same on every run."""

    schema_version: Literal[1]
    tool: Tool
    run_id: str = Field(description="Hash of inputs, options, seed and version.")
    inputs: tuple[Source, ...]
    data: DataSummary
    options: MiningOptions
    warnings: tuple[Notice, ...]
    acknowledged: Acknowledged
    triplets: int
    anchors: int = Field(description="Rows that are the anchor of a triplet.")
    short: int = Field(description="Anchors with fewer negatives than were asked for.")
    without: Without
    removed: Removed
    d_positive: float | None = Field(description="Mean over triplets; null without any.")
    d_negative: float | None = Field(description="Mean over triplets; null without any.")
    violated: float | None = Field(
        description="Share of triplets with d_positive > d_negative; null without any."
    )
    examples: tuple[Triplet, ...] = Field(description="The triplets with the largest gaps.")
    environment: dict[str, Any] = Field(description="Versions, threads; may vary.")
    timing: dict[str, float] = Field(description="Seconds a stage; varies.")

"""A sweep over batch shapes: what `embaudit forecast` writes, as plain, validated data."""

from typing import Any, Literal

from pydantic import Field

from embaudit.data import Notice, Source
from embaudit.report import DataSummary, ForecastRow, Reading, State, Tool
from embaudit.report.acknowledged_notices import Acknowledged
from embaudit.report.base_model import ChosenRows, Document
from embaudit.report.display_mixins import Displayed
from embaudit.report.invocation import Invocation
from embaudit.report.run_metadata import Dropped, Ignored, UnpackBits


class SweepOptions(ChosenRows):
    """What was asked for, as far as it changes a number."""

    metric: Literal["l2", "cosine"]
    margin: float
    batches: tuple[tuple[int, int], ...] = Field(
        description="Classes x rows per class, by batch size: as asked for, or the usual ones."
    )
    seed: int
    sample: int | None = Field(description="Rows drawn for the forecast; null: all were used.")
    unpack_bits: UnpackBits = False
    drop: Dropped = ()
    ignore_label: Ignored = ()


class Sweep(Displayed, Document):
    """A forecast. Everything but `environment` and `timing` is the same on every run."""

    schema_version: Literal[1]
    tool: Tool
    run_id: str = Field(description="Hash of inputs, options, seed and version.")
    invocation: Invocation | None = Field(
        default=None, description="What the command line gave; null where there was none."
    )
    inputs: tuple[Source, ...]
    data: DataSummary
    options: SweepOptions
    warnings: tuple[Notice, ...]
    acknowledged: Acknowledged
    cautions: tuple[Notice, ...] = Field(description="Why the risk may be higher than it looks.")
    point_collapse: State = Field(description="Collapsed: the risk is 1 whatever the batch.")
    precision_at_1: Reading
    forecast: tuple[ForecastRow, ...] = Field(description="A batch shape a row, by batch size.")
    largest_safe: ForecastRow | None = Field(description="The largest safe batch of these.")
    environment: dict[str, Any] = Field(description="Versions, threads; may vary.")
    timing: dict[str, float] = Field(description="Seconds a stage; varies.")

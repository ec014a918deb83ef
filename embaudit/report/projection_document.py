"""The nearest triplet-separated set that was found: what `embaudit project` tells of it."""

from typing import Any, Literal

from pydantic import Field

from embaudit.data import Notice, Source
from embaudit.report import DataSummary, Reading, Tool
from embaudit.report.acknowledged_notices import Acknowledged
from embaudit.report.base_model import ChosenRows, Document, LabelField, Model
from embaudit.report.display_mixins import Displayed
from embaudit.report.invocation import Invocation
from embaudit.report.run_metadata import Dropped, Ignored, UnpackBits


class ProjectionOptions(ChosenRows):
    """What was asked for, as far as it changes a number."""

    metric: Literal["l2", "cosine"]
    effort: int
    seed: int
    sample: int | None = Field(description="Rows drawn; null: all were projected.")
    unpack_bits: UnpackBits = False
    drop: Dropped = ()
    ignore_label: Ignored = ()


class MovedRow(Model):
    """A row and how far it is from its place in the separated set."""

    row: int = Field(description="0-based input row.")
    id: LabelField | None
    label: LabelField
    displacement: float


class Spread(Model):
    """A length of the set, before and after."""

    before: float
    after: float


class Projection(Displayed, Document):
    """A projection. Everything but `environment` and `timing` is the same on every run."""

    schema_version: Literal[1]
    tool: Tool
    run_id: str = Field(description="Hash of inputs, options, seed and version.")
    invocation: Invocation | None = Field(
        default=None, description="What the command line gave; null where there was none."
    )
    inputs: tuple[Source, ...]
    data: DataSummary
    options: ProjectionOptions
    warnings: tuple[Notice, ...]
    acknowledged: Acknowledged
    d_haus: Reading = Field(description="What the nearest separated map moves some row by.")
    found_by: str = Field(description="How the separated set was found.")
    largest_displacement: float
    median_displacement: float
    moved_rows: int = Field(description="Rows that are not where they were.")
    largest_change: float = Field(description="Of a pair distance: d_iso(f, f*).")
    rms_pair_distance: Spread
    enclosing_radius: Spread
    furthest: tuple[MovedRow, ...] = Field(description="The rows that move most.")
    environment: dict[str, Any] = Field(description="Versions, threads; may vary.")
    timing: dict[str, float] = Field(description="Seconds a stage; varies.")

"""A series of checkpoints: what `embaudit trend` writes, as plain, validated data."""

from typing import Annotated, Any, Literal

from pydantic import Field

from embaudit.data import Notice, Source
from embaudit.report import Collapse, DataSummary, Reading, State, Tool
from embaudit.report.acknowledged_notices import Acknowledged
from embaudit.report.base_model import ChosenRows, Document, Model
from embaudit.report.changes_model import Change
from embaudit.report.diagnosis_model import DiagnosisState
from embaudit.report.display_mixins import Paged
from embaudit.report.invocation import Invocation
from embaudit.report.run_metadata import Dropped, Ignored, UnpackBits

CollapseKind = Literal["point", "dimensional", "class"]


class TrendOptions(ChosenRows):
    """What was asked for, as far as it changes a number."""

    metric: Literal["l2", "cosine"]
    labels: bool
    margin: float
    batch: tuple[int, int] | None = Field(
        description="Classes x rows per class of the audited batch; null without labels."
    )
    measures: str = Field(
        description="The measures asked for, and precision_at_1 where there are labels."
    )
    search: Literal["auto", "exact", "approximate"]
    effort: int
    seed: int
    sample: int | None = Field(description="Rows drawn of each checkpoint; null: all.")
    unpack_bits: UnpackBits = False
    drop: Dropped = ()
    ignore_label: Ignored = ()


class Checkpoint(Model):
    """One checkpoint: what an audit of it says."""

    name: str = Field(description="What tells its path from the others of the series.")
    path: str
    run_id: str = Field(description="Of its audit.")
    inputs: tuple[Source, ...]
    data: DataSummary
    exact: bool = Field(description="Whether nearest negatives were searched exactly.")
    collapse: Collapse
    diagnosis: DiagnosisState | None = Field(
        default=None, description="diagnosis.state of its audit; null where it has none."
    )
    reason: str | None = Field(default=None, description="diagnosis.reason of its audit.")
    faults: tuple[str, ...] = Field(
        default=(), description="Ids of what was found amiss in it, worst first."
    )
    measures: dict[str, Reading]
    cached: bool = Field(description="Whether its audit had been computed by an earlier run.")


class StateEvent(Model):
    """The diagnosis got to check_input or collapsed, or away from them."""

    kind: Literal["state_became"]
    before: str | None = Field(description="The checkpoint before; null: from the start.")
    at: str = Field(description="The first checkpoint in the new state.")
    was: DiagnosisState | None
    state: DiagnosisState
    reason: str = Field(description="Why it is in the new state.")


class CollapseEvent(Model):
    """The collapse state moved: between two checkpoints, or it was there from the start."""

    kind: Literal["collapse_began", "collapse_worsened", "collapse_eased", "collapse_ended"] = (
        Field(
            description="From none to a warning or a collapse; from a warning to a collapse; back "
            "to a warning; back to none."
        )
    )
    before: str | None = Field(description="The checkpoint before; null: from the start.")
    at: str = Field(description="The first checkpoint in the new state.")
    was: State | None
    state: State
    kinds: tuple[CollapseKind, ...] = Field(
        description="The kinds that are in the new state, or, where it got better, were in the old."
    )


class PrecisionEvent(Model):
    """precision_at_1 moved from a checkpoint to the next, surely, and by 0.01 at least."""

    kind: Literal["precision_grew", "precision_fell"]
    before: str
    at: str
    change: Change


Event = Annotated[StateEvent | CollapseEvent | PrecisionEvent, Field(discriminator="kind")]


class Trend(Paged, Document):
    """A series. All but `cached`, `environment` and `timing` is the same on every run."""

    schema_version: Literal[1]
    tool: Tool
    run_id: str = Field(description="Hash of the run ids of all checkpoints, in their order.")
    invocation: Invocation | None = Field(
        default=None, description="What the command line gave; null where there was none."
    )
    options: TrendOptions
    checkpoints: tuple[Checkpoint, ...] = Field(
        description="In natural order of their paths: step2 before step10."
    )
    events: tuple[Event, ...] = Field(
        description="In the order of the series; of a checkpoint its state first."
    )
    best: str | None = Field(
        description="The checkpoint with the largest precision_at_1 (lower end) that is not "
        "collapsed, nor in check_input while others are not, the first of equal ones; null without "
        "labels, or where all are collapsed."
    )
    warnings: tuple[Notice, ...]
    acknowledged: Acknowledged
    environment: dict[str, Any] = Field(description="Versions, threads; may vary.")
    timing: dict[str, float] = Field(description="Seconds a checkpoint; varies.")

    def checkpoint(self, name: str) -> Checkpoint:
        """The checkpoint of a name."""
        return next(one for one in self.checkpoints if one.name == name)

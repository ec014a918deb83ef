"""An audit: the document that every renderer, gate and other tool reads.

The JSON Schema that `embaudit schema` prints is derived from these models.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, PrivateAttr

from embaudit.data import Notice, Source
from embaudit.errors import UsageError
from embaudit.report.acknowledged_notices import Acknowledged, heard
from embaudit.report.base_model import Document, LabelField, Model
from embaudit.report.changes_model import Compared
from embaudit.report.collapse_risk import ForecastRow
from embaudit.report.collapse_state import Collapse
from embaudit.report.dataframe_mixin import AnchorColumns, Columns, Tabular
from embaudit.report.diagnosis_model import Diagnosis
from embaudit.report.display_mixins import Paged, viewer
from embaudit.report.invocation import Invocation
from embaudit.report.measured_value import Reading
from embaudit.report.plot_data import Distributions
from embaudit.report.run_metadata import DataSummary, GallerySummary, Options, SearchSummary, Tool
from embaudit.report.suspects import Blame
from embaudit.report.verdict_model import Verdict

SCHEMA_VERSION: Literal[1] = 1
ENDS = (
    "Between which it surely lies; null where it is exact, or there is no anchor. They differ "
    "where ties leave the order of rows open,"
)


class ClassRow(Model):
    """One class; fractions are null where they were not computed or have no meaning."""

    label: LabelField
    rows: int
    violating_anchors: float | None = Field(
        description="Share of its anchors; with an approximate search, of those found to violate."
    )
    violated_triplets: float | None = Field(description="Over the ranked anchors of the class.")
    largest_gap: float | None = Field(description="Largest F - M of its anchors, a distance.")
    gap_quantiles: tuple[float, float, float] | None = Field(
        default=None, description="Of the gaps of its anchors: 5, 50 and 95 %, distances."
    )
    most_confused_with: LabelField | None = Field(
        description="The class that holds the nearest negative of most violating anchors."
    )
    precision_at_1: float | None = Field(
        default=None,
        description="Share of its anchors whose nearest row is of it, ties as the measure has "
        "them; with an approximate search, as it found them. Null where it has no anchor.",
    )
    precision_at_1_ends: tuple[float, float] | None = Field(
        default=None, description=f"{ENDS} or the search was approximate."
    )
    r_precision: float | None = Field(
        default=None, description="Mean over its ranked anchors; null where none was ranked."
    )
    r_precision_ends: tuple[float, float] | None = Field(
        default=None, description=f"{ENDS} or some of its anchors were not ranked."
    )
    map_at_r: float | None = Field(
        default=None, description="Mean over its ranked anchors; null where none was ranked."
    )
    map_at_r_ends: tuple[float, float] | None = Field(
        default=None, description=f"{ENDS} or some of its anchors were not ranked."
    )


class Triplet(Model):
    """An anchor with its furthest positive and its nearest negative (0-based input rows)."""

    anchor: int
    positive: int = Field(description="A row of the gallery, where there is one.")
    negative: int = Field(description="A row of the gallery, where there is one.")
    ids: tuple[LabelField, LabelField, LabelField] | None = Field(
        description="Of the three rows; null where one of them has none."
    )
    anchor_label: LabelField
    negative_label: LabelField
    d_positive: float
    d_negative: float
    violation: float = Field(description="d_positive - d_negative; negative: separated by that.")


class Report(Tabular, Paged, Document):
    """An audit. Everything but `environment` and `timing` is the same on every run."""

    schema_version: Literal[1]
    tool: Tool
    run_id: str = Field(description="Hash of inputs, options, seed and version.")
    fingerprint: str = Field(
        default="", description="Hash of what was read: rows and their labels, in their order."
    )
    points: str = Field(
        default="",
        description="Hash of vectors that were read, in their order, whatever their labels.",
    )
    digest: str | None = Field(
        default=None,
        description="SHA-256 of all else but `environment` and `timing`, as JSON with sorted keys "
        "and no blanks. A baseline that does not fit its own is refused.",
    )
    invocation: Invocation | None = Field(
        default=None, description="What the command line gave; null where there was none."
    )
    inputs: tuple[Source, ...]
    data: DataSummary = Field(description="The audited set; with a gallery, the queries.")
    gallery: GallerySummary | None = Field(
        default=None, description="What anchors were compared with; null: their own set."
    )
    options: Options
    search: SearchSummary
    warnings: tuple[Notice, ...]
    acknowledged: Acknowledged
    diagnosis: Diagnosis | None = Field(
        default=None, description="What a person reads first; null in reports of before it was."
    )
    collapse: Collapse
    measures: dict[str, Reading]
    classes: tuple[ClassRow, ...] = Field(description="In order of first appearance.")
    hardest_triplets: tuple[Triplet, ...]
    blame: Blame | None = Field(
        default=None, description="Which rows are suspect; null where nothing was attributed."
    )
    forecast: tuple[ForecastRow, ...]
    baseline: Compared | None = Field(
        default=None, description="What changed since the baseline; null where none was asked for."
    )
    distributions: Distributions | None = Field(
        default=None, description="How distances, gaps and variance are spread, for pictures."
    )
    gate: Verdict
    environment: dict[str, Any] = Field(description="Versions, threads, work done; may vary.")
    timing: dict[str, float] = Field(description="Seconds a stage; varies.")

    _anchors: AnchorColumns = PrivateAttr(default_factory=AnchorColumns)

    def anchors(self) -> Any:
        """The table of anchors as a pyarrow.Table, a row an anchor: as `-o anchors.parquet` has it.

        It goes to pandas by `.to_pandas()`, to polars by `polars.from_arrow`. Raises UsageError for
        a report that was read back, or is of a set without labels.
        """
        if self._anchors.columns is None:
            raise UsageError(
                "The report has no anchors: it was read back, or its set has no labels.",
                "Audit again; a file of them is written by embaudit audit -o anchors.parquet.",
            )
        return viewer().table(self._anchors.columns, self.run_id)

    def with_anchors(self, columns: Columns) -> "Report":
        """The same with the columns of its table of anchors."""
        report = self.model_copy()
        report._anchors = AnchorColumns(columns)
        return report

    def columns(self) -> Columns:
        """A row a measure: its id as `measure`, and the fields of its reading."""
        readings = self.measures.values()
        fields = {name: [getattr(one, name) for one in readings] for name in Reading.model_fields}
        return {"measure": list(self.measures), **fields}

    def acknowledging(self, ids: Sequence[str]) -> "Report":
        """It with these notices, warnings and notes counted only; the state is what it was."""
        if not ids:
            return self
        fields = heard(self.warnings, ids)
        if self.diagnosis is not None:
            kept = self.diagnosis.without(ids)
            quiet = Counter(one.id for one in self.diagnosis.findings)
            quiet.subtract(one.id for one in kept.findings)
            counts = Counter(fields["acknowledged"]) + quiet
            fields |= {"diagnosis": kept, "acknowledged": dict(sorted(counts.items()))}
        return self.model_copy(update=fields)

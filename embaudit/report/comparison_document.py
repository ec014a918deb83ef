"""Reports side by side: the document that `embaudit compare` writes."""

from typing import Literal

from pydantic import Field

from embaudit.report import Reading, State, Tool
from embaudit.report.base_model import Document, Model
from embaudit.report.changes_model import Compared
from embaudit.report.diagnosis_model import DiagnosisState
from embaudit.report.display_mixins import Paged


class Compeer(Model):
    """One of the reports."""

    path: str
    run_id: str
    version: str = Field(description="Of the embaudit that wrote it.")
    inputs: tuple[str, ...] = Field(description="What was audited.")
    rows: int
    dim: int
    classes: int
    collapse: State
    diagnosis: DiagnosisState | None = Field(
        default=None, description="diagnosis.state of the report; null where it has none."
    )
    gate: Literal["pass", "fail", "none"]


class Comparison(Paged, Document):
    """Two or more reports, the later ones against the first."""

    schema_version: Literal[1]
    tool: Tool
    reports: tuple[Compeer, ...]
    measures: dict[str, tuple[Reading | None, ...]] = Field(
        description="A reading a report, in their order; null where one did not compute it."
    )
    against_first: tuple[Compared, ...] = Field(description="Of each report but the first.")

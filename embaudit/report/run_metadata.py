"""What was audited, by what, and how."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from embaudit.data.left_out_rows import Drop
from embaudit.report.base_model import ChosenRows, Model

LeftOutCounts = Annotated[
    dict[str, int],
    Field(
        default_factory=dict,
        description="Rows that were left out before, by reason: `ignore_label`, `where`, "
        "`unlabelled`, or the id of a finding. Each counts once; `rows` does not count them.",
    ),
]
UnpackBits = Annotated[
    bool, Field(description="Whether bytes were unpacked: a dimension is a bit.")
]
Dropped = Annotated[
    tuple[Drop, ...], Field(description="Findings whose rows were left out, if there were any.")
]
Ignored = Annotated[
    tuple[str, ...], Field(description="Labels, as text, whose rows were left out.")
]


class Tool(Model):
    """Which program made the report."""

    name: Literal["embaudit"]
    version: str


class RowCounts(Model):
    """Rows in figures; no distractors are not written."""

    distractors: int = Field(
        default=0,
        description="Rows without a label that stay as negatives; absent: none. No class is one.",
    )

    @model_serializer(mode="wrap")  # of a type of its result, pydantic would make the schema
    def _as_there(self, whole: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        told: dict[str, Any] = whole(self)
        if not told.get("distractors"):
            told.pop("distractors", None)
        return told


class DataSummary(RowCounts):
    """The audited set in figures."""

    rows: int
    dim: int
    classes: int
    anchors: int = Field(description="Rows with at least one positive and one negative.")
    singleton_classes: int
    duplicate_rows: int = Field(description="Rows byte-identical to another row.")
    left_out: LeftOutCounts


class GallerySummary(RowCounts):
    """The set that queries were audited against, in figures; `data` is then of the queries."""

    rows: int
    classes: int
    shared_classes: int = Field(description="Classes that queries and gallery both have.")
    queries_without_positives: int = Field(
        description="Queries whose label the gallery does not hold: they are no anchors."
    )
    leaked_rows: int = Field(description="Queries byte-identical to a row of the gallery.")
    leaked_same_label: int = Field(description="Of these, with such a row of their own label.")
    leaked_other_label: int = Field(description="Of these, with such a row of another label.")
    own_rows: int = Field(
        default=0,
        description="Queries that are a row of the gallery themselves: equal values, and equal ids "
        "where both have ids, else equal labels. That match of each is left out of every figure.",
    )
    left_out: LeftOutCounts
    precision_at_1_with_own_rows: float | None = Field(
        default=None,
        description="What precision_at_1 would be if they were matches of themselves; null where "
        "there are none, or no query has a positive.",
    )


class Options(ChosenRows):
    """What was asked for, as far as it changes a number."""

    metric: Literal["l2", "cosine"]
    labels: bool = Field(
        default=True, description="Whether there were labels; else only what needs none is told."
    )
    margin: float
    batch: tuple[int, int] | None = Field(
        description="Classes x rows per class of the audited batch; null without labels."
    )
    measures: str = Field(description="The measures asked for: presets and ids, with commas.")
    search: Literal["exact", "approximate"] = Field(
        description="Of nearest negatives; exact too where an approximate one would cost more."
    )
    effort: int = Field(description="Level of effort spent on certified intervals.")
    seed: int
    sample: int | None = Field(description="Rows drawn for the audit; null: all were audited.")
    unpack_bits: UnpackBits = False
    drop: Dropped = ()
    ignore_label: Ignored = ()


class SearchSummary(Model):
    """How the nearest rows were found."""

    backend: str
    exact: bool
    recall: float | None = Field(
        description="Share of nearest negatives that an approximate search found, on anchors "
        "drawn at random and searched exhaustively; null where the search was exact."
    )
    recall_lower: float | None = Field(default=None, description="Lower end, at 99 %.")
    recall_upper: float | None = Field(default=None, description="Upper end, at 99 %.")
    why: str

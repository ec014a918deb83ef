"""What a report says of suspect rows, and of classes that are confused."""

from typing import Literal, get_args

from pydantic import Field

from embaudit.report.base_model import LabelField, Model

Culprit = Literal["duplicate", "likely_mislabel", "outlier"]
Reason = Literal[
    "duplicate",
    "likely_mislabel",
    "outlier",
    "meets_duplicate",
    "meets_mislabel",
    "meets_outlier",
    "overlap",
]
WRONG, SURE = 0.5, 0.8  # probabilities from which a label is a suspect, and a sure one
CULPRITS: tuple[Culprit, ...] = get_args(Culprit)  # the surest first
REASONS: tuple[Reason, ...] = get_args(Reason)


class CulpritRow(Model):
    """A suspect row (0-based in the input as given)."""

    row: int
    id: LabelField | None
    label: LabelField
    attribution: Culprit
    likely_label: LabelField | None = Field(
        description="The class that its label would be instead, where it is probably wrong; of two "
        "duplicates it tells which label that is."
    )
    blamed: int = Field(
        description="Violating anchors whose furthest positive or nearest negative it is."
    )
    score: float = Field(
        description="How far it is from the others of its class, in spreads of the class beyond "
        "their median."
    )
    home_score: float | None = Field(
        default=None, description="The same in the likely class; null where there is none."
    )
    label_score: float | None = Field(
        default=None,
        description="How probably its label is wrong, 0 to 1, by the scores of all rows.",
    )


class ConfusedPair(Model):
    """Two classes that overlap, without duplicates, likely mislabels and outliers."""

    labels: tuple[LabelField, LabelField]
    anchors: int = Field(
        description="Anchors of either that violate by overlap, their nearest negative in the "
        "other."
    )
    wrong_neighbours: int = Field(
        description="Those of them whose nearest row of all is of the other class."
    )


class Blame(Model):
    """Rows by what they are, violating anchors by why they violate; rules of thumb."""

    rows: dict[Culprit, int] = Field(
        description="duplicate: equal, or within 1e-6 of the RMS pair distance, to a row of "
        "another label. likely_mislabel: the label is more probably wrong than right "
        "(label_score). outlier: far from its own class, and near to no other."
    )
    anchors: dict[Reason, int] = Field(
        description="Violating anchors, each once: for what the anchor itself is, else for what "
        "its worst triplet holds (meets_*), else overlap of the classes."
    )
    worst_rows: tuple[CulpritRow, ...] = Field(
        description="Of each kind the surest first, at most 200 each: mislabels by label_score, "
        "others by score less home_score."
    )
    confused_pairs: tuple[ConfusedPair, ...] = Field(
        description="Most wrong neighbours first, then most anchors; at most 30."
    )
    expected_wrong: float | None = Field(
        default=None,
        description="How many of the likely mislabels have a wrong label, as expected: the sum of "
        "their label_score.",
    )
    sure: int | None = Field(
        default=None, description=f"Likely mislabels with a label_score of at least {SURE:g}."
    )

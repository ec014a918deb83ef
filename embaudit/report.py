"""The report: plain, validated data that every renderer, gate and other tool reads.

The JSON Schema that `embaudit schema` prints is derived from these models.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field

from embaudit.blame import Blame
from embaudit.bounds import Bound, Kind, undefined
from embaudit.changes import Compared
from embaudit.data import Notice, Source
from embaudit.model import Document, LabelField, Model

if TYPE_CHECKING:
    from embaudit.evidence import Evidence

SCHEMA_VERSION: Literal[1] = 1

State = Literal["none", "warning", "collapsed"]
STATES: tuple[State, ...] = ("none", "warning", "collapsed")
Unit = Literal["fraction", "distance", "ratio", "state", "rows", "dimensions"]
Better = Literal["lower", "higher", "none"]
Risk = Literal["low", "rising", "high"]
Preset = Literal["paper", "standard", "all"]

# What a measure is of, where queries are audited against a gallery.
ALONE = "of the queries alone"
AGAINST = "of the queries against the gallery"
UNDEFINED = "undefined: a gallery audit compares two sets; audit one set for it"

RISING, HIGH = 0.6, 0.9  # edges of the bands of collapse pressure


@dataclass(frozen=True)
class Measure:
    """What a reported number is; the only place where its meaning is written down.

    The reference (`embaudit explain`), the JSON Schema, the terminal's plain reading and the
    README's table are all made from these fields. `says` is the plain reading, with `{value}`
    where the number goes. `compute` is a function of the shared evidence; unless `needs_labels`,
    also of that on a set without labels, where it may not ask for a class or an anchor.
    `with_gallery` says what it is of where queries are audited against a gallery. `definition`
    is raised when the number means something else than before: baselines do not outlive that.
    """

    id: str
    title: str
    group: str
    unit: Unit
    better: Better
    formula: str
    range: str
    source: str
    says: str
    meaning: str
    advice: str
    presets: frozenset[Preset]
    compute: Callable[["Evidence"], Bound]
    needs_labels: bool = True
    with_gallery: str = ALONE
    definition: int = 1

    def of(self, evidence: "Evidence") -> Bound:
        """The number, undefined where it has no meaning against a gallery."""
        if evidence.gallery is not None and self.with_gallery == UNDEFINED:
            return undefined(UNDEFINED.removeprefix("undefined: "))
        return self.compute(evidence)


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
        description="A length in multiples of rms_pair_distance; null where it is no length."
    )
    unit: Unit
    better: Better = Field(description="Which direction is an improvement.")
    reason: str | None = Field(description="Why it is undefined, or how the interval was got.")
    definition: int = Field(
        default=1,
        description="Of the measure: readings of different definitions are never compared.",
    )

    @classmethod
    def of(cls, measure: Measure, bound: Bound, rms: float | None) -> "Reading":
        """The reading of a measure; `rms` is the RMS pair distance (0 or None: no relative)."""
        length = measure.unit == "distance" and bound.value is not None and bool(rms)
        return cls(
            value=bound.value,
            lower=bound.lower,
            upper=bound.upper,
            kind=bound.kind,
            confidence=bound.confidence,
            relative=bound.value / rms if length and bound.value is not None and rms else None,
            unit=measure.unit,
            better=measure.better,
            reason=bound.reason,
            definition=measure.definition,
        )


class Tool(Model):
    """Which program made the report."""

    name: Literal["embaudit"]
    version: str


class DataSummary(Model):
    """The audited set in figures."""

    rows: int
    dim: int
    classes: int
    anchors: int = Field(description="Rows with at least one positive and one negative.")
    singleton_classes: int
    duplicate_rows: int = Field(description="Rows byte-identical to another row.")


class GallerySummary(Model):
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


class Options(Model):
    """What was asked for, as far as it changes a number."""

    metric: Literal["l2", "cosine"]
    labels: bool = Field(
        default=True, description="Whether there were labels; else only what needs none is told."
    )
    margin: float
    batch: tuple[int, int] | None = Field(
        description="Classes x rows per class of the audited batch; null without labels."
    )
    measures: str = Field(description="The measures asked for, as given.")
    search: Literal["exact", "approximate"] = Field(
        description="Of nearest negatives; exact too where an approximate one would cost more."
    )
    effort: int = Field(description="Level of effort spent on certified intervals.")
    seed: int
    sample: int | None = Field(description="Rows drawn for the audit; null: all were audited.")


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


class Collapse(Model):
    """The collapse state: the worst of the kinds that are known, and the figures that decided."""

    state: State
    point: State
    dimensional: State
    class_: State | None = Field(alias="class", description="null without labels: not known.")
    evidence: dict[str, float]

    model_config = ConfigDict(populate_by_name=True)


class ClassRow(Model):
    """One class; fractions are null where they were not computed or have no meaning."""

    label: LabelField
    rows: int
    violating_anchors: float | None = Field(
        description="Share of its anchors; with an approximate search, of those found to violate."
    )
    violated_triplets: float | None = Field(description="Over the ranked anchors of the class.")
    largest_gap: float | None = Field(description="Largest F - M of its anchors, a distance.")
    most_confused_with: LabelField | None = Field(
        description="The class that holds the nearest negative of most violating anchors."
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
        description="By the upper end of the pressure: below 0.6 low, to 0.9 rising, else high; "
        "high if the set has collapsed to a point already."
    )
    safe: bool = Field(description="Low risk, or an upper end of the gap of at most 0.")


def risk_of(pressure: float) -> Risk:
    """The band of a pressure; of an interval its upper end counts."""
    if pressure < RISING:
        return "low"
    return "rising" if pressure < HIGH else "high"


def largest_safe(rows: Sequence[ForecastRow]) -> ForecastRow | None:
    """The largest batch that is safe; of equal ones that with most classes."""
    safe = [row for row in rows if row.safe]
    return max(safe, key=lambda row: (row.batch, row.classes_per_batch), default=None)


class Rule(Model):
    """A gate rule and how it was decided: on the pessimistic end of the observed interval."""

    rule: str
    level: Literal["error", "warn"]
    status: Literal["pass", "fail", "undecided", "warn"] = Field(
        description="warn: a rule of level warn that did not pass, or a change beyond the limit "
        "that a paired test cannot tell from chance. It fails nothing."
    )
    observed: tuple[float | None, float | None] = Field(
        description="Of the measure, or of its change; null where unbounded or not known."
    )
    limit: float = Field(description="A share of the baseline is told as an absolute change.")
    remedy: str = Field(description="What to do; for a rule that passed, what else is known.")
    measure: str | None = Field(default=None, description="null for a rule about the baseline.")
    origin: str = Field(default="", description="Where the rule was written.")
    unit: Unit = Field(default="ratio", description="Of what was observed, and of the limit.")


class Verdict(Model):
    """What the gate says: `none` where no rule was given."""

    verdict: Literal["pass", "fail", "none"]
    rules: tuple[Rule, ...]


class Report(Document):
    """An audit. Everything but `environment` and `timing` is the same on every run."""

    schema_version: Literal[1]
    tool: Tool
    run_id: str = Field(description="Hash of inputs, options, seed and version.")
    fingerprint: str = Field(
        default="", description="Hash of what was read: rows and their labels, in their order."
    )
    inputs: tuple[Source, ...]
    data: DataSummary = Field(description="The audited set; with a gallery, the queries.")
    gallery: GallerySummary | None = Field(
        default=None, description="What anchors were compared with; null: their own set."
    )
    options: Options
    search: SearchSummary
    warnings: tuple[Notice, ...]
    collapse: Collapse
    measures: dict[str, Reading]
    classes: tuple[ClassRow, ...] = Field(description="In order of first appearance.")
    hardest_triplets: tuple[Triplet, ...]
    blame: Blame | None = Field(
        default=None, description="Which rows are to blame; null where nothing was attributed."
    )
    forecast: tuple[ForecastRow, ...]
    baseline: Compared | None = Field(
        default=None, description="What changed since the baseline; null where none was asked for."
    )
    gate: Verdict
    environment: dict[str, Any] = Field(description="Versions, threads, work done; may vary.")
    timing: dict[str, float] = Field(description="Seconds a stage; varies.")

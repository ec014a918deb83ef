"""What a reported number is, and a number as it is reported."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from embaudit.core.intervals import Estimate, Kind, undefined
from embaudit.report.model import Model

if TYPE_CHECKING:
    from embaudit.evidence import Evidence

Unit = Literal["fraction", "distance", "ratio", "state", "rows", "dimensions"]
Better = Literal["lower", "higher", "none"]
Preset = Literal["paper", "standard", "all"]

# The presets that have a measure: every one, all but the paper's, and that of dear measures.
EVERY: frozenset[Preset] = frozenset({"paper", "standard", "all"})
USUAL: frozenset[Preset] = frozenset({"standard", "all"})
DEAR: frozenset[Preset] = frozenset({"all"})

# What a measure is of, where queries are audited against a gallery.
ALONE = "of the queries alone"
AGAINST = "of the queries against the gallery"
UNDEFINED = "undefined: a gallery audit compares two sets; audit one set for it"


@dataclass(frozen=True)
class Measure:
    """What a reported number is; the only place where its meaning is written down.

    The reference (`embaudit explain`), the JSON Schema, the terminal's plain reading and the
    manual's table are all made from these fields. `says` is the plain reading, with `{value}`
    where the number goes. `compute` is a function of the shared evidence; unless `needs_labels`,
    also of that on a set without labels, where it may not ask for a class or an anchor.
    `low` and `high` say how to read a low and a high value. An id in any of these texts is a link.
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
    low: str
    high: str
    source: str
    says: str
    meaning: str
    advice: str
    presets: frozenset[Preset]
    compute: Callable[["Evidence"], Estimate]
    needs_labels: bool = True
    with_gallery: str = ALONE
    definition: int = 1

    def of(self, evidence: "Evidence") -> Estimate:
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
        description="A length in multiples of rms_pair_distance; null where it is no length, or "
        "no float64 holds the ratio."
    )
    unit: Unit
    better: Better = Field(description="Which direction is an improvement.")
    reason: str | None = Field(description="Why it is undefined, or how the interval was got.")
    definition: int = Field(
        default=1,
        description="Of the measure: readings of different definitions are never compared.",
    )

    @classmethod
    def of(cls, measure: Measure, bound: Estimate, rms: float | None) -> "Reading":
        """The reading of a measure; `rms` is the RMS pair distance (0 or None: no relative)."""
        relative = None
        if measure.unit == "distance" and bound.value is not None and rms:
            ratio = bound.value / rms  # a margin of 1 over distances of 1e-310 has none
            relative = ratio if math.isfinite(ratio) else None
        lower, upper = bound.ends
        return cls(
            value=bound.value,
            lower=lower,
            upper=upper,
            kind=bound.kind,
            confidence=bound.confidence,
            relative=relative,
            unit=measure.unit,
            better=measure.better,
            reason=bound.reason,
            definition=measure.definition,
        )

"""What a reported number is: its spec, from which everything that is said of it is made."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from embaudit.core.intervals import Estimate, undefined
from embaudit.evidence import Evidence
from embaudit.report import Better, Reading, Unit

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
    compute: Callable[[Evidence], Estimate]
    needs_labels: bool = True
    with_gallery: str = ALONE
    definition: int = 1

    def of(self, evidence: Evidence) -> Estimate:
        """The number, undefined where it has no meaning against a gallery."""
        if evidence.gallery is not None and self.with_gallery == UNDEFINED:
            return undefined(UNDEFINED.removeprefix("undefined: "))
        return self.compute(evidence)

    def reading(self, bound: Estimate, rms: float | None) -> Reading:
        """The number as it is reported; `rms` is the RMS pair distance (0 or None: no relative)."""
        relative = None
        if self.unit == "distance" and bound.value is not None and rms:
            ratio = bound.value / rms  # a margin of 1 over distances of 1e-310 has none
            relative = ratio if math.isfinite(ratio) else None
        lower, upper = bound.ends
        return Reading(
            value=bound.value,
            lower=lower,
            upper=upper,
            kind=bound.kind,
            confidence=bound.confidence,
            relative=relative,
            unit=self.unit,
            better=self.better,
            reason=bound.reason,
            definition=self.definition,
        )

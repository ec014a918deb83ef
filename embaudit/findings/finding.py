"""What a finding is: one fault of a file, its words and its check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence
from embaudit.report.diagnosis_model import MOST_ROWS, Mark
from embaudit.report.invocation import Value

MOST_RANGES = 50


@dataclass(frozen=True)
class Found:
    """A fault as it was found.

    evidence: as in the report. options: by name, as text, what to add to the command of the audit
    so that it takes the remedy (None for a flag); None where no option does.
    """

    headline: str
    evidence: Mapping[str, Any]
    details: tuple[str, ...] = ()
    mark: Mark | None = None  # weaker than usual, as the figures hardly change without it
    remedy: str | None = None
    options: Mapping[str, Value] | None = None

    def __post_init__(self) -> None:
        """Let the evidence be as JSON has it: numpy's scalars and arrays are numbers and lists."""
        object.__setattr__(self, "evidence", plain(self.evidence))


def plain(value: Any) -> Any:
    """A value with Python's own numbers and lists instead of numpy's, as deep as it goes."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


@dataclass(frozen=True)
class FindingSpec:
    """A fault that may be found; the only place where its meaning is written down.

    `mark` is how serious it usually is. `check` looks for it in the shared evidence. Unless
    `needs_labels`, it asks for none. `needs_own_positives`: it cannot be told of the queries of a
    gallery. `explained_by`: ids of worse findings that make something look like this one: it is not
    told beside them. `decides_neighbours`: where it is bad, who is near is its doing, and no matter
    of labels. `rows`: the ordered rows that are at fault, flags (N,), where leaving these out
    mends it: `--drop` does.
    """

    id: str
    title: str
    mark: Mark
    looks: str
    remedy: str
    check: Callable[[Evidence], Found | None] = field(repr=False)
    cost: str = "a pass over the rows at the most"
    needs_labels: bool = False
    needs_own_positives: bool = False
    explained_by: tuple[str, ...] = ()
    decides_neighbours: bool = False
    rows: Callable[[Evidence], NDArray[np.bool_]] | None = field(default=None, repr=False)

    def of(self, evidence: Evidence) -> Found | None:
        """What was found, None where it cannot be looked for or is not there."""
        if self.needs_labels and not evidence.data.labelled:
            return None
        if self.needs_own_positives and evidence.gallery is not None:
            return None
        return self.check(evidence)


def precision_of_others(evidence: Evidence, rows: NDArray[np.bool_]) -> dict[str, float]:
    """Evidence: precision@1 of the anchors without these (N,) ordered rows; empty where none is."""
    if not evidence.data.labelled or not len(evidence.anchors):
        return {}
    others = ~rows[evidence.anchors]
    return {"precision_at_1_without": float(evidence.right[others].mean())} if others.any() else {}


def row_facts(data: EmbeddingSet, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    """`count` and `rows` of flagged ordered rows, as input rows."""
    rows = np.sort(data.input_rows[chosen])
    return {"count": len(rows), "rows": rows[:MOST_ROWS].tolist()}


def ranges_of(rows: Sequence[int]) -> list[list[int]]:
    """Unbroken ranges, [first, last] each, of ascending rows."""
    ascending = np.asarray(rows)
    if not len(ascending):
        return []
    breaks = np.flatnonzero(np.diff(ascending) > 1)
    firsts = np.concatenate(([0], breaks + 1))
    lasts = np.concatenate((breaks, [len(ascending) - 1]))
    return [
        [int(ascending[one]), int(ascending[other])]
        for one, other in zip(firsts, lasts, strict=True)
    ]


def share(number: float) -> str:
    """`1.2 %` as text for a headline."""
    percent = 100 * number
    if percent and percent < 0.1:
        return f"{percent:.1g}%"
    return f"{percent:.1f}%".replace(".0%", "%")


def rows_text(count: int) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def listed(numbers: Sequence[int], most: int = 5) -> str:
    """`3, 17, 20 and 4 more`."""
    shown = ", ".join(str(one) for one in numbers[:most])
    return shown + (f" and {len(numbers) - most:,} more" if len(numbers) > most else "")

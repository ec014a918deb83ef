"""Two populations of lengths: some rows normalised, or of another scale."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats
from embaudit.core.random_streams import LENGTH_ROWS, random_stream
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, row_facts, share
from embaudit.findings.row_origins import told_apart

Flags = NDArray[np.bool_]

LEAST, SHARE = 5, 0.01  # rows of the smaller population
APART = 3.0  # spreads of the lengths between the two
FACTOR = 1.25  # between their medians, at least
CONSTANT = 5e-3  # spread of the logarithms of lengths that are all the same
TURNED = 0.35  # between mean directions, of unit vectors: beyond it the rows lie elsewhere
DIRECTIONS = 1024  # rows of either that are looked at for it
MIXED = 0.25  # of the smaller population lies in classes that hold the other too


@dataclass(frozen=True)
class Populations:
    """Flags of the shorter and of the longer rows, of (N,) ordered ones, and what they are of."""

    short: Flags
    long: Flags
    logs: Floats

    @property
    def few(self) -> Flags:
        """The smaller population."""
        return self.short if self.short.sum() <= self.long.sum() else self.long

    @property
    def constant(self) -> bool:
        """Whether all rows of one of them are as long as each other."""
        return min(float(np.std(self.logs[one])) for one in (self.short, self.long)) < CONSTANT


def check(evidence: Evidence) -> Found | None:
    """A cut between lengths that classes do not explain.

    Under l2, which knows no origin, also between distances from the centre.
    """
    profile, matters = evidence.row_statistics, evidence.metric == "l2"
    used = ~profile.zero & (~profile.stray if matters else True)
    used &= _first_of_equals(evidence)
    found = _populations(evidence, profile.log_lengths, used, None)
    if found is None and matters:
        logs = profile.log_away + np.float32(np.log(evidence.unit))
        found = _populations(evidence, logs, used & np.isfinite(logs), profile.centre)
    if found is None:
        return None
    few = found.few
    medians = [float(np.exp(np.median(found.logs[one]))) for one in (found.short, found.long)]
    facts: dict[str, Any] = {**row_facts(evidence.data, few), "share": float(few.mean())}
    facts |= {"lengths": medians, "counts": [int(found.short.sum()), int(found.long.sum())]}
    parts, words = told_apart(evidence, few, used)
    kind = "normalised rows among others" if found.constant else "two scales"
    return Found(
        f"Two populations of lengths, {kind}: {facts['counts'][0]:,} rows about {medians[0]:.3g} "
        f"long, {facts['counts'][1]:,} about {medians[1]:.3g}",
        {**facts, **parts},
        (
            f"{share(float(few.mean()))} of the rows differ{words}.",
            "Under l2 rows of one length are no neighbours of those of the other."
            if matters
            else "Cosine knows no lengths: no figure here depends on them.",
        ),
        mark=None if matters else "note",
        options={"metric": "cosine"} if matters else None,
    )


def _populations(
    evidence: Evidence, logs: NDArray[np.float32], used: Flags, origin: Floats | None
) -> Populations | None:
    """Two populations among the used rows, that classes and directions do not explain."""
    lengths = logs[used].astype(np.float64)
    cut = _cut(lengths) if len(lengths) >= 4 * LEAST else None
    if cut is None:
        return None
    short = np.zeros(len(used), dtype=bool)
    short[used] = lengths <= cut
    found = Populations(short, used & ~short, logs.astype(np.float64))
    if evidence.data.labelled and not found.constant and not _within_classes(evidence, found):
        return None
    # rows that lie elsewhere, as another domain does, are no matter of scale
    return found if _turned(evidence, found, origin) <= TURNED else None


def _first_of_equals(evidence: Evidence) -> Flags:
    """(N,) flags of one row of each vector, in whatever class."""
    distinct, flags = evidence.deduplicated, np.ones(evidence.data.size, dtype=bool)
    if evidence.distinct_vectors < evidence.data.size:
        vector = distinct.vector[distinct.group]
        flags[:] = False
        flags[np.unique(vector, return_index=True)[1]] = True
    return flags


def _turned(evidence: Evidence, found: Populations, origin: Floats | None) -> float:
    """How far apart the mean directions of both are, of unit vectors, less what chance makes."""
    means, noise = [], 0.0
    rng = random_stream(evidence.seed, LENGTH_ROWS)
    for flags in (found.short, found.long):
        rows = np.flatnonzero(flags)
        rows = rows if len(rows) <= DIRECTIONS else rng.choice(rows, DIRECTIONS, replace=False)
        if origin is None:
            values = evidence.data.stored.floats(np.sort(rows))
        else:
            values = evidence.points.floats(np.sort(rows)) - origin
        values /= np.abs(values).max(axis=1, keepdims=True)
        values /= np.sqrt(np.einsum("ij,ij->i", values, values))[:, None]
        means.append(values.mean(axis=0))
        noise += float(values.var(axis=0).sum()) / len(rows)
    return float(max(0.0, float(np.square(means[0] - means[1]).sum()) - noise) ** 0.5)


def _cut(logs: Floats) -> float | None:
    """Where lengths part into two populations; None where they are one."""
    ordered = np.sort(logs)
    size = len(ordered)
    least = max(LEAST, int(SHARE * size))
    sums, squares = np.cumsum(ordered), np.cumsum(np.square(ordered))
    left = np.arange(1, size)
    within = squares[-1] - sums[:-1] ** 2 / left - (sums[-1] - sums[:-1]) ** 2 / (size - left)
    within[: least - 1] = within[size - least :] = np.inf
    at = int(np.argmin(within))
    low, high = ordered[: at + 1], ordered[at + 1 :]
    if len(low) < least or len(high) < least:
        return None
    between = float(np.median(high) - np.median(low))
    spread = float(np.std(low) + np.std(high))
    gap = float(np.quantile(high, 0.02) - np.quantile(low, 0.98))
    if between < np.log(FACTOR) or between < APART * spread or gap < 0.25 * between:
        return None
    return float(low[-1] + high[0]) / 2


def _within_classes(evidence: Evidence, found: Populations) -> bool:
    """Whether classes hold both: a class may be as long as it likes."""
    sides = (found.short, found.long)
    one, other = (np.add.reduceat(flags, evidence.data.starts[:-1], dtype=int) for flags in sides)
    return bool(np.minimum(one, other).sum() >= MIXED * found.few.sum())


FINDING = FindingSpec(
    id="mixed_lengths",
    title="Two populations of lengths",
    mark="bad",
    looks=f"lengths of rows that part into two populations, one {FACTOR:g} times as long at least, "
    "within classes; a note under cosine, which knows no lengths",
    remedy="Normalise all rows or none: find the step that some of them missed.",
    check=check,
    decides_neighbours=True,
)

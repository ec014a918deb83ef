"""Two populations of lengths: some rows normalised, or of another scale."""

import numpy as np
from numpy.typing import NDArray

from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, rows_told, share
from embaudit.findings.parting import told_apart
from embaudit.space import Floats, Rows

Flags = NDArray[np.bool_]

LEAST, SHARE = 5, 0.01  # rows of the smaller population
APART = 3.0  # spreads of the lengths between the two
FACTOR = 1.25  # between their medians, at least
CONSTANT = 5e-3  # spread of the logarithms of lengths that are all the same
TURNED = 0.35  # between mean directions, of unit vectors: beyond it the rows lie elsewhere
DIRECTIONS = 1024  # rows of either that are looked at for it
MIXED = 0.25  # of the smaller population lies in classes that hold the other too


def check(evidence: Evidence) -> Found | None:
    """A cut between lengths that classes do not explain."""
    data, profile = evidence.data, evidence.profile
    used = ~profile.zero & (~profile.stray if evidence.metric == "l2" else True)
    used[evidence.distinct.members[_copies(evidence)]] = False  # one of each vector counts
    lengths = profile.log_lengths[used]
    if len(lengths) < 4 * LEAST:
        return None
    cut = _cut(lengths)
    if cut is None:
        return None
    short = np.zeros(data.size, dtype=bool)
    short[used] = lengths <= cut
    long = used & ~short
    few = short if short.sum() <= long.sum() else long
    constant = min(float(np.std(profile.log_lengths[one])) for one in (short, long)) < CONSTANT
    if data.labelled and not constant and not _within_classes(evidence, short, long, few):
        return None
    if _turned(evidence, short, long) > TURNED:
        return None  # they lie elsewhere, as another domain does: no matter of scale
    medians = [float(np.exp(np.median(profile.log_lengths[one]))) for one in (short, long)]
    told = {**rows_told(data, few), "share": float(few.mean()), "lengths": medians}
    told |= {"counts": [int(short.sum()), int(long.sum())]}
    parts, words = told_apart(evidence, few, used)
    normalised = "normalised rows among others" if constant else "two scales"
    matters = evidence.metric == "l2"
    return Found(
        f"Two populations of lengths, {normalised}: {int(short.sum()):,} rows about "
        f"{medians[0]:.3g} long, {int(long.sum()):,} about {medians[1]:.3g}",
        {**told, **parts},
        (
            f"{share(float(few.mean()))} of the rows differ{words}.",
            "Under l2 rows of one length are no neighbours of those of the other."
            if matters
            else "Cosine knows no lengths: no figure here depends on them.",
        ),
        mark=None if matters else "note",
        options={"metric": "cosine"} if matters else None,
    )


def _copies(evidence: Evidence) -> Rows:
    """Places among the members of groups of equal vectors, in whatever class, but the first."""
    distinct = evidence.distinct
    vector = distinct.vector[distinct.group[distinct.members]]
    first = np.unique(vector, return_index=True)[1]
    return np.setdiff1d(np.arange(len(vector)), first, assume_unique=True)


def _turned(evidence: Evidence, short: Flags, long: Flags) -> float:
    """How far apart the mean directions of both are, of unit vectors, less what chance makes."""
    means, noise = [], 0.0
    rng = np.random.default_rng((evidence.seed, 12))
    for flags in (short, long):
        rows = np.flatnonzero(flags)
        rows = rows if len(rows) <= DIRECTIONS else rng.choice(rows, DIRECTIONS, replace=False)
        values = evidence.data.stored.floats(np.sort(rows))
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


def _within_classes(evidence: Evidence, short: Flags, long: Flags, few: Flags) -> bool:
    """Whether classes hold both: a class may be as long as it likes."""
    starts = evidence.data.starts
    one, other = (np.add.reduceat(flags.astype(np.int64), starts[:-1]) for flags in (short, long))
    return bool(np.minimum(one, other).sum() >= MIXED * few.sum())


MIXED_LENGTHS = FindingSpec(
    id="mixed_lengths",
    title="Two populations of lengths",
    mark="bad",
    looks="lengths of rows that part into two populations at least a quarter apart, within "
    "classes; a note under cosine, which knows no lengths",
    remedy="Normalise all rows or none: find the step that some of them missed.",
    check=check,
)

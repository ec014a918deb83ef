"""Rows that stand twice in the same order: a shard saved twice, or a padded sampler."""

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.evidence import Evidence
from embaudit.findings.finding import MOST_RANGES, FindingSpec, Found, row_facts, rows_text

LEAST = 3  # rows of a run
CHANCE = 1e-3  # runs as long that chance may make among rows that often coincide


Run = tuple[int, int, int]  # first row, first row of the copy, and length; in the input's order


def rows(evidence: Evidence) -> NDArray[np.bool_]:
    """(N,) whether a row is one of the second run."""
    return _copies(evidence, _sure_runs(evidence))


def check(evidence: Evidence) -> Found | None:
    """Runs of rows equal to a later run."""
    data, pairs = evidence.data, _sure_runs(evidence)
    if not pairs:
        return None
    chosen = _copies(evidence, pairs)
    kept = np.arange(data.size) if data.kept is None else data.kept
    ranges = [
        [[int(kept[at]), int(kept[at + length - 1])] for at in (first, start)]
        for first, start, length in pairs[:MOST_RANGES]
    ]
    facts = {**row_facts(data, chosen), "ranges": [one for pair in ranges for one in pair]}
    (first, last), (start, end) = ranges[0]
    return Found(
        f"{rows_text(int(chosen.sum()))} stand twice: rows {first} to {last} are rows {start} to "
        f"{end} again",
        facts,
        ("A copy is the nearest neighbour of its row: it flatters precision and recall.",),
        options={"drop": "repeated_block"},
    )


def _sure_runs(evidence: Evidence) -> list[Run]:
    """Runs that stand again, and that chance would not make, the longest first."""
    data = evidence.data
    if evidence.distinct_vectors == data.size:
        return []
    vector = np.empty(data.size, dtype=np.int64)
    vector[data.rows] = evidence.deduplicated.vector[evidence.deduplicated.group]
    zero = np.zeros(data.size, dtype=bool)
    zero[data.rows] = evidence.row_statistics.zero
    return [run for run in _runs(vector, zero) if _surely(vector, run)]


def _copies(evidence: Evidence, runs: list[Run]) -> NDArray[np.bool_]:
    """(N,) flags of the ordered rows of the copies."""
    second = np.zeros(evidence.data.size, dtype=bool)
    for _, start, length in runs:
        second[start : start + length] = True
    flags: NDArray[np.bool_] = second[evidence.data.rows]
    return flags


def _runs(vector: Rows, skipped: np.ndarray) -> list[Run]:
    """Runs (first, second, length) of places whose vectors stand again from `second` on."""
    order = np.argsort(vector, kind="stable")
    same = vector[order[1:]] == vector[order[:-1]]
    again = np.full(len(vector), -1)
    again[order[:-1][same]] = order[1:][same]  # the next place with the same vector
    again[skipped] = -1
    places = np.flatnonzero(again >= 0)
    if not len(places):
        return []
    follows = (np.diff(places) == 1) & (np.diff(again[places]) == 1)
    ends = np.concatenate((np.flatnonzero(~follows), [len(places) - 1]))
    begins = np.concatenate(([0], ends[:-1] + 1))
    found = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        first, length = int(places[begin]), end - begin + 1
        second = int(again[first])
        length = min(length, second - first)
        if length >= LEAST and len(np.unique(vector[first : first + length])) == length:
            found.append((first, second, length))
    return sorted(found, key=lambda run: -run[2])


def _surely(vector: Rows, run: Run) -> bool:
    """Whether chance would not make a run as long of vectors as frequent as these."""
    first, _, length = run
    size = len(vector)
    held = np.bincount(vector, minlength=1)[vector[first : first + length]]
    odds = np.log(np.maximum(held - 1, 1) / size).sum() + 2 * np.log(size)
    return bool(odds < np.log(CHANCE))


FINDING = FindingSpec(
    id="repeated_block",
    title="A block of rows saved twice",
    mark="warning",
    looks=f"a run of {LEAST} or more different rows that stands again, in the same order, further "
    "on",
    remedy="Leave out the copy (--drop repeated_block), and look where the file was put together: "
    "a shard read twice, or a sampler that pads the last batch.",
    check=check,
    rows=rows,
    explained_by=("repeated_vector",),
)

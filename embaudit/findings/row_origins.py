"""What tells two kinds of rows apart: a shard, a range of rows, or a column that was kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.evidence import Evidence
from embaudit.findings.finding import MOST_RANGES, ranges_of

PURE = 0.98  # of the rows that such a thing has to tell right


def told_apart(
    evidence: Evidence, chosen: NDArray[np.bool_], among: NDArray[np.bool_]
) -> tuple[dict[str, Any], str]:
    """What tells the chosen ordered rows from the others of `among`: evidence, and words for it.

    A shard before a range, a range before a column.
    """
    data = evidence.data
    order = np.argsort(data.rows)
    flags, used = chosen[order], among[order]
    rows = np.arange(data.size) if data.kept is None else data.kept
    for shard, first, last in _shards(evidence):
        inside = (rows >= first) & (rows <= last)
        if _agree(inside, flags, used):
            return {"shards": [shard], "ranges": [[first, last]]}, f"; they are the rows of {shard}"
    ranges = ranges_of(np.flatnonzero(flags).tolist())
    if len(ranges) <= MOST_RANGES and len(ranges) <= max(1, 0.02 * np.count_nonzero(flags)):
        runs = [[int(rows[one]), int(rows[other])] for one, other in ranges]
        first, last = runs[0]
        more = f" and {len(ranges) - 1} more ranges" if len(ranges) > 1 else ""
        return {"ranges": runs}, f"; they are rows {first} to {last}{more}"
    for name, values in data.columns.items():
        kinds = np.array([repr(value) for value in values])
        for value in np.unique(kinds[flags])[:20]:
            if _agree(kinds == value, flags, used):
                return {"column": name, "value": value}, f"; column {name!r} has {value} there"
    return {}, ", and neither a shard, a range nor a kept column tells which"


def _shards(evidence: Evidence) -> list[tuple[str, int, int]]:
    """(path, first row, last row) of each shard, where there are several."""
    parts = [one for one in evidence.data.sources if one.role == "embeddings"]
    if len(parts) < 2:
        return []
    ends = np.cumsum([one.rows for one in parts])
    return [
        (one.path, int(end - one.rows), int(end) - 1)
        for one, end in zip(parts, ends, strict=True)
        if one.rows
    ]


def _agree(inside: NDArray[np.bool_], flags: NDArray[np.bool_], used: NDArray[np.bool_]) -> bool:
    """Whether being inside says whether a row is flagged, in nearly all cases."""
    inside_used, truth = inside[used], flags[used]
    both = np.count_nonzero(inside_used & truth)
    return bool(both and both >= PURE * max(np.count_nonzero(inside_used), np.count_nonzero(truth)))

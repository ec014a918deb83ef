"""Byte-identical rows, found once: a collapsed model has millions of exact ties."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Points, Rows


@dataclass(frozen=True)
class Deduplicated:
    """The distinct vectors of each class: M of the N ordered rows stand for all.

    first: (M,) the ordered row that stands for a group (its lowest input row), ordered by class.
    group: (N,) the group of each ordered row. count: (M,) rows in each group.
    members: (N,) ordered rows, group after group; group k is members[begin[k]:begin[k] + count[k]].
    starts: (C + 1,) the groups of class c are starts[c]:starts[c + 1].
    vector: (M,) equal for groups of equal vectors, in whatever class.
    """

    first: Rows
    group: Rows
    count: Rows
    members: Rows
    begin: Rows
    starts: Rows
    vector: Rows

    @property
    def size(self) -> int:
        """M, the number of groups."""
        return len(self.first)

    @property
    def shared_rows(self) -> int:
        """Rows whose vector a row of another class has too."""
        groups = np.bincount(self.vector, minlength=self.size)  # each of one class
        return int(self.count[groups[self.vector] > 1].sum())

    def other_than(self, rows: Rows, groups: Rows) -> Rows:
        """The lowest member of each group that is not the given row; each needs two members."""
        lowest = self.members[self.begin[groups]]
        second = self.members[self.begin[groups] + 1]
        return np.where(lowest == rows, second, lowest)


def identical_vectors(points: Points) -> Rows:
    """An id for each of N rows, equal exactly for rows with equal values; -0.0 equals 0.0."""
    hashes = row_hashes(points)
    ids = np.arange(points.size)
    ordered = np.sort(hashes)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return ids
    del ordered
    place = np.minimum(np.searchsorted(repeated, hashes), len(repeated) - 1)
    shared = np.flatnonzero(repeated[place] == hashes)
    firsts = np.full(len(repeated), points.size)
    np.minimum.at(firsts, place[shared], shared)
    ids[shared] = firsts[place[shared]]
    suspects = shared[ids[shared] != shared]
    # equal hashes are only a suspicion; the values decide
    strangers = [
        part[(points.floats(part) != points.floats(ids[part])).any(axis=1)]
        for part in np.array_split(suspects, len(suspects) // CHUNK + 1)
    ]
    odd = np.concatenate(strangers)
    if len(odd):
        _, lowest, same = np.unique(
            points.floats(odd), axis=0, return_index=True, return_inverse=True
        )
        ids[odd] = odd[lowest][same.ravel()]
    return ids


def row_hashes(points: Points) -> NDArray[np.uint64]:
    """(N,) a hash of the values of each row."""
    rng = np.random.default_rng(0)
    odd = rng.integers(0, 2**63, points.dim, dtype=np.uint64) * 2 + 1
    out = np.empty(points.size, dtype=np.uint64)
    for part, block in points.chunks():
        block += 0.0  # -0.0 becomes 0.0
        words = block.view(np.uint64)
        words ^= words >> np.uint64(32)  # the high digits count for the low half of the product
        out[part] = (words * odd).sum(axis=1, dtype=np.uint64)
    return out


def distinct_in_classes(
    points: Points, class_starts: Rows, alone: Rows | None = None
) -> Deduplicated:
    """Group equal rows of (N, n) inside each class; rows are ordered by class, then input row.

    alone: rows that are each a group of their own, whatever equals them; not the first of equals.
    """
    ids, every = identical_vectors(points), np.arange(points.size)
    if alone is not None:
        ids[alone] = alone
    leader = _leaders(ids, class_starts)
    lead = leader == every
    if lead.all():  # one array serves for all that are the same
        ones = np.broadcast_to(np.int64(1), points.size)
        ids = every if np.array_equal(ids, every) else ids
        every, same = points.beside(every), ids is every
        ids = every if same else points.beside(ids)
        return Deduplicated(every, every, ones, every, every, class_starts, ids)
    first = points.beside(np.flatnonzero(lead))
    group = points.beside((np.cumsum(lead) - 1)[leader])
    del leader, lead
    count = points.beside(np.bincount(group, minlength=len(first)))
    members = np.argsort(group, kind="stable")  # inside a class rows keep the order of the input
    members, begin = points.beside(members), points.beside(np.cumsum(count) - count)
    starts = np.searchsorted(first, class_starts)
    vector = points.beside(ids[first])
    return Deduplicated(first, group, count, members, begin, starts, vector)


def _leaders(ids: Rows, class_starts: Rows) -> Rows:
    """The first row of the same class with the same id, (N,)."""
    leader = np.arange(len(ids))
    twice = np.zeros(len(ids), dtype=bool)
    twice[ids[ids != leader]] = True  # ids that a later row has, too
    shared = np.flatnonzero(twice[ids])
    codes = np.searchsorted(class_starts, shared, side="right") - 1
    order = np.lexsort((shared, ids[shared], codes))
    shared, same = shared[order], np.ones(len(shared), dtype=bool)
    same[1:] = (np.diff(ids[shared]) != 0) | (np.diff(codes[order]) != 0)
    leader[shared] = shared[same][np.cumsum(same) - 1]
    return leader

"""The set cut into cells of rows that lie close together, each of one class where classes allow.

Cells of a single class make the approximate search label-aware: an anchor passes over those of
its own class, however large that is, and all that it looks at are negatives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.search.frame import Frame
from embaudit.space import CHUNK, Rows

LEAST = 256  # rows of a cell that a product is worth
ALONE = 8  # a class with that part of a cell, or more, has cells of its own
STEPS = 8  # of Lloyd's algorithm
TAUGHT = 64  # rows a centre is found from
SHARED = -1  # the owner of a cell that several classes share

Centres = NDArray[np.float32]


@dataclass(frozen=True)
class Cells:
    """K cells of M groups: cell k is order[begin[k]:begin[k + 1]].

    owner: (K,) the class that all of the cell is of, or SHARED. centres: (K, n) in the frame.
    """

    order: Rows
    begin: Rows
    owner: Rows
    centres: Centres

    @property
    def size(self) -> int:
        """K, the number of cells."""
        return len(self.owner)

    def members(self, k: int) -> Rows:
        """The groups of a cell."""
        return self.order[self.begin[k] : self.begin[k + 1]]

    def own(self, code: int) -> slice:
        """The cells that are of one class alone: they come in the order of the classes."""
        alone = self.owner[: len(self.owner) - np.count_nonzero(self.owner == SHARED)]
        low, high = np.searchsorted(alone, (code, code + 1))
        return slice(int(low), int(high))

    def of_each(self) -> Rows:
        """(M,) the cell of each group."""
        cell = np.empty(len(self.order), dtype=np.int64)
        cell[self.order] = np.repeat(np.arange(self.size), np.diff(self.begin))
        return cell


def cells_of(frame: Frame, starts: Rows) -> Cells:
    """Cells of about sqrt(M) rows; class c is the groups starts[c]:starts[c + 1].

    Classes of an eighth of a cell and more have cells of their own, smaller ones share theirs.
    """
    wanted = max(LEAST, round(np.sqrt(frame.cloud.size)))
    sizes = np.diff(starts)
    parts: list[Rows] = []
    owners: list[int] = []
    centres: list[Centres] = []
    alone = ALONE * sizes >= wanted
    pools = [(int(c), np.arange(starts[c], starts[c + 1])) for c in np.flatnonzero(alone)]
    if not alone.all():
        pools.append((SHARED, np.flatnonzero(np.repeat(~alone, sizes))))
    for owner, groups in pools:
        found, cell = _clustered(frame, groups, max(1, round(len(groups) / wanted)))
        order = np.argsort(cell, kind="stable")
        cuts = np.flatnonzero(np.diff(cell[order])) + 1
        filled = [part for part in np.split(groups[order], cuts) if len(part)]
        parts += filled
        owners += [owner] * len(filled)
        centres.append(found[np.unique(cell)])
    lengths = [len(part) for part in parts]
    return Cells(
        np.concatenate(parts),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.array(owners),
        np.concatenate(centres),
    )


def to_centres(rows: Centres, centres: Centres) -> Centres:
    """Squared distances of rows to centres, less the rows' own squares, (q, K)."""
    squared = rows @ centres.T
    squared *= -2
    squared += np.einsum("ij,ij->i", centres, centres)
    return squared


def _clustered(frame: Frame, groups: Rows, count: int) -> tuple[Centres, Rows]:
    """k-means: `count` centres, found from evenly spaced rows, and the centre of each group."""
    taught = groups[:: max(1, len(groups) // (TAUGHT * count))]
    rows = np.concatenate([frame.taken(part)[:, :-2] for part in _chunks(taught)])
    if count == 1:
        return rows.mean(axis=0, keepdims=True), np.zeros(len(groups), dtype=np.int64)
    centres = rows[:: max(1, len(rows) // count)][:count].copy()
    for _ in range(STEPS):
        nearest = np.concatenate([to_centres(part, centres).argmin(axis=1) for part in _cut(rows)])
        order = np.argsort(nearest, kind="stable")
        present, firsts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(rows[order], firsts, axis=0)
        centres[present] = sums / np.diff(np.append(firsts, len(rows)))[:, None]
    cell = np.concatenate(
        [to_centres(frame.taken(p)[:, :-2], centres).argmin(axis=1) for p in _chunks(groups)]
    )
    return centres, cell


def _chunks(groups: Rows) -> list[Rows]:
    return [groups[at : at + CHUNK] for at in range(0, len(groups), CHUNK)]


def _cut(rows: Centres) -> list[Centres]:
    return [rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK)]

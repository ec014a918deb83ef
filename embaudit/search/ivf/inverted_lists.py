"""The set cut into cells of rows that lie close together, each of one class where classes allow.

Cells of a single class make the approximate search label-aware: an anchor passes over those of
its own class, however large that is, and all that it looks at are negatives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import CHUNK, Rows
from embaudit.search.error_bounds import Frame
from embaudit.search.tile_grid import tiles_of

LEAST = 256  # rows of a cell that a product is worth
ALONE = 8  # a class with that part of a cell, or more, has cells of its own
STEPS = 8  # of Lloyd's algorithm
TRAIN_ROWS = 64  # rows a centre is found from
SHARED = -1  # the owner of a cell that several classes share

EVERY = slice(None)
Centres = NDArray[np.float32]
Centre = NDArray[np.int32]  # of each of some groups, its number


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


@dataclass(frozen=True)
class ListGroup:
    """The groups of a class that has cells of its own, or of all classes that share theirs.

    owner: the class, or SHARED. begin, end: its groups; of SHARED, all of them are `shared`.
    """

    owner: int
    begin: int = 0
    end: int = 0
    shared: Rows | None = None

    @property
    def size(self) -> int:
        """How many they are."""
        return self.end - self.begin if self.shared is None else len(self.shared)

    def groups(self, part: slice = EVERY) -> Rows:
        """Some of them, rising."""
        if self.shared is not None:
            return self.shared[part]
        low, high, step = part.indices(self.size)
        return np.arange(self.begin + low, self.begin + high, step)


def rows_of_cell(rows: int) -> int:
    """How many rows the cells of so many are to have."""
    return max(LEAST, round(float(np.sqrt(rows))))


def list_groups_of(starts: Rows, wanted: float) -> list[ListGroup]:
    """Class c is the groups starts[c]:starts[c + 1]; from an eighth of a cell on it stays alone.

    wanted: rows of a cell.
    """
    sizes = np.diff(starts)
    alone = ALONE * sizes >= wanted
    list_groups = [
        ListGroup(int(c), int(starts[c]), int(starts[c + 1])) for c in np.flatnonzero(alone)
    ]
    if not alone.all():
        list_groups.append(ListGroup(SHARED, shared=np.flatnonzero(np.repeat(~alone, sizes))))
    return list_groups


def centres_of(frame: Frame, list_group: ListGroup, wanted: float) -> Centres:
    """k-means: centres of cells of so many rows of a list group, found from evenly spaced ones."""
    count = max(1, round(list_group.size / wanted))
    train_sample = list_group.groups(
        slice(None, None, max(1, list_group.size // (TRAIN_ROWS * count)))
    )
    chunks = [train_sample[part] for part in tiles_of(len(train_sample), CHUNK)]
    rows = np.concatenate([frame.taken(chunk)[:, :-2] for chunk in chunks])
    if count == 1:
        only: Centres = rows.mean(axis=0, keepdims=True)
        return only
    centres: Centres = rows[:: max(1, len(rows) // count)][:count].copy()
    cut = [rows[part] for part in tiles_of(len(rows), CHUNK)]
    for _ in range(STEPS):
        nearest = np.concatenate([to_centres(part, centres).argmin(axis=1) for part in cut])
        order = np.argsort(nearest, kind="stable")
        present, firsts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(rows[order], firsts, axis=0)
        centres[present] = sums / np.diff(np.append(firsts, len(rows)))[:, None]
    return centres


def nearest_centre(frame: Frame, list_group: ListGroup, centres: Centres, part: slice) -> Centre:
    """The nearest of its centres to some groups of a list group; a part begins with a chunk."""
    groups = list_group.groups(part)
    if len(centres) == 1:
        return np.zeros(len(groups), dtype=np.int32)
    nearest = np.empty(len(groups), dtype=np.int32)
    for some in tiles_of(len(groups), CHUNK):
        rows = frame.taken(groups[some])[:, :-2]
        nearest[some] = to_centres(rows, centres).argmin(axis=1)
    return nearest


def cells_of(list_groups: list[ListGroup], centres: list[Centres], nearest: list[Centre]) -> Cells:
    """Cells of those groups of a list group that one of its centres is nearest to."""
    parts: list[Rows] = []
    owners: list[int] = []
    kept: list[Centres] = []
    for list_group, found, cell in zip(list_groups, centres, nearest, strict=True):
        order = np.argsort(cell, kind="stable")
        cuts = np.flatnonzero(np.diff(cell[order])) + 1
        filled = [part for part in np.split(list_group.groups()[order], cuts) if len(part)]
        parts += filled
        owners += [list_group.owner] * len(filled)
        kept.append(found[np.unique(cell)])
    lengths = [len(part) for part in parts]
    return Cells(
        np.concatenate(parts),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.array(owners),
        np.concatenate(kept),
    )


def to_centres(rows: Centres, centres: Centres) -> Centres:
    """Squared distances of rows to centres, less the rows' own squares, (q, K)."""
    squared = rows @ centres.T
    squared *= -2
    squared += np.einsum("ij,ij->i", centres, centres)
    return squared

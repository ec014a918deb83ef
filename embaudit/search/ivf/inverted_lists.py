"""The set cut into cells of rows that lie close together, each of one class where classes allow.

Cells of a single class make the approximate search label-aware: an anchor passes over those of
its own class, however large that is, and all that it looks at are negatives.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Rows
from embaudit.search.faiss_minima import library, one_faiss_thread
from embaudit.search.ivf.robust_scaling import Matrix, PlacedRows
from embaudit.search.tile_grid import tiles_of

LEAST = 256  # rows of a cell that a product is worth
ALONE = 8  # a class with that part of a cell, or more, has cells of its own
STEPS = 8  # of k-means
TRAIN_ROWS = 64  # rows a centre is found from
SHARED = -1  # the owner of a cell that several classes share
SEED = 1  # of k-means

Centre = NDArray[np.int32]  # of each of some groups, its number


@dataclass(frozen=True)
class ListGroup:
    """The groups of a class that has cells of its own, or of all classes that share theirs.

    owner: the class, or SHARED. groups: those of it, in the order of their values.
    """

    owner: int
    groups: Rows

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.groups)


@dataclass(frozen=True)
class Cells:
    """K cells of M groups: cell k is order[begin[k]:begin[k + 1]].

    owner: (K,) the class that all of the cell is of, or SHARED; those of one stand together.
    centres: (K, n) of scaled rows.
    """

    order: Rows
    begin: Rows
    owner: Rows
    centres: Matrix

    @property
    def size(self) -> int:
        """K, the number of cells."""
        return len(self.owner)

    def members(self, k: int) -> Rows:
        """The groups of a cell."""
        return self.order[self.begin[k] : self.begin[k + 1]]

    def own(self, code: int) -> slice:
        """The cells that are of one class alone."""
        return self._own.get(code, slice(0, 0))

    @cached_property
    def _own(self) -> dict[int, slice]:
        runs = {int(self.owner[run.start]): run for run in runs_of(self.owner)}
        runs.pop(SHARED, None)
        return runs

    def of_each(self) -> Rows:
        """(M,) the cell of each group."""
        cell = np.empty(len(self.order), dtype=np.int64)
        cell[self.order] = np.repeat(np.arange(self.size), np.diff(self.begin))
        return cell


def rows_of_cell(rows: int) -> int:
    """How many rows the cells of so many are to have."""
    return max(LEAST, round(float(np.sqrt(rows))))


def list_groups_of(drawn: Rows, codes: Rows, classes: Rows, wanted: float) -> list[ListGroup]:
    """Classes of an eighth of a cell or more stay alone.

    drawn: all groups in the order of their values. codes: (M,) classes. classes: (C,) in the order
    of theirs. wanted: rows of a cell.
    """
    place = np.empty(len(classes), dtype=np.int32)
    place[classes] = np.arange(len(classes))
    order = drawn[np.argsort(place[codes[drawn]], kind="stable")]
    alone, shared = [], [order[:0]]
    for run in runs_of(codes[order]):
        groups = order[run]
        if ALONE * len(groups) >= wanted:
            alone.append(ListGroup(int(codes[groups[0]]), groups))
        else:
            shared.append(groups)
    together = np.concatenate(shared)
    return [*alone, ListGroup(SHARED, together)] if len(together) else alone


def centres_of(rows: PlacedRows, list_group: ListGroup, wanted: float) -> Matrix:
    """k-means: centres of cells of so many rows of a list group, found from its first ones."""
    count = min(list_group.size, max(1, round(list_group.size / wanted)))
    step = max(1, list_group.size // (TRAIN_ROWS * count))
    sample = rows.taken(list_group.groups[::step])
    if count == 1:
        only: Matrix = sample.mean(axis=0, keepdims=True)
        return only
    means = library().Kmeans(
        sample.shape[1],
        count,
        niter=STEPS,
        seed=SEED,
        min_points_per_centroid=1,
        max_points_per_centroid=2 * TRAIN_ROWS + 1,
    )
    with one_faiss_thread():
        means.train(sample)
    return np.asarray(means.centroids)


def nearest_centre(rows: PlacedRows, groups: Rows, centres: Matrix) -> Centre:
    """The nearest of its centres to some groups of a list group; they begin with a chunk of it."""
    nearest = np.zeros(len(groups), dtype=np.int32)
    if len(centres) > 1:
        for some in tiles_of(len(groups), CHUNK):
            nearest[some] = to_centres(rows.taken(groups[some]), centres).argmin(axis=1)
    return nearest


def cells_of(list_groups: list[ListGroup], centres: list[Matrix], nearest: list[Centre]) -> Cells:
    """Cells of those groups of a list group that one of its centres is nearest to."""
    parts: list[Rows] = []
    owners: list[int] = []
    kept: list[Matrix] = []
    for list_group, found, cell in zip(list_groups, centres, nearest, strict=True):
        order = np.argsort(cell, kind="stable")
        cuts = np.flatnonzero(np.diff(cell[order])) + 1
        filled = [part for part in np.split(list_group.groups[order], cuts) if len(part)]
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


def to_centres(rows: Matrix, centres: Matrix) -> Matrix:
    """Squared distances of rows to centres, less the rows' own squares, (q, K)."""
    squared = rows @ centres.T
    squared *= -2
    squared += np.einsum("ij,ij->i", centres, centres)
    return squared


def runs_of(keys: Rows) -> list[slice]:
    """Where equal keys stand together."""
    cuts = np.flatnonzero(np.diff(keys)) + 1
    ends = [0, *cuts.tolist(), len(keys)] if len(keys) else [0]
    return [slice(low, high) for low, high in pairwise(ends)]

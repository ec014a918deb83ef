"""What workers do: pure functions of a dataset spec and a few numbers, to be done again at will."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import TypeVar

import numpy as np

from embaudit.cluster import BACKEND, malloc_thresholds
from embaudit.cluster.dataset_spec import DatasetSpec, WorkerDataset, dataset_of
from embaudit.core.prepared_points import Rows
from embaudit.search import (
    AnchorRanks,
    BlockBounds,
    BlockResult,
    Cells,
    CellSearch,
    Centre,
    Codebook,
    Codes,
    ListThreads,
    LocalExecutor,
    Matrix,
    Neighbours,
    PartialResult,
    Placement,
    Positives,
    codes_of_rows,
    nearest_centre,
    one_blas_thread,
    positives_of,
    rank_anchors,
)

T = TypeVar("T")


def warm(spec: DatasetSpec) -> None:
    """Open the set."""
    _dataset(spec)


def measure(spec: DatasetSpec, left: slice, right: slice) -> tuple[BlockBounds, ...]:
    """As in BlockScan."""
    with _at_work():
        return _dataset(spec).blocks.measure(left, right)


def settle(spec: DatasetSpec, block: slice, pairs: Sequence[Sequence[BlockBounds]]) -> BlockResult:
    """As in BlockScan."""
    with _at_work():
        return _dataset(spec).blocks.settle(block, (patch for pair in pairs for patch in pair))


def positives(spec: DatasetSpec, block: slice) -> Positives:
    """As in BlockScan."""
    with _at_work():
        known = _dataset(spec)
        return positives_of(known.prepared, block, known.block_rows)


def kept(sent: T) -> T:
    """What several tasks need, sent once."""
    return sent


def nearest_centres(
    spec: DatasetSpec, sent: tuple[Placement, list[Matrix]], pieces: list[tuple[int, Rows]]
) -> list[Centre]:
    """Of the groups of some pieces of list groups."""
    with _at_work():
        placement, centres = sent
        rows = ListThreads(_dataset(spec).frame).scaled(placement)
        return [nearest_centre(rows, groups, centres[k]) for k, groups in pieces]


def codes(spec: DatasetSpec, sent: tuple[Placement, Cells, Codebook], part: slice) -> Codes:
    """Of some of the cells' rows."""
    with _at_work():
        placement, cells, book = sent
        rows = ListThreads(_dataset(spec).frame).scaled(placement)
        return codes_of_rows(rows, cells, book, part)


def everywhere(spec: DatasetSpec, known: PartialResult) -> PartialResult:
    """The nearest negatives of some anchors among all rows."""
    with _at_work():
        subject = _dataset(spec)
        found = subject.nearest_negatives(known)
        ListThreads(subject.frame).everywhere(found)
        return found.partial_result()


def in_cells(
    spec: DatasetSpec, search: CellSearch, homes: range, known: PartialResult
) -> tuple[PartialResult, int]:
    """Those of the anchors in some cells, in the cells near each; and how many these were."""
    with _at_work():
        subject = _dataset(spec)
        found = subject.nearest_negatives(known)
        looks = subject.searcher(search).from_homes(found, np.arange(homes.start, homes.stop))
        return found.partial_result(), looks


def ranks(spec: DatasetSpec, anchors: Rows) -> AnchorRanks:
    """The ranks of some anchors."""
    with _at_work():
        known = _dataset(spec)
        one = known.prepared
        return rank_anchors(one.data, one.points, one.distinct, anchors, frame=known.ranking)


def in_all(parts: Sequence[AnchorRanks]) -> AnchorRanks:
    """The ranks of all anchors, from those of parts in their order."""
    return reduce(AnchorRanks.beside, parts)


def neighbours(spec: DatasetSpec, asked: Rows, k: int) -> Neighbours:
    """The k nearest rows of some rows."""
    with _at_work():
        return LocalExecutor().neighbours(_dataset(spec).prepared, asked, k)


@contextmanager
def _at_work() -> Iterator[None]:
    """Products of one thread; what is free is given back where memory is nearly full."""
    with one_blas_thread():
        try:
            yield
        finally:
            malloc_thresholds.relieve(BACKEND.limits()[0])


def _dataset(spec: DatasetSpec) -> WorkerDataset:
    return dataset_of(spec, BACKEND.limits)

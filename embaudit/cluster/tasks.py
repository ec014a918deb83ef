"""What workers do: pure functions of a dataset spec and a few numbers, to be done again at will."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import TypeVar

from distributed import get_worker

from embaudit.cluster import worker_memory
from embaudit.cluster.dataset_spec import DatasetSpec, WorkerDataset, dataset_of
from embaudit.core.machine import allowed
from embaudit.core.metric import Rows
from embaudit.search import (
    AnchorRanks,
    BlockBounds,
    BlockResult,
    Cells,
    Centre,
    Centres,
    Limits,
    ListThreads,
    LocalExecutor,
    Neighbours,
    PartialResult,
    Piece,
    Positives,
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


def nearest_centres(spec: DatasetSpec, centres: list[Centres], pieces: list[Piece]) -> list[Centre]:
    """Of the groups of some pieces of list groups."""
    with _at_work():
        known = _dataset(spec)
        return [
            nearest_centre(known.frame, known.list_groups[k], centres[k], part)
            for k, part in pieces
        ]


def everywhere(spec: DatasetSpec, known: PartialResult) -> PartialResult:
    """The nearest negatives of some anchors among all rows."""
    with _at_work():
        subject = _dataset(spec)
        found = subject.nearest_negatives(known)
        ListThreads(subject.frame).everywhere(found)
        return found.partial_result()


def in_cells(
    spec: DatasetSpec, cells: Cells, limits: Limits, homes: range, known: PartialResult
) -> tuple[PartialResult, int]:
    """Those of the anchors in some cells, in the cells near each; and how many these were."""
    with _at_work():
        subject = _dataset(spec)
        found = subject.nearest_negatives(known)
        looks = ListThreads(subject.frame).from_homes(found, cells, limits, homes)
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
            worker_memory.relieve(_limits()[0])


def _dataset(spec: DatasetSpec) -> WorkerDataset:
    return dataset_of(spec, _limits)


def _limits() -> tuple[int, int]:
    """Bytes that this worker may take, and its threads."""
    worker = get_worker()
    return worker.memory_manager.memory_limit or allowed(None), worker.state.nthreads

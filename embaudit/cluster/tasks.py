"""What workers do: pure functions of a recipe and a few numbers, so that they can be done again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import TypeVar

from distributed import get_worker

from embaudit.cluster import malloc
from embaudit.cluster.dataset_spec import DatasetSpec, WorkerDataset, held
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


def warm(recipe: DatasetSpec) -> None:
    """Open the set."""
    _held(recipe)


def measure(recipe: DatasetSpec, left: slice, right: slice) -> tuple[BlockBounds, ...]:
    """As in BlockScan."""
    with _at_work():
        return _held(recipe).blocks.measure(left, right)


def settle(
    recipe: DatasetSpec, block: slice, pairs: Sequence[Sequence[BlockBounds]]
) -> BlockResult:
    """As in BlockScan."""
    with _at_work():
        return _held(recipe).blocks.settle(block, (patch for pair in pairs for patch in pair))


def positives(recipe: DatasetSpec, block: slice) -> Positives:
    """As in BlockScan."""
    with _at_work():
        known = _held(recipe)
        return positives_of(known.prepared, block, known.block_rows)


def kept(sent: T) -> T:
    """What several tasks need, sent once."""
    return sent


def nearest_centres(
    recipe: DatasetSpec, centres: list[Centres], pieces: list[Piece]
) -> list[Centre]:
    """Of the groups of some pieces of pools."""
    with _at_work():
        known = _held(recipe)
        return [nearest_centre(known.frame, known.pools[k], centres[k], part) for k, part in pieces]


def everywhere(recipe: DatasetSpec, known: PartialResult) -> PartialResult:
    """The nearest negatives of some anchors among all rows."""
    with _at_work():
        subject = _held(recipe)
        found = subject.finder(known)
        ListThreads(subject.frame).everywhere(found)
        return found.portion()


def in_cells(
    recipe: DatasetSpec, cells: Cells, limits: Limits, homes: range, known: PartialResult
) -> tuple[PartialResult, int]:
    """Those of the anchors in some cells, in the cells near each; and how many these were."""
    with _at_work():
        subject = _held(recipe)
        found = subject.finder(known)
        looks = ListThreads(subject.frame).from_homes(found, cells, limits, homes)
        return found.portion(), looks


def ranks(recipe: DatasetSpec, anchors: Rows) -> AnchorRanks:
    """The ranks of some anchors."""
    with _at_work():
        known = _held(recipe)
        one = known.prepared
        return rank_anchors(one.data, one.points, one.distinct, anchors, frame=known.ranking)


def in_all(parts: Sequence[AnchorRanks]) -> AnchorRanks:
    """The ranks of all anchors, from those of parts in their order."""
    return reduce(AnchorRanks.beside, parts)


def neighbours(recipe: DatasetSpec, asked: Rows, k: int) -> Neighbours:
    """The k nearest rows of some rows."""
    with _at_work():
        return LocalExecutor().neighbours(_held(recipe).prepared, asked, k)


@contextmanager
def _at_work() -> Iterator[None]:
    """Products of one thread; what is free is given back where memory is nearly full."""
    with one_blas_thread():
        try:
            yield
        finally:
            malloc.relieve(_limits()[0])


def _held(recipe: DatasetSpec) -> WorkerDataset:
    return held(recipe, _limits)


def _limits() -> tuple[int, int]:
    """Bytes that this worker may take, and its threads."""
    worker = get_worker()
    return worker.memory_manager.memory_limit or allowed(None), worker.state.nthreads

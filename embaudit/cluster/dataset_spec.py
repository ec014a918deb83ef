"""What a worker needs to know to have the same set as the client: paths and options, no vectors."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import RLock, Timer
from typing import Any, TypeVar

import numpy as np

from embaudit.cluster import malloc_thresholds
from embaudit.cluster.worker_costs import needs_of_worker
from embaudit.core.location import Location
from embaudit.core.metric import Metric, prepare
from embaudit.data import EmbeddingSet
from embaudit.errors import InputRefused, UsageError
from embaudit.files import Names, choose, read
from embaudit.search import (
    BlockScan,
    CellSearch,
    Frame,
    ListThreads,
    NearestNegatives,
    PartialResult,
    Prepared,
    Searcher,
    codes_of,
    distinct_in_classes,
    frame_of,
    ranking_frame,
    use_threads,
)
from embaudit.version import __version__

T = TypeVar("T")
Digests = tuple[tuple[Any, ...], ...]

ROOM = 0.65  # of a worker's memory: an engine may let it pause when that is nearly full


@dataclass(frozen=True)
class DatasetSpec:
    """How a set is read and prepared.

    embeddings, labels: absolute, and the same files from every worker. token: told apart from other
    audits by. unpack_bits, ignored, drop_zeros: as `choose` and `read` have them. expected: what
    the client has read, None where it has not yet. block_rows: of tiles.
    """

    token: str
    embeddings: Location
    labels: Location | None
    names: Names
    labelled: bool
    metric: Metric
    sample: int | None
    seed: int
    block_rows: int | None
    unpack_bits: bool = False
    ignored: tuple[str, ...] = ()
    drop_zeros: bool = False
    expected: Digests | None = None
    version: str = __version__

    def expecting(self, data: EmbeddingSet) -> "DatasetSpec":
        """The same, for a set that was read."""
        return replace(self, expected=digests_of(data))


class WorkerDataset:
    """A set that a worker has opened."""

    def __init__(self, spec: DatasetSpec, memory: int, threads: int) -> None:
        """memory: bytes that the worker may take. threads: tasks it does at a time."""
        chosen = choose(
            spec.embeddings,
            spec.labels,
            spec.names,
            labelled=spec.labelled,
            unpack_bits=spec.unpack_bits,
        )
        if chosen.keys is None:
            chosen.ids = None  # they only match labels here
        rows, dim, itemsize = chosen.size
        rows = min(rows, spec.sample or rows)
        on_disk = needs_of_worker(rows, dim, itemsize, threads).total > ROOM * memory
        data = read(
            chosen,
            sample=spec.sample,
            seed=spec.seed,
            memory_budget=memory,
            on_disk=lambda _: on_disk,
            ignored=spec.ignored,
            drop_zeros=spec.drop_zeros,
        )
        points = prepare(data.vectors, spec.metric, data.input_rows, data.mapped_rows, data.where)
        self.prepared = Prepared(data, points, distinct_in_classes(points, data.runs))
        self.digests, self.block_rows = digests_of(data), spec.block_rows
        self.codes = codes_of(self.prepared.distinct)
        self._making = RLock()
        self._made: dict[str, Any] = {}
        self._searcher: Searcher | None = None
        self._token = spec.token
        self._leaving: Timer | None = None

    def wanted(self) -> None:
        """Stay for a while."""
        self.leave()
        self._leaving = Timer(IDLE, forget, (self._token,))
        self._leaving.daemon = True
        self._leaving.start()

    def leave(self) -> None:
        """Nobody need tell the set to go any more."""
        if self._leaving is not None:
            self._leaving.cancel()

    @property
    def frame(self) -> Frame:
        """What bounds distances of a scan."""
        subject = self.prepared
        return self._once(
            "frame", lambda: frame_of(subject.points, subject.distinct.first, np.float32)
        )

    @property
    def blocks(self) -> BlockScan:
        """The exact scan in blocks."""
        return self._once("blocks", lambda: BlockScan(self.prepared, self.block_rows, self.frame))

    @property
    def ranking(self) -> Frame:
        """What bounds distances of ranks."""
        return self._once("ranking", lambda: ranking_frame(self.prepared.points))

    def searcher(self, search: CellSearch) -> Searcher:
        """One that does a search which several tasks were sent; it is made once."""
        with self._making:
            if self._searcher is None or self._searcher.search is not search:
                distinct = self.prepared.distinct
                self._searcher = ListThreads(self.frame).searcher(search, distinct)
            return self._searcher

    def nearest_negatives(self, known: PartialResult) -> NearestNegatives:
        """A search for nearest negatives that goes on from what is known of some anchors."""
        subject = self.prepared
        return NearestNegatives.of(
            subject.points, subject.distinct, self.codes, subject.data.rows, known
        )

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """What takes a pass over the rows is made when a task first asks for it, by one thread."""
        with self._making:
            if name not in self._made:
                self._made[name] = make()
            made: T = self._made[name]
            return made


def digests_of(data: EmbeddingSet) -> Digests:
    """What tells two inputs apart, wherever they lie."""
    return tuple(
        (one.role, one.format, one.rows, one.dim, one.dtype, one.sha256, one.column)
        for one in data.sources
    )


_DATASETS: dict[str, WorkerDataset] = {}  # of this process: at most one set
_OPENING = RLock()
IDLE = 900.0  # seconds after which a set is let go of that nobody asks for: its client may be gone


def dataset_of(spec: DatasetSpec, memory: Callable[[], tuple[int, int]]) -> WorkerDataset:
    """The set of a spec, opened by this process once.

    memory: bytes that this worker may take, and its threads. Raises InputRefused for a file that
    is not what the client has read, UsageError for another version of embaudit.
    """
    if spec.version != __version__:
        raise UsageError(
            f"A worker has embaudit {__version__}, the client {spec.version}.",
            "Install the same version on all machines.",
        )
    with _OPENING:
        found = _DATASETS.get(spec.token)
        if found is None:
            _DATASETS.clear()  # let go of another before this one is read
            use_threads(1)
            limit, threads = memory()
            malloc_thresholds.keep(limit)
            found = _DATASETS[spec.token] = WorkerDataset(spec, limit, threads)
        found.wanted()
    if spec.expected is not None and found.digests != spec.expected:
        raise InputRefused(f"{spec.embeddings}: another content than the command has read")
    return found


def forget(token: str) -> None:
    """Let go of a set."""
    with _OPENING:
        found = _DATASETS.pop(token, None)
        if found is not None:
            found.leave()
            del found
            malloc_thresholds.give_back()

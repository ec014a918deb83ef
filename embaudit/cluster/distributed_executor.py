"""A cluster as the executor of an audit: tasks to its workers, what they found back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from embaudit.cluster import BACKEND, worker_tasks
from embaudit.cluster.dataset_spec import DatasetSpec, forget
from embaudit.cluster.distributed_backend import TaskPool
from embaudit.cluster.inverted_list_tasks import ListTasks
from embaudit.cluster.scheduling import SHARES, Work
from embaudit.cluster.spot_checks import Referee
from embaudit.core.location import Location
from embaudit.core.prepared_points import Rows
from embaudit.search import (
    ALL_PAIRS,
    AnchorRanks,
    AnchorScan,
    BlockResult,
    Neighbours,
    Positives,
    Prepared,
    ProbeSearch,
    Progress,
    blocks_of,
    frame_of,
    probed,
    scan_of,
    targets_of,
    together,
)

PAIRS = 32  # of blocks for each thread
LARGE = 1 << 17  # rows of a block: a pair of them takes a minute or so
SMALL = 1 << 14  # where a worker has little memory to settle them in
LITTLE = 1 << 30  # bytes


class DistributedExecutor:
    """Workers that open the input themselves; every answer is that of one machine."""

    def __init__(self, pool: TaskPool, spec: DatasetSpec, progress: Progress) -> None:
        self.work, self.referee = Work(pool, spec, progress), Referee()
        self._scan: AnchorScan | None = None

    def warm(self) -> None:
        """Let every worker open the set, without waiting for it."""
        self.work.pool.begin(worker_tasks.warm, self.work.spec)

    def close(self) -> None:
        """Let workers forget the set; whoever is gone has forgotten it already."""
        self.work.pool.end(forget, self.work.spec.token)

    def scan(self, prepared: Prepared, *, approximate: bool, seed: int) -> AnchorScan:
        """The scan of every anchor."""
        found = self._probed(prepared, seed) if approximate else None
        if found is None:
            found = replace(self._exact(prepared), how=ALL_PAIRS if approximate else "")
        self._scan = found
        return found

    def ranks(self, prepared: Prepared, anchors: Rows) -> AnchorRanks:
        """The ranks of some anchors."""
        work, spec = self.work, self._spec(prepared)

        def rank(half: int) -> AnchorRanks:
            parts = [
                work.submit(worker_tasks.ranks, spec, part) for part in work.parts(anchors, half)
            ]
            return work.answers(
                "ranks", AnchorRanks, [work.submit(worker_tasks.in_all, parts)], parts
            )[0]

        found = work.shrinking(rank)
        self.referee.ranks(prepared, anchors, found, self._scan)
        return found

    def neighbours(self, prepared: Prepared, asked: Rows, k: int) -> Neighbours:
        """The k nearest other rows of some rows."""
        work, spec = self.work, self._spec(prepared)

        def search(half: int) -> Neighbours:
            parts = work.parts(asked, half)
            found = work.answers(
                "nearest rows",
                Neighbours,
                [work.submit(worker_tasks.neighbours, spec, part, k) for part in parts],
            )
            rows, d2 = [one.rows for one in found], [one.d2 for one in found]
            return Neighbours(np.concatenate(rows), np.concatenate(d2))

        nearest = work.shrinking(search)
        self.referee.neighbours(prepared, asked, k, nearest)
        return nearest

    def _exact(self, prepared: Prepared) -> AnchorScan:
        wanted = self.blocks(prepared)
        return self.work.shrinking(lambda half: self._in_blocks(prepared, wanted * half))

    def _in_blocks(self, prepared: Prepared, wanted: int) -> AnchorScan:
        """Pairs of blocks are measured; what they say of a block stays with the workers."""
        work, spec = self.work, self._spec(prepared)
        blocks = blocks_of(prepared.distinct, wanted, spec.block_rows)
        every = range(len(blocks))
        pairs = {
            (i, j): work.submit(worker_tasks.measure, spec, blocks[i], blocks[j])
            for i in every
            for j in every[i:]
        }
        settled = [
            work.submit(
                worker_tasks.settle,
                spec,
                blocks[i],
                [pairs[min(i, j), max(i, j)] for j in every],
                first=True,
            )
            for i in every
        ]
        found = work.answers("scan", BlockResult, settled, list(pairs.values()))
        self.referee.settled(prepared, blocks, found)
        return scan_of(prepared, found)

    def _probed(self, prepared: Prepared, seed: int) -> AnchorScan | None:
        """The approximate scan; None where comparing all pairs costs less."""
        data, points, distinct = prepared.data, prepared.points, prepared.distinct
        work, spec = self.work, self._spec(prepared)

        def search(half: int) -> Positives:
            blocks = blocks_of(distinct, SHARES * work.threads() * half, spec.block_rows)
            return together(
                work.answers(
                    "positives",
                    Positives,
                    [work.submit(worker_tasks.positives, spec, block) for block in blocks],
                )
            )

        positives = work.shrinking(search)
        self.referee.positives(prepared, positives)
        target = targets_of(distinct, positives)
        frame = frame_of(points, distinct.first, np.float32)
        executor = ListTasks(work, spec, prepared, frame, self.referee)
        return probed(
            data,
            distinct,
            positives,
            ProbeSearch(points, distinct, data.rows, target, frame=frame, executor=executor),
            seed,
        )

    def blocks(self, prepared: Prepared) -> int:
        """Blocks whose pairs are enough for all threads, and fit into the smallest worker."""
        wanted = int(np.ceil(np.sqrt(2 * PAIRS * self.work.threads())))
        most = SMALL if self.work.pool.least_memory() <= LITTLE else LARGE
        return max(wanted, -(-prepared.distinct.size // most))

    def _spec(self, prepared: Prepared) -> DatasetSpec:
        """Of workers that must find what the client has read."""
        return self.work.spec.expecting(prepared.data)


@contextmanager
def executor_on(
    scheduler: Location | None,
    workers: int | None,
    memory: int,
    spec: DatasetSpec,
    progress: Progress,
    note: Callable[[str], None] | None = None,
) -> Iterator[DistributedExecutor]:
    """An executor on the cluster of a scheduler, or on so many workers that are started here.

    memory: bytes of each of these. note: is told which cluster it is. Raises ClusterLost where
    there is none.
    """
    with BACKEND.pool(scheduler, workers or 1, memory, note) as pool:
        executor = DistributedExecutor(pool, spec, progress)
        try:
            executor.warm()
            yield executor
        finally:
            executor.close()

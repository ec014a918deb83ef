"""Nearest and furthest positives: dense tiles inside the classes, no mask but the diagonal."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Points, Rows
from embaudit.search.block_extrema import BlockExtrema, Inside, regions_of
from embaudit.search.block_minima import by_products
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.positive_candidates import PositiveCandidates, Positives
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import TileGrid, tiles_of

DENSE = 6  # blocks of a class up to which all pairs cost less than symmetric tiles and a look
FEW = 16  # rows of a class up to which bounds of the whole set do, though these are less sharp
BLUNT = 0.05  # of a class may need a sharper bound before the class gets a frame of its own
ANCHORS = 4096  # rows of a large class that look into a region together

# (classes, rows) groups: of each class those that are compared with, and those that ask
Batch = tuple[Rows, int | None]  # how many the former are, None where all ask and are compared


class PositiveSearch:
    """The nearest and furthest positive of every group, decided in float64."""

    def __init__(
        self,
        points: Points,
        distinct: Deduplicated,
        input_rows: Rows,
        grid: TileGrid,
        threads: int = 1,
    ) -> None:
        self.points, self.distinct, self.grid, self.threads = points, distinct, grid, threads
        self.frame: Frame | None = None
        self.candidates = PositiveCandidates(points, distinct, input_rows, grid.barred)

    @property
    def found(self) -> Positives:
        """Of the groups that were asked so far."""
        return self.candidates.found

    def scan(
        self,
        progress: Progress = silent,
        frame: Frame | None = None,
        inside: Inside[BlockExtrema] | None = None,
        asked: slice | None = None,
    ) -> Positives:
        """Every group against the others of its class; asked: only these.

        frame: of all groups, if it is there. inside: what its tiles have said of some
        classes already, of these groups at least.
        """
        self.frame = frame
        grid, some = self.grid, asked or self.grid.asked
        low = np.maximum(grid.starts[:-1], some.start)
        high = np.minimum(grid.starts[1:], some.stop)
        queries, others = np.maximum(high - low, 0), np.diff(grid.others)
        left = (queries > 0) & (others > 0)
        if frame is not None and inside is not None:
            left &= ~self._from_tiles(frame, inside, left, low, high)
        pairs = np.where(left, queries * others.astype(np.float64), 0.0)  # what it costs
        stage = Stage(progress, "positives", int(pairs.sum()))
        whole = left & (queries == np.diff(grid.starts))
        large = whole & (others > DENSE * grid.width) & grid.symmetric
        self._scan_dense(whole & ~large, stage)
        for c in np.flatnonzero(large):
            self._scan_large(np.arange(grid.starts[c], grid.starts[c + 1]), stage)
        for c in np.flatnonzero(left & ~whole):
            own, begin = np.arange(grid.others[c], grid.others[c + 1]), grid.others[c]
            self._look(own[None], np.arange(low[c] - begin, high[c] - begin), None, 1)
        return self.found

    def _scan_dense(self, classes: NDArray[np.bool_], stage: Stage) -> None:
        """All pairs of these classes."""

        def scan(batch: Batch, threads: int = 1) -> None:
            groups, candidates = batch
            self._look(groups, np.arange(candidates or 0, groups.shape[1]), candidates, threads)

        small: list[Batch] = []
        for batch in self._batches(classes):
            if _pairs(batch) > self.threads * self.grid.width**2:  # work enough for all
                scan(batch, self.threads)
                stage.step(_pairs(batch))
            else:
                small.append(batch)
        for_each(scan, small, self.threads, lambda batch: stage.step(_pairs(batch)))

    def _look(self, groups: Rows, queries: Rows, candidates: int | None, threads: int) -> None:
        """The same rows of each of several classes, (c, size), against all others of theirs."""
        size = candidates or groups.shape[1]
        if groups.shape[1] == 1:
            return
        frame = None
        if self.frame is not None and groups.shape[1] <= FEW:
            frame = self.frame.sets(groups)
        frame = frame or frame_of(self.points, self.distinct.first[groups], np.float32)
        height = max(1, min(self.grid.width, self.grid.width**2 // size))
        for_each(
            lambda part: self.candidates.look(frame, groups, queries[part], candidates),
            tiles_of(len(queries), height),
            threads,
        )

    def _batches(self, classes: NDArray[np.bool_]) -> Iterator[Batch]:
        """Classes of equal size together: many small ones cost one product.

        The large ones first: the last job should be a short one.
        """
        grid, block = self.grid, self.grid.width
        sizes = np.stack((np.diff(grid.others), np.diff(grid.starts)), axis=1)
        for others, queries in np.unique(sizes[classes], axis=0)[::-1].tolist():
            same = np.flatnonzero(classes & (sizes == (others, queries)).all(axis=1))
            groups, candidates = grid.others[same, None] + np.arange(others), None
            if not grid.symmetric:
                asking = grid.starts[same, None] + np.arange(queries)
                groups, candidates = np.concatenate((groups, asking), axis=1), others
            together = max(1, min(block**2 // (others * queries), 8 * block // groups.shape[1]))
            for part in tiles_of(len(same), together):
                yield groups[part], candidates

    def _from_tiles(
        self,
        frame: Frame,
        inside: Inside[BlockExtrema],
        classes: NDArray[np.bool_],
        low: Rows,
        high: Rows,
    ) -> NDArray[np.bool_]:
        """Decide groups low:high of classes by measured tiles; flags those where it sufficed."""
        starts, done = self.grid.starts, inside.classes & classes
        jobs = [
            (c, rows)
            for c in np.flatnonzero(done).tolist()
            for rows in tiles_of(int(high[c]), ANCHORS, int(low[c]))
        ]

        def visit(job: tuple[int, slice]) -> None:
            c, rows = job
            own = slice(int(starts[c]), int(starts[c + 1]))
            crowded = self.candidates.visit(frame, 0, own, rows, inside.least, inside.most)
            if len(crowded) > BLUNT * (rows.stop - rows.start):
                done[c] = False  # far classes: a frame of the class's own is sharper
            else:
                self.candidates.sharpen_of_class(own, crowded)

        for_each(visit, jobs, self.threads)
        return done

    def _scan_large(self, groups: Rows, stage: Stage) -> None:
        """One class of many tiles: each pair of tiles once, then the regions that may decide."""
        frame = frame_of(self.points, self.distinct.first[groups], np.float32)
        grid = TileGrid.of(np.array([0, len(groups)]), self.grid.width)
        regions = regions_of(grid.tiles, self.points.dim)
        least, most = (BlockExtrema(regions, greatest=greatest) for greatest in (False, True))
        inside = Inside(np.ones(1, dtype=bool), least, most)
        pairs = grid.pairs(grid.asked, grid.asked)
        share = len(groups) ** 2 // len(pairs)
        by_products(frame, grid, pairs, least, inside, self.threads, lambda _: stage.step(share))
        offset, own = int(groups[0]), slice(int(groups[0]), int(groups[-1]) + 1)

        def visit(rows: slice) -> None:
            crowded = self.candidates.visit(frame, offset, own, rows, least, most)
            self.candidates.sharpen_of_class(own, crowded)

        for_each(visit, tiles_of(own.stop, ANCHORS, offset), self.threads)


def _pairs(batch: Batch) -> int:
    groups, candidates = batch
    size = groups.shape[1]
    return int(groups.shape[0] * (candidates or size) * (size - (candidates or 0)))

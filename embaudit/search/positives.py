"""Nearest and furthest positives: dense tiles inside the classes, no mask but the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.search.distinct import Distinct
from embaudit.search.frame import Frame, frame_of
from embaudit.search.least import Extremes, tiles_of
from embaudit.search.progress import Progress, Stage
from embaudit.search.refine import first_of_each
from embaudit.search.workers import for_each
from embaudit.space import Floats, Points, Rows

CROWD = 32  # candidates of one anchor beyond which a sharper bound is cheaper than deciding all
DENSE = 6  # blocks of a class up to which all pairs cost less than symmetric tiles and a look
ANCHORS = 4096  # rows of a large class that look into a region together


@dataclass(frozen=True)
class Positives:
    """For each of M groups: the nearest and the furthest *other* group of its class.

    Groups are -1 and squared distances NaN in a class of one group.
    """

    nearest: Rows
    furthest: Rows
    d2_nearest: Floats
    d2_furthest: Floats


class PositiveSearch:
    """The nearest and furthest positive of every group, decided in float64."""

    def __init__(
        self, points: Points, distinct: Distinct, input_rows: Rows, threads: int = 1
    ) -> None:
        m = distinct.size
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.threads = threads
        self.found = Positives(
            np.full(m, -1), np.full(m, -1), np.full(m, np.nan), np.full(m, np.nan)
        )

    def scan(self, block_rows: int, progress: Progress) -> Positives:
        """Every group against the others of its class."""
        sizes, wide = np.diff(self.distinct.starts), DENSE * block_rows
        pairs = np.square(sizes, dtype=np.float64)  # what it costs, not how many rows it is
        stage = Stage(progress, "positives", int(pairs.sum()))

        def scan(groups: Rows) -> None:
            size = groups.shape[1]
            if size > 1:
                frame = frame_of(self.points, self.distinct.first[groups], np.float32)
                for part in tiles_of(size, max(1, block_rows**2 // size)):
                    self._look(frame, groups, np.arange(part.start, part.stop))

        for_each(
            scan,
            self._batches(block_rows, sizes <= wide),
            self.threads,
            lambda groups: stage.step(groups.size * groups.shape[1]),
        )
        for c in np.flatnonzero(sizes > wide):
            begin, end = self.distinct.starts[c], self.distinct.starts[c + 1]
            self._scan_large(np.arange(begin, end), block_rows, stage)
        return self.found

    def _batches(self, block_rows: int, dense: NDArray[np.bool_]) -> Iterator[Rows]:
        """Classes of equal size together, (classes, size): many small ones cost one product.

        The large ones first: the last job should be a short one.
        """
        sizes = np.diff(self.distinct.starts)
        for size in np.unique(sizes[dense])[::-1]:
            firsts = self.distinct.starts[:-1][sizes == size]
            together = max(1, min(block_rows**2 // int(size) ** 2, 8 * block_rows // int(size)))
            for start in range(0, len(firsts), together):
                yield firsts[start : start + together, None] + np.arange(size)

    def _scan_large(self, groups: Rows, block_rows: int, stage: Stage) -> None:
        """One class of many tiles: each pair of tiles once, then the regions that may decide."""
        frame = frame_of(self.points, self.distinct.first[groups], np.float32)
        tiles = tiles_of(len(groups), block_rows)
        least, most = Extremes(tiles), Extremes(tiles, greatest=True)

        def measure(pair: tuple[int, int]) -> None:
            rows, columns = tiles[pair[0]], tiles[pair[1]]
            tile = frame.products(rows, columns)
            for extremes, nothing in ((most, -np.inf), (least, np.inf)):
                if rows == columns:
                    np.fill_diagonal(tile, nothing)
                extremes.fold(tile, rows, columns)

        pairs = [(i, j) for i in range(len(tiles)) for j in range(i, len(tiles))]
        share = len(groups) ** 2 // len(pairs)
        for_each(measure, pairs, self.threads, lambda _: stage.step(share))
        for_each(
            lambda rows: self._visit(frame, groups, rows, least, most),
            tiles_of(len(groups), ANCHORS),
            self.threads,
        )

    def _visit(
        self,
        frame: Frame,
        groups: Rows,
        rows: slice,
        least: Extremes,
        most: Extremes,
    ) -> None:
        """Look into the regions that may hold the nearest or the furthest of some rows."""
        radius = frame.radius[rows]
        lowest, highest = least.values[rows], most.values[rows]
        near = frame.near(frame.upper(lowest.min(axis=1), radius), radius)
        far = frame.far(frame.lower(highest.max(axis=1), radius), radius)
        pairs: dict[bool, list[tuple[Rows, Rows]]] = {False: [], True: []}
        for furthest, asked in (
            (False, lowest <= near[:, None]),
            (True, highest >= far[:, None]),
        ):
            limit = far if furthest else near
            for j, region in enumerate(least.regions):
                at = np.flatnonzero(asked[:, j])
                for some in np.array_split(at, -(-len(at) // 1024)) if len(at) else ():
                    tile = frame.products(rows.start + some, region)
                    left, right = _within(tile, limit[some], furthest)
                    left, right = rows.start + some[left], region.start + right
                    other = left != right
                    pairs[furthest].append((left[other], right[other]))
        crowded = np.zeros(len(groups), dtype=bool)
        joined = {}
        for furthest, parts in pairs.items():
            left, right = (np.concatenate(side) for side in zip(*parts, strict=True))
            crowded |= np.bincount(left, minlength=len(groups)) > CROWD
            joined[furthest] = left, right
        for furthest, (left, right) in joined.items():
            calm = ~crowded[left]
            self._decide(groups[left[calm]], groups[right[calm]], furthest)
        self._sharpen(frame, groups[None], np.flatnonzero(crowded))

    def _look(self, frame: Frame, groups: Rows, queries: Rows) -> None:
        """Decide some rows, the same of each of several classes (c, size)."""
        tile, radius = frame.products(queries), frame.radius[..., queries]
        itself = (..., np.arange(len(queries)), queries)
        tile[itself] = np.inf
        near = frame.near(frame.upper(tile.min(axis=-1), radius), radius)
        nearest = _within(tile.reshape(-1, tile.shape[-1]), near.ravel(), False)
        tile[itself] = -np.inf
        far = frame.far(frame.lower(tile.max(axis=-1), radius), radius)
        furthest = _within(tile.reshape(-1, tile.shape[-1]), far.ravel(), True)

        crowded = np.zeros(radius.size, dtype=bool)
        if frame.dtype is np.float32:
            for left, _ in (nearest, furthest):
                crowded |= np.bincount(left, minlength=radius.size) > CROWD
        for (left, right), outward in ((nearest, False), (furthest, True)):
            calm = ~crowded[left]
            classes, rows = np.divmod(left[calm], len(queries))
            others = groups[classes, right[calm]]
            self._decide(groups[classes, queries[rows]], others, outward)
        flags = crowded.reshape(radius.shape)
        for c in np.flatnonzero(flags.any(axis=1)):
            self._sharpen(frame, groups, queries[flags[c]], int(c))

    def _sharpen(self, frame: Frame, groups: Rows, queries: Rows, c: int = 0) -> None:
        """Rows of one class once more, on float64 products."""
        cloud = frame.cloud.only(c) if frame.cloud.chosen.ndim > 1 else frame.cloud.alone
        sharp = Frame(cloud, np.float64, None)
        for start in range(0, len(queries), step := max(1, (1 << 20) // groups.shape[1])):
            self._look(sharp, groups[c : c + 1], queries[start : start + step])

    def _decide(self, anchors: Rows, others: Rows, furthest: bool) -> None:
        """Decide pairs of groups that hold every candidate of their anchors; write winners down."""
        first, found = self.distinct.first, self.found
        left, right = first[anchors], first[others]
        squared = self.points.squared_distances(left, right)
        left, right, squared = first_of_each(
            left, right, squared, self.input_rows, furthest=furthest
        )
        at = self.distinct.group[left]
        winner = found.furthest if furthest else found.nearest
        distance = found.d2_furthest if furthest else found.d2_nearest
        winner[at], distance[at] = self.distinct.group[right], squared


def _within(
    tile: NDArray[np.float32] | Floats, limit: NDArray[np.float32] | Floats, furthest: bool
) -> tuple[Rows, Rows]:
    """Rows and columns of the values up to (or from) the limit of their row."""
    flags = tile >= limit[:, None] if furthest else tile <= limit[:, None]
    left, right = np.divmod(np.flatnonzero(flags), tile.shape[1])
    return left, right

"""Nearest and furthest positives: dense tiles inside the classes, no mask but the diagonal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Floats, Points, Rows
from embaudit.search.block_minima import BlockExtrema, Inside, tiles_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame, frame_of
from embaudit.search.progress import Progress, Stage
from embaudit.search.refine import first_of_each
from embaudit.search.workers import for_each

CROWD = 32  # candidates of one anchor beyond which a sharper bound is cheaper than deciding all
DENSE = 6  # blocks of a class up to which all pairs cost less than symmetric tiles and a look
BLUNT = 0.05  # of a class may need a sharper bound before the class gets a frame of its own
ANCHORS = 4096  # rows of a large class that look into a region together


@dataclass(frozen=True)
class Positives:
    """For each of M groups: the nearest and the furthest *other* group of its class.

    tied: how many rows of such groups are as near as the nearest. Groups are -1, squared distances
    NaN and counts 0 in a class of one group.
    """

    nearest: Rows
    furthest: Rows
    d2_nearest: Floats
    d2_furthest: Floats
    tied: Rows


class PositiveSearch:
    """The nearest and furthest positive of every group, decided in float64."""

    def __init__(
        self,
        points: Points,
        distinct: Deduplicated,
        input_rows: Rows,
        threads: int = 1,
        barred: Rows | None = None,
    ) -> None:
        """barred: (M,) a group that each is not compared with, -1 for none: of `look` only."""
        m = distinct.size
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.threads, self.barred = threads, barred
        none, far = np.full((2, m), -1), np.full((2, m), np.nan)
        self.found = Positives(none[0], none[1], far[0], far[1], np.zeros(m, dtype=np.int64))

    def scan(
        self,
        block_rows: int,
        progress: Progress,
        frame: Frame | None = None,
        inside: Inside[BlockExtrema] | None = None,
    ) -> Positives:
        """Every group against the others of its class.

        inside: what tiles of the frame of all groups have said of some classes already.
        """
        sizes = np.diff(self.distinct.starts)
        done = np.zeros(len(sizes), dtype=bool)
        if frame is not None and inside is not None:
            done = self._from_tiles(frame, inside)
        pairs = np.where(done, 0.0, np.square(sizes, dtype=np.float64))  # what it costs
        stage = Stage(progress, "positives", int(pairs.sum()))
        dense = ~done & (sizes <= DENSE * block_rows)

        for_each(
            lambda groups: self._look(groups, slice(0, groups.shape[1]), block_rows),
            self._batches(block_rows, dense),
            self.threads,
            lambda groups: stage.step(groups.size * groups.shape[1]),
        )
        for c in np.flatnonzero(~done & ~dense):
            begin, end = self.distinct.starts[c], self.distinct.starts[c + 1]
            self._scan_large(np.arange(begin, end), block_rows, stage)
        return self.found

    def scan_some(
        self,
        asked: slice,
        block_rows: int,
        frame: Frame | None = None,
        inside: Inside[BlockExtrema] | None = None,
    ) -> Positives:
        """The same of some groups only, each against all the others of its class.

        inside: what tiles of the frame have said of some classes, of the asked groups at least.
        """
        starts = self.distinct.starts
        whole = np.zeros(len(starts) - 1, dtype=bool)
        first, last = np.searchsorted(starts, (asked.start, asked.stop - 1), side="right") - 1
        for c in range(int(first), int(last) + 1):
            own = slice(int(starts[c]), int(starts[c + 1]))
            rows = slice(max(own.start, asked.start), min(own.stop, asked.stop))
            if frame is not None and inside is not None and inside.classes[c]:
                if not self._told(frame, own, rows, inside):
                    self._look_at_all(own, rows, block_rows)
            elif rows == own and own.stop - own.start <= DENSE * block_rows:
                whole[c] = True
            else:
                self._look_at_all(own, rows, block_rows)
        for groups in self._batches(block_rows, whole):
            self._look(groups, slice(0, groups.shape[1]), block_rows)
        return self.found

    def _told(self, frame: Frame, own: slice, rows: slice, inside: Inside[BlockExtrema]) -> bool:
        """Decide rows of a class by what tiles have said; whether that was sharp enough."""
        crowded: list[Rows] = []
        for part in tiles_of(rows.stop - rows.start, ANCHORS):
            some = slice(rows.start + part.start, rows.start + part.stop)
            crowded.append(self._visit(frame, 0, own, some, inside.least, inside.most))
            if len(crowded[-1]) > BLUNT * (some.stop - some.start):
                return False
        self._sharpen_of_class(own, np.concatenate(crowded))
        return True

    def _look_at_all(self, own: slice, rows: slice, block_rows: int) -> None:
        """Some rows of one class against all others of it."""
        groups = np.arange(own.start, own.stop)[None]
        self._look(groups, slice(rows.start - own.start, rows.stop - own.start), block_rows)

    def _look(self, groups: Rows, queries: slice, block_rows: int) -> None:
        """The same rows of each of several classes, (c, size), against all others of theirs."""
        size = groups.shape[1]
        if size > 1:
            frame = frame_of(self.points, self.distinct.first[groups], np.float32)
            for part in tiles_of(queries.stop - queries.start, max(1, block_rows**2 // size)):
                rows = np.arange(queries.start + part.start, queries.start + part.stop)
                self.look(frame, groups, rows)

    def _from_tiles(self, frame: Frame, inside: Inside[BlockExtrema]) -> NDArray[np.bool_]:
        """Decide classes whose tiles were measured; flags those for which that was sharp enough."""
        starts, done = self.distinct.starts, inside.classes.copy()
        classes = np.flatnonzero(done).tolist()
        jobs = [
            (c, slice(int(starts[c]) + part.start, int(starts[c]) + part.stop))
            for c in classes
            for part in tiles_of(int(starts[c + 1] - starts[c]), ANCHORS)
        ]

        def visit(job: tuple[int, slice]) -> None:
            c, rows = job
            own = slice(int(starts[c]), int(starts[c + 1]))
            crowded = self._visit(frame, 0, own, rows, inside.least, inside.most)
            if len(crowded) > BLUNT * (rows.stop - rows.start):
                done[c] = False  # far classes: a frame of the class's own is sharper
            else:
                self._sharpen_of_class(own, crowded)

        for_each(visit, jobs, self.threads)
        return done

    def _batches(self, block_rows: int, dense: NDArray[np.bool_]) -> Iterator[Rows]:
        """Classes of equal size together, (classes, size): many small ones cost one product.

        The large ones first: the last job should be a short one.
        """
        sizes = np.diff(self.distinct.starts)
        for size in np.unique(sizes[dense])[::-1]:
            firsts = self.distinct.starts[:-1][dense & (sizes == size)]
            together = max(1, min(block_rows**2 // int(size) ** 2, 8 * block_rows // int(size)))
            for start in range(0, len(firsts), together):
                yield firsts[start : start + together, None] + np.arange(size)

    def _scan_large(self, groups: Rows, block_rows: int, stage: Stage) -> None:
        """One class of many tiles: each pair of tiles once, then the regions that may decide."""
        frame = frame_of(self.points, self.distinct.first[groups], np.float32)
        tiles = tiles_of(len(groups), block_rows)
        least, most = BlockExtrema(tiles), BlockExtrema(tiles, greatest=True)

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
        offset, own = int(groups[0]), slice(int(groups[0]), int(groups[-1]) + 1)

        def visit(part: slice) -> None:
            rows = slice(offset + part.start, offset + part.stop)
            inside = self._visit(frame, offset, own, rows, least, most)
            self._sharpen_of_class(own, inside)

        for_each(visit, tiles_of(len(groups), ANCHORS), self.threads)

    def _visit(
        self,
        frame: Frame,
        offset: int,
        own: slice,
        rows: slice,
        least: BlockExtrema,
        most: BlockExtrema,
    ) -> Rows:
        """Look into the regions that may hold the nearest or the furthest of some rows of a class.

        own, rows: groups. Row i of the frame is group i + offset. Returns the groups with a crowd
        of candidates, which are not decided.
        """
        here = slice(rows.start - offset, rows.stop - offset)
        radius = frame.radius[here]
        lowest, highest = least.of(here), most.of(here)
        near = frame.near(frame.upper(lowest.min(axis=1), radius), radius)
        far = frame.far(frame.lower(highest.max(axis=1), radius), radius)
        crowded = np.zeros(len(radius), dtype=bool)
        pairs: dict[bool, tuple[Rows, Rows]] = {}
        for furthest, asked, limit in (
            (False, lowest <= near[:, None], near),
            (True, highest >= far[:, None], far),
        ):
            parts = [(np.empty(0, np.int64), np.empty(0, np.int64))]
            for j, region in enumerate(least.regions):
                columns = slice(
                    max(region.start, own.start - offset), min(region.stop, own.stop - offset)
                )
                at = np.flatnonzero(asked[:, j]) if columns.start < columns.stop else ()
                for some in np.array_split(at, -(-len(at) // 1024)) if len(at) else ():
                    tile = frame.products(here.start + some, columns)
                    left, right = _within(tile, limit[some], furthest)
                    left, right = some[left], columns.start + right
                    other = left + here.start != right
                    parts.append((left[other], right[other]))
            left, right = (np.concatenate(side) for side in zip(*parts, strict=True))
            crowded |= np.bincount(left, minlength=len(radius)) > CROWD
            pairs[furthest] = left, right
        for furthest, (left, right) in pairs.items():
            calm = ~crowded[left]
            self._decide(rows.start + left[calm], offset + right[calm], furthest)
        undecided: Rows = rows.start + np.flatnonzero(crowded)
        return undecided

    def _sharpen_of_class(self, own: slice, crowded: Rows) -> None:
        """Groups of one class once more, on float64 products about its own centre."""
        if len(crowded):
            groups = np.arange(own.start, own.stop)[None]
            frame = frame_of(self.points, self.distinct.first[groups], np.float64, held=False)
            self._sharpen(frame, groups, crowded - own.start)

    def look(
        self, frame: Frame, groups: Rows, queries: Rows, candidates: int | None = None
    ) -> None:
        """Decide some rows, the same of each of several classes (c, size).

        candidates: compare them with the first so many of their class, which they are not among;
        by default with all others.
        """
        tile, radius = frame.products(queries, slice(candidates)), frame.radius[..., queries]
        itself = self._left_out(groups, queries, candidates)
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
            self._sharpen(frame, groups, queries[flags[c]], int(c), candidates)

    def _left_out(self, groups: Rows, queries: Rows, candidates: int | None) -> tuple[Any, ...]:
        """Which cells of a tile of `look` are of no positive: a row itself, or what is barred."""
        if candidates is None:
            return ..., np.arange(len(queries)), queries
        if self.barred is None:
            return (slice(0),)
        place = self.barred[groups[:, queries]] - groups[:, :1]
        classes, rows = np.nonzero((place >= 0) & (place < candidates))
        return classes, rows, place[classes, rows]

    def _sharpen(
        self,
        frame: Frame,
        groups: Rows,
        queries: Rows,
        c: int = 0,
        candidates: int | None = None,
    ) -> None:
        """Rows of one class once more, on float64 products."""
        sharp = Frame(frame.cloud.only(c), np.float64, None)
        for start in range(0, len(queries), step := max(1, (1 << 20) // groups.shape[1])):
            self.look(sharp, groups[c : c + 1], queries[start : start + step], candidates)

    def _decide(self, anchors: Rows, others: Rows, furthest: bool) -> None:
        """Decide pairs of groups that hold every candidate of their anchors; write winners down."""
        first, found = self.distinct.first, self.found
        left, right = first[anchors], first[others]
        squared = self.points.squared_distances(left, right)
        decided = first_of_each(left, right, squared, self.input_rows, furthest=furthest)
        at = self.distinct.group[decided[0]]
        winner = found.furthest if furthest else found.nearest
        distance = found.d2_furthest if furthest else found.d2_nearest
        winner[at], distance[at] = self.distinct.group[decided[1]], decided[2]
        if not furthest:
            level = np.searchsorted(at, anchors)  # groups rise with the rows that stand for them
            tied = squared == found.d2_nearest[at][level]
            amount = self.distinct.count[others[tied]]
            found.tied[at] = np.bincount(level[tied], weights=amount, minlength=len(at))


def _within(
    tile: NDArray[np.float32] | Floats, limit: NDArray[np.float32] | Floats, furthest: bool
) -> tuple[Rows, Rows]:
    """Rows and columns of the values up to (or from) the limit of their row."""
    flags = tile >= limit[:, None] if furthest else tile <= limit[:, None]
    left, right = np.divmod(np.flatnonzero(flags), tile.shape[1])
    return left, right

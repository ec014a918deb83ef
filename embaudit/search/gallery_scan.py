"""Queries against a gallery: two sets as one, each query compared with the gallery's rows only."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.search.anchor_ranks import AnchorRanks, rank_anchors
from embaudit.search.block_minima import BlockExtrema, tiles_of
from embaudit.search.deduplicated import Deduplicated, distinct_in_classes
from embaudit.search.error_bounds import Frame, frame_of
from embaudit.search.nearest_negative import NearestNegatives, bar
from embaudit.search.negatives import Negatives, look_into
from embaudit.search.pca_prefix import prefix_of
from embaudit.search.positives import Positives, PositiveSearch
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.query_gallery import QueryGallery
from embaudit.search.scan import BLOCK_ROWS, AnchorScan
from embaudit.search.workers import for_each

# (classes, rows) groups, of which the first so many of each class are the gallery's
Batch = tuple[Rows, int]


@dataclass(frozen=True)
class GalleryScan:
    """The G rows of a gallery and then the N queries, as one set of points.

    gallery: its classes begin with those of the queries, in their order (some may have no row).
    distinct: equal rows inside each class, of the gallery's rows, then of the queries'. itself:
    (N,) the row of the gallery that each query is, -1 for none: it is no match of itself.
    """

    queries: EmbeddingSet
    gallery: EmbeddingSet
    points: Points
    distinct: Deduplicated
    itself: Rows

    @classmethod
    def of(
        cls,
        queries: EmbeddingSet,
        gallery: EmbeddingSet,
        points: tuple[Points, Points],
        itself: Rows | None = None,
    ) -> "GalleryScan":
        """Of two sets and their prepared points, both in the order: queries, gallery."""
        joined = QueryGallery.of(points[1], points[0])
        starts = np.concatenate((gallery.starts, gallery.size + queries.starts[1:]))
        distinct = distinct_in_classes(joined, starts)
        if itself is None:
            itself = np.full(queries.size, -1)
        known = np.flatnonzero(itself >= 0)
        only = distinct.count[distinct.group[itself[known]]] == 1
        # of equal positives any may be left out; else not all equal queries see the same rows
        apart = known[only | (gallery.codes[itself[known]] != queries.codes[known])]
        if len(apart):
            distinct = distinct_in_classes(joined, starts, gallery.size + apart)
        return cls(queries, gallery, joined, distinct, itself)

    @cached_property
    def itself_positive(self) -> NDArray[np.bool_]:
        """(N,) whether a query is a row of the gallery that has its label."""
        return np.asarray((self.itself >= 0) & self._alike)

    @cached_property
    def itself_negative(self) -> NDArray[np.bool_]:
        """(N,) whether a query is a row of the gallery that has another label."""
        return np.asarray((self.itself >= 0) & ~self._alike)

    @property
    def _alike(self) -> NDArray[np.bool_]:
        return np.asarray(self.gallery.codes[self.itself] == self.queries.codes)

    @cached_property
    def positives(self) -> Rows:
        """(N,) how many positives each query has in the gallery, itself left out."""
        return np.asarray(self.gallery.sizes[self.queries.codes] - self.itself_positive)

    @cached_property
    def negatives(self) -> Rows:
        """(N,) how many negatives each query has in the gallery, itself left out."""
        others = self.gallery.size - self.gallery.sizes[self.queries.codes]
        return np.asarray(others - self.itself_negative)

    @cached_property
    def anchors(self) -> NDArray[np.bool_]:
        """(N,) whether a query has a positive and a negative in the gallery."""
        return np.asarray((self.positives > 0) & (self.negatives > 0))

    @cached_property
    def barred(self) -> Rows | None:
        """(M,) the group that a group of queries is not compared with: a row that it is; else -1.

        A row that equals others of its class is not barred with them, but counted off.
        """
        known = np.flatnonzero(self.itself >= 0)
        groups = self.distinct.group[self.itself[known]]
        only = self.distinct.count[groups] == 1
        if not only.any():
            return None
        barred = np.full(self.distinct.size, -1)
        barred[self.distinct.group[self.gallery.size + known[only]]] = groups[only]
        return barred

    def other_than_itself(self, found: Rows) -> Rows:
        """(N,) rows of the gallery, but for a query's own the lowest one that equals it."""
        own = np.flatnonzero((found == self.itself) & (found >= 0))
        others = found.copy()
        others[own] = self.distinct.other_than(found[own], self.distinct.group[found[own]])
        return others

    @cached_property
    def groups(self) -> tuple[slice, slice]:
        """The groups of equal rows that the gallery has, and those of the queries."""
        gallery = int(self.distinct.starts[len(self.gallery.classes)])
        return slice(0, gallery), slice(gallery, self.distinct.size)

    @cached_property
    def codes(self) -> Rows:
        """The class of each group: of the gallery's classes."""
        classes = len(self.gallery.classes)
        every = np.concatenate((np.arange(classes), np.arange(len(self.queries.classes))))
        return np.repeat(every, np.diff(self.distinct.starts))

    @cached_property
    def input_rows(self) -> Rows:
        """(G + N,) rows as each input has them."""
        return np.concatenate((self.gallery.rows, self.queries.rows))


def scan_crossing(
    crossing: GalleryScan,
    *,
    block_rows: int | None = None,
    threads: int = 1,
    progress: Progress = silent,
) -> AnchorScan:
    """Scan every query against the gallery, whose (ordered) rows the scan's fields name.

    A query that is a row of the gallery is no match of itself; one that has no positive there, or
    no negative, is no anchor. Exhaustive. block_rows and threads divide the work only.
    """
    block = block_rows or BLOCK_ROWS
    distinct, rows = crossing.distinct, slice(crossing.gallery.size, None)
    positives = _positives(crossing, block, threads, progress)
    negatives = _negatives(crossing, positives, block, threads, progress)
    group, anchor = distinct.group[rows], crossing.anchors
    furthest, nearest, negative = (
        crossing.other_than_itself(np.where(anchor, distinct.first[found[group]], -1))
        for found in (positives.furthest, positives.nearest, negatives.nearest)
    )
    # it is barred, or one of several equal rows, and then the nearest positive is as near
    tied = positives.tied[group] - (crossing.itself_positive & _counted_off(crossing, group))
    return AnchorScan(
        anchor,
        furthest,
        nearest,
        negative,
        np.where(anchor, positives.d2_furthest[group], np.nan),
        np.where(anchor, positives.d2_nearest[group], np.nan),
        np.where(anchor, negatives.d2_nearest[group], np.nan),
        np.where(anchor, negatives.closer[group], 0).astype(np.int8),
        np.where(anchor, tied, 0).astype(np.int32),
        np.where(anchor, negatives.tied[group], 0).astype(np.int32),
        negatives.settled,
    )


def _counted_off(crossing: GalleryScan, group: Rows) -> NDArray[np.bool_]:
    """(N,) queries that are a row of the gallery which is not barred; group: of each query."""
    open_ = crossing.barred is None or crossing.barred[group] < 0
    return np.asarray((crossing.itself >= 0) & open_)


def _positives(crossing: GalleryScan, block: int, threads: int, progress: Progress) -> Positives:
    """Each query group's nearest and furthest group of its class in the gallery."""
    distinct = crossing.distinct
    search = PositiveSearch(
        crossing.points, distinct, crossing.input_rows, threads, crossing.barred
    )
    batches = list(_batches(crossing, block))
    stage = Stage(progress, "positives", sum(map(_pairs, batches)))

    def parts(groups: Rows, candidates: int) -> list[Rows]:
        queries = np.arange(candidates, groups.shape[1])
        height = max(1, min(block, block**2 // candidates))
        return np.split(queries, range(height, len(queries), height))

    def scan(batch: Batch, threads: int = 1) -> None:
        groups, candidates = batch
        frame = frame_of(crossing.points, distinct.first[groups], np.float32)
        for_each(
            lambda part: search.look(frame, groups, part, candidates),
            parts(groups, candidates),
            threads,
        )

    large = [batch for batch in batches if len(parts(*batch)) > threads]
    for batch in large:  # each is work enough for all
        scan(batch, threads)
        stage.step(_pairs(batch))
    small = [batch for batch in batches if len(parts(*batch)) <= threads]
    for_each(scan, small, threads, lambda batch: stage.step(_pairs(batch)))
    return search.found


def _pairs(batch: Batch) -> int:
    groups, candidates = batch
    return int(groups.shape[0] * candidates * (groups.shape[1] - candidates))


def _batches(crossing: GalleryScan, block: int) -> Iterator[Batch]:
    """Classes of equal size in both sets together.

    The large ones first: the last job should be a short one.
    """
    count, classes = len(crossing.queries.classes), len(crossing.gallery.classes)
    starts = crossing.distinct.starts
    sizes = np.diff(starts)
    both = np.stack((sizes[:count], sizes[classes:]), axis=1)
    both[both.min(axis=1) == 0] = 0
    for candidates, queries in np.unique(both, axis=0)[::-1].tolist():
        same = np.flatnonzero((both == (candidates, queries)).all(axis=1))
        if candidates == 0:
            return
        left, right = starts[same], starts[classes + same]
        groups = np.concatenate(
            (left[:, None] + np.arange(candidates), right[:, None] + np.arange(queries)), axis=1
        )
        together = max(1, min(block**2 // (candidates * queries), 8 * block // groups.shape[1]))
        for start in range(0, len(groups), together):
            yield groups[start : start + together], candidates


def _negatives(
    crossing: GalleryScan, positives: Positives, block: int, threads: int, progress: Progress
) -> Negatives:
    """Each query group's nearest group of another class in the gallery."""
    points, distinct, codes = crossing.points, crossing.distinct, crossing.codes
    gallery, queries = crossing.groups
    frame = frame_of(points, distinct.first, np.float32)
    rough = prefix_of(frame, codes, queries, gallery) or frame
    least = _least(crossing, rough, block, threads, progress)
    sought = np.zeros(distinct.size, dtype=bool)
    sought[distinct.group[crossing.gallery.size :]] = crossing.anchors
    rows, target = crossing.input_rows, positives.d2_nearest
    found = NearestNegatives(
        points, distinct, codes, rows, target, np.flatnonzero(sought), crossing.barred
    )
    _count_off(crossing, found)
    look_into(least, rough, frame, found, threads, queries.start)
    return Negatives.of(found)


def _count_off(crossing: GalleryScan, found: NearestNegatives) -> None:
    """A query that is one of several equal negatives is not counted among them."""
    group = crossing.distinct.group[crossing.gallery.size :]
    negative = crossing.itself_negative & crossing.anchors & _counted_off(crossing, group)
    groups = group[negative]  # each of one query
    at = np.searchsorted(found.anchors, groups)
    further = found.target[groups] > 0
    found.closer[at[further]], found.tied[at[~further]] = -1, -1


def _least(
    crossing: GalleryScan, rough: Frame, block: int, threads: int, progress: Progress
) -> BlockExtrema:
    """The least computed distance of each query group to other classes in each gallery region."""
    gallery, queries = crossing.groups
    tiles = tiles_of(gallery.stop, block)
    least = BlockExtrema(tiles, rows=queries.stop - queries.start)
    jobs = [(rows, columns) for rows in tiles_of(len(least.values), block) for columns in tiles]
    stage = Stage(progress, "negatives", len(jobs))

    def measure(job: tuple[slice, slice]) -> None:
        rows, columns = job
        tile = rough.products(slice(queries.start + rows.start, queries.start + rows.stop), columns)
        _mask(tile, crossing.codes[queries][rows], crossing.codes[columns])
        if crossing.barred is not None:
            bar(tile, crossing.barred[queries][rows], columns)
        least.merge(rows, columns, tile.min(axis=1))

    for_each(measure, jobs, threads, lambda _: stage.step(1))
    return least


def _mask(tile: NDArray[np.float32], left: Rows, right: Rows) -> None:
    """No row is a negative of its own class; both sides are ordered by class."""
    low, high = max(left[0], right[0]), min(left[-1], right[-1])
    for code in np.unique(left[(left >= low) & (left <= high)]):
        rows, columns = (
            slice(*np.searchsorted(side, (code, code + 1)).tolist()) for side in (left, right)
        )
        tile[rows, columns] = np.inf


def rank_crossing(
    crossing: GalleryScan, anchors: Rows, *, threads: int = 1, progress: Progress = silent
) -> AnchorRanks:
    """How the gallery ranks for some queries (ordered rows), each with a positive in it."""
    ranks = rank_anchors(
        crossing.gallery,
        crossing.points,
        crossing.distinct,
        crossing.gallery.size + anchors,
        crossing.queries.codes[anchors],
        crossing.itself[anchors],
        threads=threads,
        progress=progress,
    )
    return replace(ranks, anchors=anchors)

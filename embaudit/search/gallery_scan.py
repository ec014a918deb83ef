"""Queries against a gallery: two sets as one, each query compared with the gallery's rows only."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Points, Rows
from embaudit.data import EmbeddingSet
from embaudit.search.anchor_ranks import AnchorRanks
from embaudit.search.anchor_scan import BLOCK_ROWS, AnchorScan
from embaudit.search.deduplicated import Deduplicated, distinct_in_classes
from embaudit.search.exact_nearest_negatives import Negatives, NegativeSearch
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.positive_candidates import Positives
from embaudit.search.positive_distances import PositiveSearch
from embaudit.search.progress import Progress, silent
from embaudit.search.query_gallery import QueryGallery
from embaudit.search.rank_counting import rank_anchors
from embaudit.search.tile_grid import TileGrid


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

    def grid(self, rows: int) -> TileGrid:
        """Queries against the gallery in tiles of so many rows."""
        classes, starts = len(self.gallery.classes), self.distinct.starts
        asked = np.full(classes + 1, starts[-1])
        asked[: len(starts) - classes] = starts[classes:]
        return TileGrid.of(asked, rows, starts[: classes + 1], self.barred)

    @cached_property
    def input_rows(self) -> Rows:
        """(G + N,) rows as each input has them."""
        return np.concatenate((self.gallery.rows, self.queries.rows))


def scan_gallery(
    gallery_scan: GalleryScan,
    *,
    block_rows: int | None = None,
    threads: int = 1,
    progress: Progress = silent,
) -> AnchorScan:
    """Scan every query against the gallery, whose (ordered) rows the scan's fields name.

    A query that is a row of the gallery is no match of itself; one that has no positive there, or
    no negative, is no anchor. Exhaustive. block_rows and threads divide the work only.
    """
    grid = gallery_scan.grid(block_rows or BLOCK_ROWS)
    distinct, rows = gallery_scan.distinct, slice(gallery_scan.gallery.size, None)
    positives = PositiveSearch(
        gallery_scan.points, distinct, gallery_scan.input_rows, grid, threads
    ).scan(progress)
    negatives = _negatives(gallery_scan, grid, positives, threads, progress)
    group, anchor = distinct.group[rows], gallery_scan.anchors
    furthest, nearest, negative = (
        gallery_scan.other_than_itself(np.where(anchor, distinct.first[found[group]], -1))
        for found in (positives.furthest, positives.nearest, negatives.nearest)
    )
    # it is barred, or one of several equal rows, and then the nearest positive is as near
    tied = positives.tied[group] - (
        gallery_scan.itself_positive & _counted_off(gallery_scan, group)
    )
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


def _counted_off(gallery_scan: GalleryScan, group: Rows) -> NDArray[np.bool_]:
    """(N,) queries that are a row of the gallery which is not barred; group: of each query."""
    open_ = gallery_scan.barred is None or gallery_scan.barred[group] < 0
    return np.asarray((gallery_scan.itself >= 0) & open_)


def _negatives(
    gallery_scan: GalleryScan,
    grid: TileGrid,
    positives: Positives,
    threads: int,
    progress: Progress,
) -> Negatives:
    """Each query group's nearest group of another class in the gallery."""
    distinct, rows = gallery_scan.distinct, gallery_scan.input_rows
    search = NegativeSearch(gallery_scan.points, distinct, rows, grid, engine="products")
    least, _ = search.measure(threads, progress)
    sought = np.zeros(distinct.size, dtype=bool)
    sought[distinct.group[gallery_scan.gallery.size :]] = gallery_scan.anchors
    found = search.nearest_negatives(np.flatnonzero(sought), positives.d2_nearest)
    _count_off(gallery_scan, found)
    return search.look(least, found, threads)


def _count_off(gallery_scan: GalleryScan, found: NearestNegatives) -> None:
    """A query that is one of several equal negatives is not counted among them."""
    group = gallery_scan.distinct.group[gallery_scan.gallery.size :]
    negative = (
        gallery_scan.itself_negative & gallery_scan.anchors & _counted_off(gallery_scan, group)
    )
    groups = group[negative]  # each of one query
    at = np.searchsorted(found.anchors, groups)
    further = found.target[groups] > 0
    found.closer[at[further]], found.tied[at[~further]] = -1, -1


def rank_gallery(
    gallery_scan: GalleryScan, anchors: Rows, *, threads: int = 1, progress: Progress = silent
) -> AnchorRanks:
    """How the gallery ranks for some queries (ordered rows), each with a positive in it."""
    ranks = rank_anchors(
        gallery_scan.gallery,
        gallery_scan.points,
        gallery_scan.distinct,
        gallery_scan.gallery.size + anchors,
        gallery_scan.queries.codes[anchors],
        gallery_scan.itself[anchors],
        threads=threads,
        progress=progress,
    )
    return replace(ranks, anchors=anchors)

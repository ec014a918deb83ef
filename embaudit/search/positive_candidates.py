"""Nearest and furthest positives among candidates: products bound, float64 decides."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.block_extrema import BlockExtrema
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.grouped_argmin import first_of_each

CROWD = 32  # candidates of one anchor beyond which a sharper bound is cheaper than deciding all


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


class PositiveCandidates:
    """Decides who of its class is nearest to, and furthest from, some groups."""

    def __init__(
        self, points: Points, distinct: Deduplicated, input_rows: Rows, barred: Rows | None
    ) -> None:
        """barred: (M,) a group that each is not compared with, -1 for none: of `look` only."""
        m = distinct.size
        self.points, self.distinct, self.input_rows = points, distinct, input_rows
        self.barred = barred
        none, far = ([points.beside(np.full(m, value)) for _ in range(2)] for value in (-1, np.nan))
        tied = points.beside(np.zeros(m, dtype=np.int64))
        self.found = Positives(none[0], none[1], far[0], far[1], tied)

    def visit(
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

    def sharpen_of_class(self, own: slice, crowded: Rows) -> None:
        """Groups of one class once more, on float64 products about its own centre."""
        if len(crowded):
            groups = np.arange(own.start, own.stop)[None]
            frame = frame_of(self.points, self.distinct.first[groups], np.float64, in_memory=False)
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

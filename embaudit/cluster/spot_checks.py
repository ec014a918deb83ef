"""Whether what workers answer is true of the input: all of it in part, and a part of it in full.

What can be told from an answer alone is told of every row: a distance is that of the rows it names,
a positive is of the class, counts are of the triplets there are. Such an answer can still leave out
a nearer row, so some are computed again here. They are drawn from what the operating system gives
at random, so that no worker knows which: of workers that err in a share f of the rows, the chance
to pass is (1 - f)^CHECKED a search.
"""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from embaudit.cluster.worker_answer_checks import (
    at_rows,
    demand,
    demand_equal,
    demand_lengths,
    demand_nothing,
    demand_true_negatives,
    within,
)
from embaudit.core.prepared_points import CHUNK, Floats, Rows
from embaudit.search import (
    COUNTED,
    AnchorRanks,
    AnchorScan,
    BlockResult,
    Cells,
    CellSearch,
    Centre,
    Codebook,
    Codes,
    Frame,
    ListGroup,
    ListThreads,
    LocalExecutor,
    Matrix,
    NearestNegatives,
    Neighbours,
    PartialResult,
    Placement,
    Positives,
    Prepared,
    codes_of,
    codes_of_rows,
    nearest_centre,
    settled_alone,
    sought_of,
    targets_of,
    together,
)

CHECKED = 64  # groups, anchors or rows of a search that are looked at again
HOMES = 8  # cells whose anchors are
EDGE = 0.005  # of what depends on a bound, which another processor may round to the other side


class Referee:
    """Holds answers against the client's own set. Raises ClusterErred for one that is not true."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng()  # never of the audit's seed, which workers know

    def settled(
        self, prepared: Prepared, blocks: Sequence[slice], found: Sequence[BlockResult]
    ) -> None:
        """An exact scan, block by block."""
        for block, one in zip(blocks, found, strict=True):
            demand_lengths(one.positives, block.stop - block.start, "scan")
            demand_lengths(one.negatives, block.stop - block.start, "scan")
        distinct = prepared.distinct
        positives = together([one.positives for one in found])
        negatives = together([one.negatives for one in found])
        self.positives(prepared, positives)
        sought = sought_of(distinct)
        target = targets_of(distinct, positives)
        demand_nothing(negatives, ~sought)
        some = np.flatnonzero(sought)
        counts = negatives.closer[some], negatives.tied[some]
        demand_true_negatives(
            prepared, target, some, negatives.nearest[some], negatives.d2_nearest[some], counts
        )
        some = self._drawn(some)
        again = settled_alone(prepared, some)
        demand_equal(at_rows(negatives, some), again.negatives, "scan")

    def positives(self, prepared: Prepared, found: Positives) -> None:
        """Those of all groups."""
        points, distinct = prepared.points, prepared.distinct
        demand_lengths(found, distinct.size, "positives")
        codes = codes_of(distinct)
        alone = (np.diff(distinct.starts) == 1)[codes]
        demand_nothing(found, alone)
        some = np.flatnonzero(~alone)
        for rows, d2 in (
            (found.nearest[some], found.d2_nearest[some]),
            (found.furthest[some], found.d2_furthest[some]),
        ):
            demand(within(rows, distinct.size) and (codes[rows] == codes[some]).all(), "positives")
            demand((rows != some).all(), "positives")
            true = points.squared_distances(distinct.first[some], distinct.first[rows])
            demand(np.array_equal(d2, true), "positives")
        demand((found.d2_nearest[some] <= found.d2_furthest[some]).all(), "positives")
        drawn = self._drawn(some)
        demand_equal(at_rows(found, drawn), settled_alone(prepared, drawn).positives, "positives")

    def ranks(
        self, prepared: Prepared, anchors: Rows, found: AnchorRanks, scan: AnchorScan | None
    ) -> None:
        """Those of some anchors; scan: of the same set, where it was searched."""
        data = prepared.data
        counts = {field.name for field in fields(found)} - {"as_positive"}
        demand(all(len(getattr(found, name)) == len(anchors) for name in counts), "ranks")
        demand(np.array_equal(found.anchors, anchors), "ranks")
        sizes = data.sizes[data.codes[anchors]]
        demand(np.array_equal(found.triplets, (sizes - 1) * (data.size - sizes)), "ranks")
        demand((found.violated >= 0).all() and (found.tied >= 0).all(), "ranks")
        demand((found.violated + found.tied <= found.triplets).all(), "ranks")
        for share in (found.r_precision, found.average_precision):
            demand(((share >= 0) & (share <= 1)).all(), "ranks")
        demand(((found.leading >= 0) & (found.leading < sizes)).all(), "ranks")
        received = found.as_positive
        demand(len(received) == data.size and (received >= 0).all(), "ranks")
        given = np.bincount(data.codes[anchors], found.violated, len(data.classes))
        demand(np.array_equal(np.bincount(data.codes, received), given), "ranks")
        if scan is not None:
            violating = (scan.d2_furthest_positive > scan.d2_nearest_negative)[anchors]
            demand((found.violated > 0)[violating].all(), "ranks")
            demand(scan.check is not None or not found.violated[~violating].any(), "ranks")
        at = self._drawn(np.arange(len(anchors)))
        again = LocalExecutor().ranks(prepared, anchors[at])
        for name in counts:
            demand(np.array_equal(getattr(found, name)[at], getattr(again, name)), "ranks")

    def neighbours(self, prepared: Prepared, asked: Rows, k: int, found: Neighbours) -> None:
        """The nearest rows of some rows."""
        points, data = prepared.points, prepared.data
        demand(found.rows.shape == found.d2.shape == (len(asked), k), "nearest rows")
        there = np.arange(k) < min(k, data.size - 1)
        demand((found.rows[:, ~there] == -1).all(), "nearest rows")
        demand(np.isinf(found.d2[:, ~there]).all(), "nearest rows")
        rows, d2 = found.rows[:, there], found.d2[:, there]
        demand(within(rows, data.size) and (rows != asked[:, None]).all(), "nearest rows")
        for column in range(rows.shape[1]):
            true = points.squared_distances(asked, rows[:, column])
            demand(np.array_equal(d2[:, column], true), "nearest rows")
        key = data.rows[rows]
        rising = (d2[:, :-1] < d2[:, 1:]) | ((d2[:, :-1] == d2[:, 1:]) & (key[:, :-1] < key[:, 1:]))
        demand(rising.all(), "nearest rows")
        at = self._drawn(np.arange(len(asked)))
        demand_equal(
            at_rows(found, at), LocalExecutor().neighbours(prepared, asked[at], k), "nearest rows"
        )

    def centres(
        self,
        frame: Frame,
        placement: Placement,
        list_groups: list[ListGroup],
        centres: list[Matrix],
        found: list[Centre],
    ) -> None:
        """Of all groups of each list group; a few chunks of them, as others bound by them."""
        chunks = [
            (k, start)
            for k, list_group in enumerate(list_groups)
            if len(centres[k]) > 1
            for start in range(0, list_group.size, CHUNK)
        ]
        for number in self._drawn(np.arange(len(chunks)), HOMES):
            k, start = chunks[number]
            part = slice(start, min(start + CHUNK, list_groups[k].size))
            rows = ListThreads(frame).scaled(placement)
            again = nearest_centre(rows, list_groups[k].groups[part], centres[k])
            demand(np.mean(found[k][part] != again) <= EDGE, "cells")

    def codes(
        self, frame: Frame, placement: Placement, cells: Cells, book: Codebook, found: Codes
    ) -> None:
        """Of the cells' rows; a few are coded again."""
        rows = ListThreads(frame).scaled(placement)
        for start in self._drawn(np.arange(0, len(found), CHECKED), HOMES).tolist():
            part = slice(start, min(start + CHECKED, len(found)))
            again = codes_of_rows(rows, cells, book, part)
            demand(np.mean(found[part] != again) <= EDGE, "codes")

    def everywhere(self, prepared: Prepared, frame: Frame, found: NearestNegatives) -> None:
        """What was found among all rows."""
        self.partial_result(prepared, found.partial_result(), found.target)
        at = self._drawn(np.arange(len(found.anchors)))
        demand(not _differing(found, at, _again(found, at, frame)).any(), "negatives")

    def in_cells(
        self,
        prepared: Prepared,
        frame: Frame,
        found: NearestNegatives,
        search: CellSearch,
    ) -> None:
        """What was found in near cells; the anchors of a few cells are looked at again."""
        self.partial_result(prepared, found.partial_result(), found.target)
        homes = search.cells.of_each()[found.anchors]
        searcher = ListThreads(frame).searcher(search, found.distinct)
        drawn = np.sort(self._drawn(np.unique(homes), HOMES))
        at = np.flatnonzero(np.isin(homes, drawn))
        again = _fresh(found, at)
        searcher.from_homes(again, drawn)
        demand(_differing(found, at, again).sum() <= EDGE * len(at), "negatives")

    def partial_result(self, prepared: Prepared, known: PartialResult, target: Floats) -> None:
        """What is known of some anchors, as far as it can be told from itself."""
        met = known.nearest >= 0
        for counted in (known.closer, known.tied):
            demand((counted[~met] == 0).all(), "negatives")
        demand(np.isinf(known.d2[~met]).all(), "negatives")
        counts = np.minimum(known.closer[met], COUNTED), known.tied[met]
        demand_true_negatives(
            prepared, target, known.anchors[met], known.nearest[met], known.d2[met], counts
        )

    def _drawn(self, rows: Rows, most: int = CHECKED) -> Rows:
        """At most so many of some rows, rising."""
        return np.sort(self.rng.choice(rows, min(most, len(rows)), replace=False))


def _fresh(found: NearestNegatives, at: Rows) -> NearestNegatives:
    """A search for the same anchors that has not begun."""
    return NearestNegatives(
        found.points, found.distinct, found.codes, found.input_rows, found.target, found.anchors[at]
    )


def _again(found: NearestNegatives, at: Rows, frame: Frame) -> NearestNegatives:
    again = _fresh(found, at)
    ListThreads(frame).everywhere(again)
    return again


def _differing(found: NearestNegatives, at: Rows, again: NearestNegatives) -> NDArray[np.bool_]:
    """Which of some anchors another search finds something else of."""
    counts = np.minimum(found.closer[at], COUNTED) != np.minimum(again.closer, COUNTED)
    differing: NDArray[np.bool_] = counts | (found.nearest[at] != again.nearest)
    return differing

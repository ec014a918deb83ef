"""What anchors need to look at: settled on some that were compared with all rows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import CHUNK, Rows
from embaudit.search import cost_constants as cost
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.ivf.cell_search import CellSearch, CodedRows
from embaudit.search.ivf.inverted_lists import Cells
from embaudit.search.ivf.list_executor import ListExecutor, ListThreads
from embaudit.search.ivf.near_cells import near_cells, to_cells, within
from embaudit.search.ivf.placed_rows import PlacedRows
from embaudit.search.ivf.product_codes import Codebook, codebooks_of, shape_of
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.tile_grid import tiles_of

AIM = 0.993  # of the nearest negatives of those anchors lie in the cells looked into
MEMBER_AIM = 0.997  # of them, among the rows of their cells that are looked at
FEWEST, MOST = 20, 320  # candidates by codes
SAMPLE = 1 << 14  # rows that tables of codes are found from


@dataclass(frozen=True)
class Calibration:
    """What some anchors need: a search, the cells of each (q,), and what all anchors would cost."""

    search: CellSearch
    counts: Rows
    nanoseconds: float


@dataclass(frozen=True)
class Calibrator:
    """Of one set: all groups as they are decided and chosen by, and their classes, (M,).

    drawn: (M,) the groups in an order whose parts are fair samples. executor: who codes them.
    """

    frame: Frame
    rows: PlacedRows
    distinct: Deduplicated
    codes: Rows
    drawn: Rows
    executor: ListExecutor

    def enough(
        self, cells: Cells, truth: NearestNegatives, anchors: int, radius: float | None
    ) -> Calibration:
        """How far to look, and at which rows, for AIM and MEMBER_AIM of the nearest negatives.

        truth: of some anchors, found exhaustively. anchors: how many will look. radius: how far
        they do, if that is given.
        """
        at = np.flatnonzero(truth.nearest >= 0)
        asking = truth.anchors[at]
        nearest = self._first_of_equals(asking, truth.nearest[at])
        search = CellSearch(cells, self.rows.placement, radius or 0.0)
        if not len(at):
            return Calibration(search, np.ones(1, dtype=np.int64), 0.0)
        away = np.concatenate(
            [
                to_cells(self.rows.taken(some), some, cells, self.codes)
                for some in (asking[part] for part in tiles_of(len(at), CHUNK))
            ]
        )
        further = away[np.arange(len(at)), cells.of_each()[nearest]] - away.min(axis=1)
        if radius is None:
            search = replace(search, radius=_quantile(further, AIM))
        counts = np.count_nonzero(within(away, search.radius), axis=1)
        if np.isinf(search.radius):
            return Calibration(search, counts, np.inf)
        met = further <= search.radius
        asking, nearest = asking[met], nearest[met]
        facing = self._facing(search, counts, asking, nearest, anchors)
        return self._cheaper(facing, search, asking, nearest, anchors)

    def _first_of_equals(self, asking: Rows, nearest: Rows) -> Rows:
        """Of groups of one vector, of several classes, the one that `drawn` has first."""
        place = np.empty(len(self.drawn), dtype=np.int64)
        place[self.drawn] = np.arange(len(place))
        vector = self.distinct.vector
        order = np.lexsort((place, vector))
        at = np.searchsorted(vector[order], vector[nearest])
        first, second = order[at], order[np.minimum(at + 1, len(order) - 1)]
        return np.where(self.codes[first] == self.codes[asking], second, first)

    def _facing(
        self, search: CellSearch, counts: Rows, asking: Rows, nearest: Rows, anchors: int
    ) -> Calibration:
        """The search among rows that face an anchor's own cell."""
        cells, dim = search.cells, self.rows.points.dim
        search = replace(search, share=self._share(cells, asking, nearest))
        looks, cell_rows = float(counts.mean()), self.distinct.size / cells.size
        spent = cost.choice(anchors, dim, cells.size)
        spent += cost.facing(anchors, dim, looks, cell_rows, search.share)
        return Calibration(search, counts, spent)

    def _cheaper(
        self, facing: Calibration, search: CellSearch, asking: Rows, nearest: Rows, anchors: int
    ) -> Calibration:
        """That, or the search by codes, whichever costs less; where it may, codes are tried."""
        size, dim, counts = self.distinct.size, self.rows.points.dim, facing.counts
        scanned = float(counts.mean()) * size / search.cells.size

        def spent(amount: int) -> float:
            around = cost.choice(anchors, dim, search.cells.size) + cost.coding(size, dim)
            return around + cost.coded(anchors, dim, scanned, shape_of(dim)[0], amount)

        if spent(FEWEST) > min(facing.nanoseconds, cost.all_pairs(size, dim)):
            return facing
        coded = self._coded(search, asking, nearest)
        other = Calibration(coded, counts, spent(coded.amount))
        return min(facing, other, key=lambda one: one.nanoseconds)

    def _share(self, cells: Cells, asking: Rows, nearest: Rows) -> float:
        """Of the rows of a cell, those that face a home and hold MEMBER_AIM of the nearest."""
        cell = cells.of_each()
        shares = np.zeros(max(1, len(asking)))
        for number, (home, k, row) in enumerate(
            zip(cell[asking], cell[nearest], nearest, strict=True)
        ):
            members = cells.members(int(k))
            taken = self.rows.taken(members)
            away = np.einsum("ij,ij->i", taken, taken) - 2 * (taken @ cells.centres[home])
            before = np.count_nonzero(away < away[members == row])
            shares[number] = (before + 1) / len(members)
        return _quantile(shares, MEMBER_AIM)

    def _coded(self, search: CellSearch, asking: Rows, nearest: Rows) -> CellSearch:
        """The search by codes, at as many candidates as hold MEMBER_AIM of the nearest."""
        cells, rows = search.cells, self.rows
        cell = cells.of_each()
        book = self._codebook(cells, asking, nearest)
        codes = self.executor.codes(rows.placement, cells, book)
        search = replace(search, coded=CodedRows(book, codes), amount=MOST)
        searcher = ListThreads(self.frame).searcher(search, self.distinct)
        order = np.argsort(cell[asking], kind="stable")
        asking, nearest = asking[order], nearest[order]
        near = near_cells(rows, asking, cell[asking], cells, self.codes, search.radius)
        wanted = np.full(max(1, len(asking)), MOST)
        for some, likely in searcher.likeliest(asking, near, slice(0, len(asking)), self.codes):
            which, place = np.nonzero(likely == nearest[some, None])
            wanted[some[which]] = place + 1 - (likely.shape[1] - MOST)
        return replace(search, amount=int(np.clip(_quantile(wanted, MEMBER_AIM), FEWEST, MOST)))

    def _codebook(self, cells: Cells, asking: Rows, nearest: Rows) -> Codebook:
        """The one by which fewer negatives of a sample come before the nearest ones of anchors."""
        rows, cell = self.rows, cells.of_each()
        sample = self.drawn[:SAMPLE]
        taken, centres = rows.taken(sample), cells.centres[cell[sample]]
        asked, met = rows.taken(asking), rows.taken(nearest)
        positive = self.codes[asking][:, None] == self.codes[sample]

        def before(book: Codebook) -> tuple[float, float]:
            seen = book.seen(met, cells.centres[cell[nearest]])
            least = np.einsum("ij,ij->i", asked, 2 * seen) - np.einsum("ij,ij->i", met, met)
            values = asked @ (2 * book.seen(taken, centres)).T
            values -= np.einsum("ij,ij->i", taken, taken)
            values[positive] = -np.inf
            amount = np.count_nonzero(values > least[:, None], axis=1)
            return _quantile(amount, MEMBER_AIM), float(amount.mean())

        return min(codebooks_of(taken, centres), key=before)


def _quantile(values: NDArray[Any], share: float) -> float:
    return float(np.sort(values)[min(len(values) - 1, int(share * len(values)))])

"""What anchors need to look at: settled on some that were compared with all rows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Rows
from embaudit.search import cost_constants as cost
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.ivf.cell_search import CellSearch, CodedRows
from embaudit.search.ivf.cell_shortlists import SAMPLE, TOGETHER, away_from, limits_of
from embaudit.search.ivf.inverted_lists import Cells
from embaudit.search.ivf.list_executor import ListExecutor, ListThreads
from embaudit.search.ivf.near_cells import near_cells, to_cells, within
from embaudit.search.ivf.product_codes import Codebook, codebooks_of, shape_of
from embaudit.search.ivf.robust_scaling import PlacedRows
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.tile_grid import tiles_of

AIM = 0.993  # of the nearest negatives of those anchors are among the rows looked at
BY_CELLS = 0.7  # how much of what codes may miss is missed by the choice of cells, as a power
FEWEST, MOST = 20, 320  # candidates by codes
THINNED = 1 / 3  # power of the part that a sample is by which fewer of the whole face a cell
CODED = 1 << 14  # rows that tables of codes are found from


@dataclass(frozen=True)
class Calibration:
    """What some anchors need: a search, and what all anchors would cost.

    looks: (q,) into how many cells each of them looks, or at how many rows that face its own.
    """

    search: CellSearch
    looks: Rows
    nanoseconds: float


@dataclass(frozen=True)
class Calibrator:
    """Of one set: all groups as they are decided and chosen by, and their classes, (M,).

    drawn: (M,) the groups in an order whose parts are fair samples. executor: who codes them.
    size: how many groups there are: these, or where they are a sample, what all would cost is told.
    """

    frame: Frame
    rows: PlacedRows
    distinct: Deduplicated
    codes: Rows
    drawn: Rows
    executor: ListExecutor
    size: int

    def enough(
        self, cells: Cells, truth: NearestNegatives, anchors: int, aim: float
    ) -> Calibration:
        """What finds a share of the nearest negatives, whichever way costs less; above 1: all rows.

        truth: of some anchors, found exhaustively. anchors: how many will look.
        """
        at = np.flatnonzero(truth.nearest >= 0)
        asking, nearest = truth.anchors[at], truth.nearest[at]
        facing = self._facing(cells, asking, nearest, anchors, aim)
        size, dim = self.size, self.rows.points.dim
        cheaper = min(facing.nanoseconds, cost.all_pairs(size, dim))
        if not len(at) or aim > 1 or self._by_codes(cells, 1.0, FEWEST, anchors) > cheaper:
            return facing
        nearest = self._first_of_equals(asking, nearest)
        coded = self._coded(cells, asking, nearest, anchors, aim, cheaper)
        return min(facing, coded, key=lambda one: one.nanoseconds)

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
        self, cells: Cells, asking: Rows, nearest: Rows, anchors: int, aim: float
    ) -> Calibration:
        """The search among rows that face an anchor's own cell."""
        rows = self.rows
        sample, home = self.drawn[:SAMPLE], cells.of_each()[asking]
        before = np.zeros(max(1, len(asking)), dtype=np.int64)
        for part in tiles_of(len(asking), TOGETHER):
            centres = cells.centres[home[part]]
            met = rows.taken(nearest[part])
            least = np.einsum("ij,ij->i", met, met) - 2 * np.einsum("ij,ij->i", met, centres)
            for some in tiles_of(len(sample), CHUNK):
                away = away_from(centres, rows.taken(sample[some]))
                away[cells.owner[home[part], None] == self.codes[sample[some]]] = np.inf
                before[part] += np.count_nonzero(away < least[:, None], axis=1)
        count = 1 + (_quantile(before, aim) if aim <= 1 else len(sample))
        # in a sample nearest negatives are further off
        share = min(1.0, count / len(sample)) * (self.distinct.size / self.size) ** THINNED
        limits = limits_of(rows, cells, self.codes, sample, count)
        looks = np.full(len(before), max(1, round(share * self.size)))
        spent = cost.facing(anchors, self.size, rows.points.dim, cells.size, share)
        return Calibration(CellSearch(cells, rows.placement, limits, share), looks, spent)

    def _by_codes(self, cells: Cells, looks: float, amount: int, anchors: int) -> float:
        """What a search by codes costs of anchors that look into so many cells."""
        size, dim = self.size, self.rows.points.dim
        around = cost.choice(anchors, dim, cells.size) + cost.coding(size, dim)
        return around + cost.coded(
            anchors, dim, looks * size / cells.size, shape_of(dim)[0], amount
        )

    def _coded(
        self,
        cells: Cells,
        asking: Rows,
        nearest: Rows,
        anchors: int,
        aim: float,
        cheaper: float,
    ) -> Calibration:
        """The search by codes, of as many cells and candidates as hold the nearest.

        Codes are made only where it may cost less than `cheaper`.
        """
        radius, counts, met = self._radius(cells, asking, nearest, aim**BY_CELLS)
        search = CellSearch(cells, self.rows.placement, np.empty(0, np.float32), 0.0, radius=radius)
        looks = float(counts.mean())
        if np.isinf(radius) or self._by_codes(cells, looks, FEWEST, anchors) > cheaper:
            return Calibration(search, counts, np.inf)
        search = self._candidates(search, asking[met], nearest[met], aim ** (1 - BY_CELLS))
        return Calibration(search, counts, self._by_codes(cells, looks, search.amount, anchors))

    def _radius(
        self, cells: Cells, asking: Rows, nearest: Rows, aim: float
    ) -> tuple[float, Rows, NDArray[np.bool_]]:
        """How far anchors look; into how many cells each does, and whether it meets its nearest."""
        away = np.concatenate(
            [
                to_cells(self.rows.taken(some), some, cells, self.codes)
                for some in (asking[part] for part in tiles_of(len(asking), CHUNK))
            ]
        )
        further = away[np.arange(len(asking)), cells.of_each()[nearest]] - away.min(axis=1)
        radius = float(_quantile(further, aim))
        return radius, np.count_nonzero(within(away, radius), axis=1), further <= radius

    def _candidates(
        self, search: CellSearch, asking: Rows, nearest: Rows, aim: float
    ) -> CellSearch:
        """The search by codes, at as many candidates as hold that share of the nearest."""
        cells, rows = search.cells, self.rows
        cell = cells.of_each()
        book = self._codebook(cells, asking, nearest, aim)
        codes = rows.points.beside(self.executor.codes(rows.placement, cells, book))
        search = replace(search, coded=CodedRows(book, codes), amount=MOST)
        searcher = ListThreads(self.frame).searcher(search, self.distinct)
        order = np.argsort(cell[asking], kind="stable")
        asking, nearest = asking[order], nearest[order]
        near = near_cells(rows, asking, cell[asking], cells, self.codes, search.radius)
        wanted = np.full(max(1, len(asking)), MOST)
        for some, likely in searcher.likeliest(asking, near, slice(0, len(asking)), self.codes):
            which, place = np.nonzero(likely == nearest[some, None])
            wanted[some[which]] = place + 1 - (likely.shape[1] - MOST)
        return replace(search, amount=int(np.clip(_quantile(wanted, aim), FEWEST, MOST)))

    def _codebook(self, cells: Cells, asking: Rows, nearest: Rows, aim: float) -> Codebook:
        """The one by which fewer negatives of a sample come before the nearest ones of anchors."""
        rows, cell = self.rows, cells.of_each()
        sample = self.drawn[:CODED]
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
            return _quantile(amount, aim), float(amount.mean())

        return min(codebooks_of(taken, centres), key=before)


def _quantile(values: NDArray[Any], share: float) -> Any:
    """Of values that share is up to it."""
    return np.sort(values)[min(len(values) - 1, int(share * len(values)))]

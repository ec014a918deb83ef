"""Into which cells an anchor looks: those hardly further off than the nearest one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Rows
from embaudit.search.ivf.inverted_lists import Cells, runs_of, to_centres
from embaudit.search.ivf.robust_scaling import Matrix, PlacedRows
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.tile_grid import tiles_of


@dataclass(frozen=True)
class NearCells:
    """Pairs of one of q anchors and a cell that it looks into, anchor by anchor.

    begin: (q + 1,) of each anchor's in cell, (p,), and away, (p,): the squared distances of the
    anchors to the centres, of scaled rows.
    """

    begin: Rows
    cell: NDArray[np.int32]
    away: Matrix

    @property
    def asking(self) -> Rows:
        """(p,) the anchor of each pair."""
        return np.repeat(np.arange(len(self.begin) - 1), np.diff(self.begin))

    def padded(self, anchors: slice) -> tuple[Rows, Matrix]:
        """Cells of some anchors, -1 behind each one's last, and how far they are; (q, most)."""
        begin = self.begin[anchors.start : anchors.stop + 1]
        amount = np.diff(begin)
        there = np.arange(max(1, amount.max(initial=1))) < amount[:, None]
        cell, away = np.full(there.shape, -1), np.zeros(there.shape, dtype=np.float32)
        cell[there] = self.cell[begin[0] : begin[-1]]
        away[there] = self.away[begin[0] : begin[-1]]
        return cell, away


def near_cells(
    rows: PlacedRows, groups: Rows, home: Rows, cells: Cells, codes: Rows, radius: float
) -> NearCells:
    """The cells near some groups, of these homes, in order.

    Home by home, so that the products are the same however homes are put together.
    """
    amounts, chosen, aways = [np.empty(0, np.int64)], [np.empty(0, np.int32)], []
    for run in runs_of(home):
        for part in tiles_of(run.stop - run.start, CHUNK):
            some = groups[run][part]
            away = to_cells(rows.taken(some), some, cells, codes)
            near = within(away, radius)
            amounts.append(np.count_nonzero(near, axis=1))
            at = np.flatnonzero(near)
            chosen.append((at % cells.size).astype(np.int32))
            aways.append(away.ravel()[at])
    begin = np.concatenate(([0], np.cumsum(np.concatenate(amounts))))
    away = np.concatenate(aways) if aways else np.empty(0, np.float32)
    return NearCells(begin, np.concatenate(chosen), away)


def to_cells(taken: Matrix, groups: Rows, cells: Cells, codes: Rows) -> Matrix:
    """Squared distances of some anchors to the cells, infinite to those of their class, (q, K)."""
    away = to_centres(taken, cells.centres)
    away += np.einsum("ij,ij->i", taken, taken)[:, None]
    own = codes[groups]
    for code in np.unique(own):
        same = cells.own(int(code))
        if same.start < same.stop:
            away[np.flatnonzero(own == code), same] = np.inf
    return away


def within(away: Matrix, radius: float) -> NDArray[np.bool_]:
    """Which cells are, in squares, at most so much further off than the nearest one, (q, K)."""
    limit = away.min(axis=1, keepdims=True) + np.float32(radius)
    near: NDArray[np.bool_] = (away <= limit) & np.isfinite(away)
    return near


def places(found: NearestNegatives, groups: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Where those of some groups are in a search that are its anchors; and which these are."""
    at = np.minimum(np.searchsorted(found.anchors, groups), len(found.anchors) - 1)
    sought = found.anchors[at] == groups
    return at[sought], sought

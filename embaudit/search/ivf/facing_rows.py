"""The rows of near cells that face an anchor's own cell: those nearest to its centre.

Where rows scatter evenly about the middle of their class no quantiser of a few bits tells which of
them is nearest, but all anchors of a cell see other cells from one side.
"""

import numpy as np

from embaudit.core.metric import Rows
from embaudit.search.ivf.inverted_lists import Cells
from embaudit.search.ivf.near_cells import NearCells
from embaudit.search.ivf.placed_rows import Matrix, PlacedRows

TOGETHER = 64  # homes whose centres are compared with a cell at once, whichever they are


class FacingRows:
    """The rows that face some homes, of all cells that their anchors look into."""

    def __init__(
        self,
        rows: PlacedRows,
        cells: Cells,
        share: float,
        homes: Rows,
        near: NearCells,
    ) -> None:
        """share: of each cell's rows. homes: (q,) of the anchors of `near`, rising."""
        pairs = np.unique(homes[near.asking] * cells.size + near.cell)
        self._home, self._cell = np.divmod(pairs, cells.size)
        order = np.argsort(self._cell, kind="stable")  # cell by cell, each home's rows are found
        cell, home = self._cell[order], self._home[order]
        amounts = np.ceil(share * np.diff(cells.begin)).astype(np.int64)
        self.most = int(amounts[np.unique(cell)].max(initial=1))
        self._facing = np.full((len(pairs), self.most), -1, dtype=np.int32)
        cuts = np.flatnonzero(np.diff(cell)) + 1
        for some in np.split(np.arange(len(pairs)), cuts) if len(pairs) else []:
            k = int(cell[some[0]])
            members = cells.members(k)
            self._facing[order[some], : amounts[k]] = members[
                _nearest(rows.taken(members), cells.centres, home[some], int(amounts[k]))
            ]

    def of(self, home: int, near: NearCells, anchors: slice) -> tuple[Rows, Rows]:
        """The rows that face a home, (m,), and which of them some of its anchors look at, (q, k).

        -1 for none.
        """
        low, high = np.searchsorted(self._home, (home, home + 1))
        cell, _ = near.padded(anchors)
        if low == high:
            return np.empty(0, np.int64), np.full((len(cell), 0), -1)
        at = np.searchsorted(self._cell[low:high], cell)
        facing = self._facing[low:high]
        number = np.arange(facing.size).reshape(facing.shape)
        number[facing < 0] = -1
        place = number[at]
        place[cell < 0] = -1
        return np.maximum(facing, 0).ravel(), place.reshape(len(cell), -1)


def _nearest(taken: Matrix, centres: Matrix, homes: Rows, amount: int) -> Rows:
    """Which of a cell's rows are nearest to each of some homes' centres, (h, amount)."""
    if amount == len(taken):
        return np.broadcast_to(np.arange(amount), (len(homes), amount))
    square = np.einsum("ij,ij->i", taken, taken)
    found = np.empty((len(homes), amount), dtype=np.int64)
    block = homes // TOGETHER
    for number in np.unique(block).tolist():
        asked = np.flatnonzero(block == number)
        start = number * TOGETHER
        away = centres[start : start + TOGETHER] @ taken.T
        away *= -2
        away += square
        away = away[homes[asked] - start]
        found[asked] = np.argpartition(away, amount, axis=1)[:, :amount]
    return found

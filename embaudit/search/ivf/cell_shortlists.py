"""The rows that face a cell: of all that are not of its class, those nearest to its centre.

The anchors of a cell see others from one side: a few rows hold the nearest negatives of nearly all
of them, and one product compares these with all anchors of the cell.
"""

import numpy as np

from embaudit.core.prepared_points import CHUNK, Rows
from embaudit.search.ivf.inverted_lists import Cells
from embaudit.search.ivf.robust_scaling import Matrix, PlacedRows
from embaudit.search.tile_grid import tiles_of

TOGETHER = 128  # cells whose centres are compared with rows at once, whichever are asked for
SAMPLE = 1 << 14  # groups by which a distance is told that a share of all lie within


def away_from(centres: Matrix, taken: Matrix) -> Matrix:
    """Squared distances of centres (h, n) to rows (q, n), less the centres' own squares, (h, q)."""
    return _asking(centres) @ _with_squares(taken).T


def limits_of(rows: PlacedRows, cells: Cells, codes: Rows, sample: Rows, count: int) -> Matrix:
    """(K,) how far, as `away_from` has it, rows may be that face each cell.

    As far as the count-th nearest of a sample of groups, (S,), that are not of its class; infinite
    where these are fewer. codes: (M,) classes.
    """
    limits = np.full(cells.size, np.inf, dtype=np.float32)
    if count > len(sample):
        return limits
    for block in tiles_of(cells.size, TOGETHER):
        away = np.empty((len(limits[block]), len(sample)), dtype=np.float32)
        for part in tiles_of(len(sample), CHUNK):
            away[:, part] = away_from(cells.centres[block], rows.taken(sample[part]))
        away[cells.owner[block, None] == codes[sample]] = np.inf
        away.partition(count - 1, axis=1)
        limits[block] = away[:, count - 1]
    return limits


def facing_rows(
    rows: PlacedRows, cells: Cells, codes: Rows, limits: Matrix, homes: Rows
) -> list[Rows]:
    """The groups that face each of some cells, rising, in the cells' order.

    All rows are taken once for all of these. Centres are compared in blocks that do not depend on
    which are asked for: so the products are the same however cells are put together.
    """
    every = tiles_of(cells.size, TOGETHER)
    blocks = [every[k] for k in np.unique(homes // TOGETHER).tolist()]
    asked = np.zeros(cells.size, dtype=bool)
    asked[homes] = True
    asking = [_asking(cells.centres[block]) for block in blocks]
    home: list[Rows] = [np.empty(0, dtype=np.int32)]
    met: list[Rows] = [np.empty(0, dtype=np.int32)]
    for part in tiles_of(len(cells.order), CHUNK):
        groups = cells.order[part]
        theirs, own = _with_squares(rows.taken(groups)).T, codes[groups]
        for block, centres in zip(blocks, asking, strict=True):
            near = np.flatnonzero(centres @ theirs <= limits[block, None])
            k, at = np.divmod(near, len(groups))
            k += block.start
            there = asked[k] & (cells.owner[k] != own[at])
            home.append(k[there].astype(np.int32))
            met.append(groups[at[there]].astype(np.int32))
    which, found = np.concatenate(home), np.concatenate(met)
    order = np.argsort(which, kind="stable")
    cuts = np.searchsorted(which[order], homes[1:])
    return np.split(found[order], cuts)


def _asking(centres: Matrix) -> Matrix:
    """(h, n + 1) centres (-2 c, 1): beside rows (x, |x|^2)."""
    return np.column_stack((-2 * centres, np.ones(len(centres), dtype=np.float32)))


def _with_squares(taken: Matrix) -> Matrix:
    """(q, n + 1) rows (x, |x|^2)."""
    return np.column_stack((taken, np.einsum("ij,ij->i", taken, taken)))

"""Who looks for nearest negatives in cells: anchors of one cell look into another together."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import CHUNK, Rows
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import HELD, Frame
from embaudit.search.ivf.inverted_lists import (
    Cells,
    Centre,
    Centres,
    ListGroup,
    nearest_centre,
    to_centres,
)
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import tiles_of

PAYS = 1 << 18  # pairs of anchors and rows from which it pays to look at those only that face
PIECE = 8 * CHUNK  # rows that are assigned to cells together
TILE = 8192  # groups that an exhaustive search looks at together

Piece = tuple[int, slice]  # the number of a list group, and some of its groups
Limits = tuple[float, float]  # how much further off a cell may be; what share of its rows counts


class ListExecutor(Protocol):
    """Who assigns rows to cells, and looks for the nearest negatives of some anchors."""

    def nearest_centres(self, list_groups: list[ListGroup], centres: list[Centres]) -> list[Centre]:
        """Of all groups of each list group."""

    def everywhere(self, found: NearestNegatives) -> None:
        """Among all rows."""

    def in_cells(self, found: NearestNegatives, cells: Cells, limits: Limits, together: int) -> int:
        """In the cells near each; into how many they looked in all.

        together: anchors whose choice of cells memory can hold.
        """


class ListThreads:
    """So many threads of this process. frame: of all groups."""

    def __init__(self, frame: Frame, threads: int = 1, progress: Progress = silent) -> None:
        self.frame, self.threads, self.progress = frame, threads, progress

    def nearest_centres(self, list_groups: list[ListGroup], centres: list[Centres]) -> list[Centre]:
        """As a ListExecutor."""
        found: list[Centre] = [
            np.zeros(list_group.size, dtype=np.int32) for list_group in list_groups
        ]
        pieces = pieces_of(list_groups, centres)
        stage = Stage(self.progress, "cells", sum(distances_of(piece, centres) for piece in pieces))

        def assign(piece: Piece) -> None:
            k, part = piece
            found[k][part] = nearest_centre(self.frame, list_groups[k], centres[k], part)

        for_each(
            assign, pieces, self.threads, lambda piece: stage.step(distances_of(piece, centres))
        )
        return found

    def everywhere(self, found: NearestNegatives) -> None:
        """As a ListExecutor."""
        tiles = tiles_of(found.distinct.size, TILE)
        parts = np.array_split(np.arange(len(found.anchors)), self.threads)
        stage = Stage(self.progress, "sample for the search", len(found.anchors) * len(tiles))

        def search(at: Rows) -> None:
            taken = self.frame.taken(found.anchors[at])
            for tile in tiles:
                found.look(self.frame, at, tile, taken=taken)

        for_each(search, parts, self.threads, lambda at: stage.step(len(at) * len(tiles)))

    def in_cells(self, found: NearestNegatives, cells: Cells, limits: Limits, together: int) -> int:
        """As a ListExecutor; block by block of anchors."""
        stage = Stage(self.progress, "negatives", len(cells.order))
        looks: list[int] = []

        def search(homes: range) -> None:
            looks.append(self.from_homes(found, cells, limits, homes))

        rows_held = HELD // (found.points.dim + 2) // self.threads
        parts = parts_of(cells, min(together, rows_held))
        for_each(search, parts, self.threads, lambda homes: stage.step(_rows_of(cells, homes)))
        return sum(looks)

    def from_homes(
        self, found: NearestNegatives, cells: Cells, limits: Limits, homes: range
    ) -> int:
        """The anchors of some cells; those of one cell look into another together."""
        frame, (probe_radius, share) = self.frame, limits
        begin = cells.begin[homes.start : homes.stop + 1]
        groups = cells.order[begin[0] : begin[-1]]
        at, sought = _places(found, groups)
        groups, home = groups[sought], _numbers(homes, begin)[sought]
        taken = frame.taken(groups)
        asking, cell = _chosen(taken, groups, home, cells, found.codes, probe_radius)
        order = np.argsort(cell, kind="stable")  # of a cell, those of one home stay together
        for some in _runs(order, cell[order]):
            members = cells.members(int(cell[some[0]]))
            theirs = frame.taken(members)
            amount = int(np.ceil(share * len(members)))
            rest = [asking[:0]]
            for few in _runs(asking[some], home[asking[some]]):
                if amount == len(members) or len(few) * len(members) < PAYS:
                    rest.append(few)
                    continue
                near = nearest_members(theirs, cells.centres[home[few[0]]], amount)
                found.look(frame, at[few], members[near], taken=taken[few], theirs=theirs[near])
            few = np.concatenate(rest)
            if len(few):
                found.look(frame, at[few], members, taken=taken[few], theirs=theirs)
        return len(cell)


def pieces_of(list_groups: list[ListGroup], centres: list[Centres]) -> list[Piece]:
    """The list groups, where there is a choice of centres, in parts that one task assigns."""
    return [
        (k, part)
        for k, list_group in enumerate(list_groups)
        if len(centres[k]) > 1
        for part in tiles_of(list_group.size, PIECE)
    ]


def distances_of(piece: Piece, centres: list[Centres]) -> int:
    """Distances that a piece takes."""
    k, part = piece
    return len(range(part.start, part.stop)) * len(centres[k])


def codes_of(distinct: Deduplicated) -> Rows:
    """(M,) the class of each group."""
    sizes = np.diff(distinct.starts)
    return np.repeat(np.arange(len(sizes)), sizes)


def to_cells(
    taken: NDArray[np.float32], groups: Rows, cells: Cells, classes: Rows
) -> NDArray[np.float32]:
    """Distances of some anchors to the cells, infinite to those of their own class, (q, K)."""
    away = to_centres(taken[:, :-2], cells.centres)
    away += taken[:, -2, None]
    np.sqrt(np.maximum(away, 0, out=away), out=away)
    codes = classes[groups]
    for code in np.unique(codes):
        own = cells.own(int(code))
        if own.start < own.stop:
            away[np.flatnonzero(codes == code), own] = np.inf
    return away


def _chosen(
    taken: NDArray[np.float32],
    groups: Rows,
    home: Rows,
    cells: Cells,
    classes: Rows,
    probe_radius: float,
) -> tuple[Rows, Rows]:
    """The cells within the radius of each anchor, as pairs (number of the anchor, cell).

    Home by home, so that the products are the same however homes are put together.
    """
    asking, chosen = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for run in _runs(np.arange(len(groups)), home):
        for part in (run[at] for at in tiles_of(len(run), CHUNK)):
            near = cells_within(to_cells(taken[part], groups[part], cells, classes), probe_radius)
            rows, columns = np.divmod(np.flatnonzero(near), cells.size)
            asking.append(part[rows])
            chosen.append(columns)
    return np.concatenate(asking), np.concatenate(chosen)


def homes_in(found: NearestNegatives, cells: Cells, homes: range) -> Rows:
    """Where the anchors of some cells are in a search, rising."""
    groups = cells.order[cells.begin[homes.start] : cells.begin[homes.stop]]
    return np.sort(_places(found, groups)[0])


def _places(found: NearestNegatives, groups: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Where those of some groups are in a search that are its anchors; and which these are."""
    at = np.minimum(np.searchsorted(found.anchors, groups), len(found.anchors) - 1)
    sought = found.anchors[at] == groups
    return at[sought], sought


def parts_of(cells: Cells, rows: int) -> list[range]:
    """Cells in runs of about so many rows, each of one cell at least."""
    parts, start = [], 0
    while start < cells.size:
        stop = int(np.searchsorted(cells.begin, cells.begin[start] + rows, side="right")) - 1
        parts.append(range(start, max(stop, start + 1)))
        start = parts[-1].stop
    return parts


def _rows_of(cells: Cells, homes: range) -> int:
    return int(cells.begin[homes.stop] - cells.begin[homes.start])


def _numbers(homes: range, begin: Rows) -> Rows:
    """The cell of each row of some cells that follow each other."""
    return np.repeat(np.arange(homes.start, homes.stop), np.diff(begin))


def cells_within(away: NDArray[np.float32], probe_radius: float) -> NDArray[np.bool_]:
    """Which cells are at most so much further off than the nearest one, (q, K)."""
    if np.isinf(probe_radius):
        return np.isfinite(away)
    limit = (away.min(axis=1) * np.float32(1 + probe_radius))[:, None]
    within: NDArray[np.bool_] = (away <= limit) & np.isfinite(away)
    return within


def nearest_members(rows: NDArray[np.float32], centre: NDArray[np.float32], amount: int) -> Rows:
    """Which of the frame's rows (m, n + 2) are nearest to a centre; in order, if all are wanted."""
    away = rows[:, -2] - 2 * (rows[:, :-2] @ centre)
    return away.argsort() if amount == len(rows) else away.argpartition(amount)[:amount]


def _runs(values: Rows, keys: Rows) -> list[Rows]:
    """Values whose keys are equal and stand together."""
    return np.split(values, np.flatnonzero(np.diff(keys)) + 1) if len(values) else []

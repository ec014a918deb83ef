"""An exact scan cut into blocks of rows: pairs of blocks are measured, then each one is settled.

Whoever measures or settles which block, and whatever the blocks are, the scan is that of
`scan_anchors`: what is measured only bounds distances, and what is settled is decided in float64.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.errors import UsageError
from embaudit.search.anchor_scan import BLOCK_ROWS, AnchorScan, for_every_row, sought_of, targets_of
from embaudit.search.block_extrema import BlockExtrema, Inside
from embaudit.search.block_minima import by_faiss, by_products
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.exact_nearest_negatives import Negatives, NegativeSearch
from embaudit.search.executor import Prepared
from embaudit.search.ivf.list_executor import ListThreads
from embaudit.search.nearest_negative import NearestNegatives
from embaudit.search.positive_candidates import Positives
from embaudit.search.positive_distances import PositiveSearch
from embaudit.search.tile_grid import TileGrid, tiles_of

T = TypeVar("T", Positives, Negatives)


@dataclass(frozen=True)
class BlockBounds:
    """Extreme computed distances of the rows of one block to the regions of another one.

    values: (rows, regions) each: the least to other classes and, where there are large classes,
    the least and the greatest inside those. frame: scale and width of what computed them.
    """

    rows: slice
    others: slice
    values: tuple[NDArray[np.float32], ...]
    frame: tuple[float, int]


@dataclass(frozen=True)
class BlockResult:
    """What was found of the groups of equal rows of one block, in their order."""

    positives: Positives
    negatives: Negatives


class _Mutual:
    """Extremes of the rows of two blocks, each in the other's regions."""

    def __init__(self, regions: list[slice], left: slice, right: slice, greatest: bool) -> None:
        self.there = BlockExtrema(regions, greatest=greatest, rows=left, others=right)
        self.back = self.there
        if left != right:
            self.back = BlockExtrema(regions, greatest=greatest, rows=right, others=left)

    def fold(self, tile: NDArray[Any], rows: slice, columns: slice) -> None:
        """What a tile says of its rows, and of its columns."""
        self.there.fold(tile, rows, columns)
        if self.back is not self.there:
            self.back.fold(tile.T, columns, rows)


class BlockScan:
    """The exact scan of a prepared set, in pieces that need not be done in one place."""

    def __init__(
        self, prepared: Prepared, block_rows: int | None = None, frame: Frame | None = None
    ) -> None:
        """block_rows: of a tile. frame: of all groups in float32, if it is there already."""
        data, points, distinct = prepared.data, prepared.points, prepared.distinct
        self.prepared, self.grid = prepared, TileGrid.of(distinct.starts, block_rows or BLOCK_ROWS)
        self.search = NegativeSearch(points, distinct, data.rows, self.grid, frame=frame)

    @property
    def frame(self) -> tuple[float, int]:
        """What has to be the same wherever patches of one scan are made."""
        rough = self.search.rough
        return float(rough.scale[0]), int(rough.taken(slice(0, 1)).shape[1])

    def measure(self, left: slice, right: slice) -> tuple[BlockBounds, ...]:
        """What two blocks say of each other; the first is not after the second, but may be it."""
        search, grid = self.search, self.grid
        least = _Mutual(search.regions, left, right, False)
        inside, kinds = None, [least]
        if search.engine == "faiss":
            by_faiss(search.rough, grid, least.there, left, right)
            if left != right:
                by_faiss(search.rough, grid, least.back, right, left)
        else:
            if search.large is not None:
                near, far = (_Mutual(search.regions, left, right, most) for most in (False, True))
                inside, kinds = Inside(search.large, near, far), [least, near, far]
            by_products(
                search.rough, grid, grid.pairs(left, right), least, inside, 1, lambda _: None
            )
        there = BlockBounds(left, right, tuple(one.there.values for one in kinds), self.frame)
        back = BlockBounds(right, left, tuple(one.back.values for one in kinds), self.frame)
        return (there,) if left == right else (there, back)

    def settle(self, block: slice, patches: Iterable[BlockBounds]) -> BlockResult:
        """Decide the groups of a block, by the patches of it and of every block.

        Raises UsageError for patches of another frame: of a processor that rounds differently.
        """
        search = self.search
        gathered = [
            BlockExtrema(search.regions, greatest=greatest, rows=block)
            for greatest in ((False,) if search.large is None else (False, False, True))
        ]
        for patch in patches:
            if patch.frame != self.frame:
                raise UsageError(
                    "Workers have centred and scaled the rows differently: their processors round "
                    "differently.",
                    "Use workers of one kind.",
                )
            if patch.rows == block:
                for extremes, values in zip(gathered, patch.values, strict=True):
                    extremes.put(patch.others, values)
        inside = None if search.large is None else Inside(search.large, *gathered[1:])
        data, points, distinct = self.prepared.data, self.prepared.points, self.prepared.distinct
        positives = PositiveSearch(points, distinct, data.rows, self.grid).scan(
            frame=search.frame, inside=inside, asked=block
        )
        sought = block.start + np.flatnonzero(sought_of(distinct)[block])
        target = targets_of(distinct, positives)
        negatives = search.look(gathered[0], search.nearest_negatives(sought, target))
        return BlockResult(_part(positives, block), _part(negatives, block))


def positives_of(prepared: Prepared, block: slice, block_rows: int | None = None) -> Positives:
    """The positives of the groups of a block, without patches."""
    distinct, rows = prepared.distinct, prepared.data.rows
    grid = TileGrid.of(distinct.starts, block_rows or BLOCK_ROWS)
    return _part(PositiveSearch(prepared.points, distinct, rows, grid).scan(asked=block), block)


def settled_alone(prepared: Prepared, groups: Rows) -> BlockResult:
    """What is true of some groups, rising: each is compared with all others, without patches."""
    data, points, distinct = prepared.data, prepared.points, prepared.distinct
    grid = TileGrid.of(distinct.starts, BLOCK_ROWS)
    search = PositiveSearch(points, distinct, data.rows, grid)
    for group in groups.tolist():
        search.scan(asked=slice(group, group + 1))
    target = targets_of(distinct, search.found)
    nearest_negatives = NearestNegatives(points, distinct, grid.codes, data.rows, target, groups)
    ListThreads(frame_of(points, distinct.first, np.float32, in_memory=False)).everywhere(
        nearest_negatives
    )
    return BlockResult(_part(search.found, groups), _part(Negatives.of(nearest_negatives), groups))


def blocks_of(distinct: Deduplicated, wanted: int, block_rows: int | None = None) -> list[slice]:
    """The groups of a set cut into about so many blocks of whole tiles."""
    rows = block_rows or BLOCK_ROWS
    tiles = -(-distinct.size // rows)
    return tiles_of(distinct.size, rows * -(-tiles // max(1, min(wanted, tiles))))


def scan_of(prepared: Prepared, settled: Sequence[BlockResult]) -> AnchorScan:
    """The scan of a set whose blocks, in their order, are settled."""
    positives = together([one.positives for one in settled])
    negatives = together([one.negatives for one in settled])
    sought = sought_of(prepared.distinct)
    return for_every_row(prepared.data, prepared.distinct, positives, negatives, sought)


def _part(found: T, block: slice | Rows) -> T:
    """What was found of some of the groups; counts of all are of these already."""
    values: list[Any] = [getattr(found, field.name) for field in fields(found)]
    cut: list[Any] = [one if isinstance(one, dict) else one[block].copy() for one in values]
    return type(found)(*cut)


def together(parts: Sequence[T]) -> T:
    """What was found of blocks, in their order, as of one."""
    values: list[Any] = []
    for field in fields(parts[0]):
        ones = [getattr(part, field.name) for part in parts]
        if isinstance(ones[0], dict):
            values.append({key: sum(one[key] for one in ones) for key in ones[0]})
        else:
            values.append(np.concatenate(ones))
    return type(parts[0])(*values)

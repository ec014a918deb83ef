"""Nearest negatives, exactly: a bound for each region says where they can be; then rows are met."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.block_extrema import BlockExtrema, Inside, regions_of
from embaudit.search.block_minima import Engine, by_faiss, by_products, engine_for
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.deduplicated import Deduplicated
from embaudit.search.error_bounds import Frame
from embaudit.search.nearest_negative import COUNTED, NearestNegatives
from embaudit.search.pca_prefix import prefix_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import TileGrid

LARGE = 4  # a class with that part of a block, or more, has its positives from the same tiles
ANCHORS = 65536  # anchors that look into the regions together


@dataclass(frozen=True)
class Negatives:
    """For each of M groups its nearest group of another class, -1 and NaN where not sought.

    closer: the rows of other classes strictly closer than the group's nearest positive, up to
    COUNTED; tied: those as close as it, 0 where COUNTED are closer. settled: how many groups each
    precision decided.
    """

    nearest: Rows
    d2_nearest: Floats
    closer: Rows
    tied: Rows
    settled: dict[str, int]

    @classmethod
    def of(cls, found: NearestNegatives) -> "Negatives":
        """What was found of the anchors, told for all groups."""
        m = found.distinct.size
        sharpened = int(found.sharpened.sum())
        settled = {"float32": len(found.anchors) - sharpened, "float64": sharpened}
        found.tied[found.closer >= COUNTED] = 0  # not all of them were seen
        np.minimum(found.closer, COUNTED, out=found.closer)
        if len(found.anchors) == m:
            return cls(found.nearest, found.d2, found.closer, found.tied, settled)
        nearest, d2 = np.full(m, -1), np.full(m, np.nan)
        closer, tied = np.zeros((2, m), dtype=np.int64)
        nearest[found.anchors], d2[found.anchors] = found.nearest, found.d2
        closer[found.anchors], tied[found.anchors] = found.closer, found.tied
        return cls(nearest, d2, closer, tied, settled)


class NegativeSearch:
    """The nearest negative of chosen groups, decided in float64 on the stored numbers."""

    def __init__(
        self,
        points: Points,
        distinct: Deduplicated,
        input_rows: Rows,
        grid: TileGrid,
        *,
        engine: Engine | None = None,
        frame: Frame | None = None,
    ) -> None:
        """Choose how tiles are measured, and the large classes that are told by them, too.

        frame: of all groups in float32, if it is there already.
        """
        self.points, self.distinct, self.input_rows, self.grid = points, distinct, input_rows, grid
        self.engine = engine or engine_for(points.dim)
        self.frame = frame or frame_of(points, distinct.first, np.float32)
        prefix = prefix_of(self.frame, grid.codes, grid.asked, slice(0, grid.tiles[-1].stop))
        self.rough = prefix or self.frame
        self.regions = regions_of(grid.tiles, points.dim)
        large = np.diff(grid.starts) * LARGE >= grid.width
        told = prefix is None and self.engine == "products" and grid.symmetric and large.any()
        self.large: NDArray[np.bool_] | None = large if told else None

    def measure(
        self, threads: int = 1, progress: Progress = silent
    ) -> tuple[BlockExtrema, Inside[BlockExtrema] | None]:
        """Measure all tiles: what each row's region bounds are, and those of large classes."""
        grid, inside = self.grid, None
        least, others = BlockExtrema(self.regions, rows=grid.asked), slice(0, grid.tiles[-1].stop)
        if self.engine == "faiss":
            stage = Stage(progress, "negatives", len(least.regions))
            by_faiss(self.rough, grid, least, grid.asked, others, lambda _: stage.step(1))
            return least, None
        if self.large is not None:
            near, far = (BlockExtrema(self.regions, greatest=most) for most in (False, True))
            inside = Inside(self.large, near, far)
        pairs = grid.pairs(grid.asked, others)
        stage = Stage(progress, "negatives", len(pairs))
        by_products(self.rough, grid, pairs, least, inside, threads, lambda _: stage.step(1))
        return least, inside

    def nearest_negatives(self, sought: Rows, target: Floats) -> NearestNegatives:
        """A search for the nearest negatives of some groups, which has not begun."""
        grid, rows = self.grid, self.input_rows
        return NearestNegatives(
            self.points, self.distinct, grid.codes, rows, target, sought, grid.barred
        )

    def look(self, least: BlockExtrema, found: NearestNegatives, threads: int = 1) -> Negatives:
        """Nearest negatives of some groups; least: of the tiles, measured of all these."""
        look_into(least, self.rough, self.frame, found, threads)
        return Negatives.of(found)


def look_into(
    least: BlockExtrema,
    rough: Frame,
    frame: Frame,
    found: NearestNegatives,
    threads: int,
) -> None:
    """Look, for all anchors, into every region that may decide one, the most promising first.

    least: computed in the rough frame, which may know lower bounds only.
    """
    for start in range(0, len(found.anchors), ANCHORS):
        at = np.arange(start, min(start + ANCHORS, len(found.anchors)))
        values = least.values[found.anchors[at] - least.rows.start]
        _visit(values, least.regions, rough, frame, found, at, threads)


def _visit(
    least: NDArray[np.float32],
    regions: list[slice],
    rough: Frame,
    frame: Frame,
    found: NearestNegatives,
    at: Rows,
    threads: int,
) -> None:
    """The same for some anchors: least values a row, a region a column."""
    if rough is frame:  # then the least values bound the nearest from above as well
        _visit_known(least, regions, frame, found, at, threads)
        return
    together = 1  # regions that an anchor looks into, before the others are judged anew
    while len(at):
        radius, target = frame.radius[found.anchors[at]], found.target[found.anchors[at]]
        # nothing beyond `near` can be the nearest, beyond `goal` come before the positive
        near = rough.near(found.d2[at], radius)
        goal = np.where(found.closer[at] < COUNTED, rough.near(target, radius), -np.inf)
        limit = np.minimum(np.maximum(near, goal), np.finfo(least.dtype).max)
        together = min(together, least.shape[1])
        best = np.partition(least, together - 1, axis=1)[:, together - 1]
        asked = least <= np.minimum(best, limit)[:, None]

        def look(region: int, at: Rows = at, asked: NDArray[np.bool_] = asked) -> None:
            some = np.flatnonzero(asked[:, region])
            if len(some):
                found.look(frame, at[some], regions[region])

        for_each(look, range(len(regions)), threads)
        least[asked] = np.inf  # a region is looked at once
        left = asked.any(axis=1)
        at, least, together = at[left], least[left], 2 * together


def _visit_known(
    least: NDArray[np.float32],
    regions: list[slice],
    frame: Frame,
    found: NearestNegatives,
    at: Rows,
    threads: int,
) -> None:
    """Each region once, for all anchors that it may decide: what that takes is known before."""
    radius, target = frame.radius[found.anchors[at]], found.target[found.anchors[at]]
    near = frame.near(frame.upper(least.min(axis=1), radius), radius)
    # a region whose least value is surely below the positive's holds a row that is closer
    sure = np.count_nonzero(least < frame.far(target, radius)[:, None], axis=1)
    enough = found.closer[at] + sure >= COUNTED
    found.closer[at[enough]] = COUNTED
    goal = np.where(enough, near, frame.near(target, radius))
    limit = np.minimum(np.maximum(near, goal), np.finfo(least.dtype).max)

    def look(region: int) -> None:
        some = np.flatnonzero(least[:, region] <= limit)
        if len(some):
            found.look(frame, at[some], regions[region], near[some])

    for_each(look, range(len(regions)), threads)

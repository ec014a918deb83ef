"""The k nearest rows of some rows: nearest negatives, or nearest others of any label.

Nothing but distances and input rows decides: float32 products bound, float64 tells what is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.distinct_candidates import Candidates
from embaudit.search.error_bounds import Frame
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import tiles_of

TOGETHER = 256  # rows that are compared with a tile of places together
TILE = 4096
FOLDS = 128  # parts of the set that give a first guess of the k-th nearest
CROWD = 64  # candidates beyond the wanted ones from which a sharper bound is cheaper
CELLS = 1 << 21  # computed distances in float64 that are looked at together


@dataclass(frozen=True)
class Neighbours:
    """The k nearest rows of q rows, by squared distance, then input row.

    rows: (q, k) ordered rows, -1 where there are no more. d2: (q, k) squared distances in units
    of the points, inf there.
    """

    rows: Rows
    d2: Floats


def k_nearest(
    points: Points,
    vectors: Rows,
    codes: Rows,
    input_rows: Rows,
    asked: Rows,
    k: int,
    *,
    served: NDArray[np.bool_] | None = None,
    barred: Rows | None = None,
    beyond: Floats | None = None,
    threads: int = 1,
    progress: Progress = silent,
) -> Neighbours:
    """The k nearest rows with another code of each asked row, decided in float64.

    vectors: (N,) an id of each ordered row in 0..N-1, equal exactly for equal rows. codes: (N,)
    of the classes; a code of its own for each row finds rows of any label. asked: (q,) ordered
    rows. served: (N,) flags of rows that may be found, by default all. barred: (N,) a second
    code for which a row is not found, -1 for none. beyond: (q,) squared distances that the rows
    found lie strictly further than, below 0 for none.
    """
    found = Neighbours(np.full((len(asked), k), -1), np.full((len(asked), k), np.inf))

    def take(some: Rows, asking: Rows, met: Rows, squared: Floats) -> None:
        rows, pair = search.candidates.rows_of(met)
        other = codes[rows] != codes[asked[some[asking[pair]]]]
        rows, pair = rows[other], pair[other]
        at, squared = some[asking[pair]], squared[pair]
        order = np.lexsort((input_rows[rows], squared, at))
        rows, at, squared = rows[order], at[order], squared[order]
        rank = np.arange(len(rows)) - np.searchsorted(at, at)
        first = rank < k
        found.rows[at[first], rank[first]] = rows[first]
        found.d2[at[first], rank[first]] = squared[first]

    if len(asked) and (served is None or served.any()):
        search = _KnnSearch(points, vectors, codes, input_rows, asked, k, served, barred)
        search.each(take, beyond, threads, progress)
    return found


def all_nearest(
    points: Points,
    vectors: Rows,
    asked: Rows,
    take: Callable[[Rows, Rows, Rows], None],
    *,
    beyond: Floats | None = None,
    threads: int = 1,
    progress: Progress = silent,
) -> None:
    """Every vector as near as the nearest other row of each asked row; arguments as above.

    take: given, from any thread, the positions of some asked rows and pairs (position among
    these, a row with the vector): of all that are nearest. The vector of the row itself is one,
    where another row has it, too.
    """
    every = np.arange(points.size)
    search = _KnnSearch(points, vectors, every, every, asked, 1)
    stand = search.candidates.members[search.candidates.begin[:-1]]
    search.each(lambda some, at, met, _: take(some, at, stand[met]), beyond, threads, progress)


class _KnnSearch:
    """Looks for the nearest places; what float32 leaves open is searched again in float64."""

    def __init__(
        self,
        points: Points,
        vectors: Rows,
        codes: Rows,
        input_rows: Rows,
        asked: Rows,
        k: int,
        served: NDArray[np.bool_] | None = None,
        barred: Rows | None = None,
    ) -> None:
        rows = np.arange(points.size) if served is None else np.flatnonzero(served)
        self.candidates, self.k = Candidates.of(rows, vectors, codes, input_rows, barred, k), k
        self.at, chosen = self.candidates.positions(vectors, asked)
        self.own = codes[asked]
        # rows that are looked at once are cast then: holding them takes as much memory as the set
        self.frame = frame_of(points, chosen, np.float32, in_memory=len(asked) > TOGETHER)
        self.sharp = Frame(self.frame.cloud, np.float64, None)

    def each(
        self,
        take: Callable[[Rows, Rows, Rows, Floats], None],
        beyond: Floats | None,
        threads: int,
        progress: Progress,
    ) -> None:
        """Search for all asked rows, a class after the other: so masks are slices.

        take: given positions of some asked rows, and pairs (position among these, place) with
        their squared distances: all places up to the k-th nearest, and those as far as it.
        """
        every = np.argsort(self.own, kind="stable")
        stage = Stage(progress, "nearest rows", len(every))

        def search(part: slice) -> None:
            some = every[part]
            calm, crowded = self._nearest(self.frame, some, beyond, CROWD + 8 * self.k)
            pairs, again = [calm], np.flatnonzero(crowded)
            for at in tiles_of(len(again), max(1, CELLS // self.candidates.size)):
                few = again[at]
                sharp, _ = self._nearest(self.sharp, some[few], beyond, self.candidates.size)
                pairs.append((few[sharp[0]], sharp[1], sharp[2]))
            asking, met, squared = map(np.concatenate, zip(*pairs, strict=True))
            order = np.argsort(asking, kind="stable")
            take(some, asking[order], met[order], squared[order])

        parts = tiles_of(len(every), TOGETHER)
        for_each(search, parts, threads, lambda part: stage.step(part.stop - part.start))

    def _nearest(
        self, frame: Frame, some: Rows, beyond: Floats | None, most: int
    ) -> tuple[tuple[Rows, Rows, Floats], NDArray[np.bool_]]:
        """Pairs and their squared distances; flags rows with more candidates, which have none."""
        at, floor = self.at[some], None if beyond is None else beyond[some]
        asking, met, crowded = self._candidates(frame, at, self.own[some], floor, most)
        chosen = frame.cloud.chosen
        squared = frame.cloud.points.squared_distances(chosen[at[asking]], chosen[met])
        if floor is not None:
            further = squared > floor[asking]
            asking, met, squared = asking[further], met[further], squared[further]
        order = np.lexsort((squared, asking))
        asking, met, squared = asking[order], met[order], squared[order]
        # a place holds at least one row: none beyond the k-th nearest place is needed
        begin = np.searchsorted(asking, np.arange(len(at) + 1))
        last = np.minimum(begin[:-1] + self.k, begin[1:])[asking] - 1
        near = squared <= squared[last]
        return (asking[near], met[near], squared[near]), crowded

    def _candidates(
        self, frame: Frame, at: Rows, own: Rows, beyond: Floats | None, most: int
    ) -> tuple[Rows, Rows, NDArray[np.bool_]]:
        """Pairs (position in `at`, place) among which the nearest are, and who has too many."""
        taken, radius = frame.taken(at), frame.radius[at]
        least = np.full((len(at), max(FOLDS, 8 * self.k)), np.inf, dtype=frame.dtype)
        crowded, count = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=np.int64)
        limit: NDArray[Any] = np.empty(0)
        asking, met, values = [], [], []
        for tile in tiles_of(self.candidates.size, TILE):
            computed = frame.between(taken, tile)
            self.candidates.mask(computed, own, tile)
            sure = computed
            if beyond is not None:
                floor = np.maximum(beyond, 0)
                computed[computed < frame.far(floor, radius)[:, None]] = np.inf
                sure = np.where(computed <= frame.near(floor, radius)[:, None], np.inf, computed)
            limit = self._limit(frame, least, sure, radius)
            limit[crowded] = -np.inf
            rows, columns = np.divmod(np.flatnonzero(computed <= limit[:, None]), computed.shape[1])
            asking.append(rows)
            met.append(tile.start + columns)
            values.append(computed[rows, columns])
            count += np.bincount(rows, minlength=len(at))
            crowded |= count > most
        rows = np.concatenate(asking)
        kept = np.concatenate(values) <= limit[rows]
        kept &= ~crowded[rows]
        return rows[kept], np.concatenate(met)[kept], crowded

    def _limit(
        self, frame: Frame, least: NDArray[Any], sure: NDArray[Any], radius: Floats
    ) -> NDArray[Any]:
        """Computed values up to which a place may be among the k nearest, by all seen so far.

        least: the least value of each part of the places; k parts hold k places, at least.
        """
        parts = least.shape[1]
        for start in range(0, sure.shape[1], parts):
            part = sure[:, start : start + parts]
            into = least[:, : part.shape[1]]
            np.minimum(into, part, out=into)
        kth = np.partition(least, self.k - 1, axis=1)[:, self.k - 1]
        return frame.near(frame.upper(kth, radius), radius)

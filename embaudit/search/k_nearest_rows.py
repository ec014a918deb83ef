"""The k nearest rows of some rows: nearest negatives, or nearest others of any label.

Nothing but distances and input rows decides: float32 products bound, float64 tells what is left.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.metric import Floats, Points, Rows
from embaudit.search.block_minima import tiles_of
from embaudit.search.candidates import Candidates
from embaudit.search.error_bounds import Frame, frame_of
from embaudit.search.progress import Progress, Stage, silent
from embaudit.search.workers import for_each

TOGETHER = 512  # rows that are compared with a tile of places together
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
    every = np.arange(points.size)
    found = Neighbours(np.full((len(asked), k), -1), np.full((len(asked), k), np.inf))
    rows = every if served is None else np.flatnonzero(served)
    if not len(rows) or not len(asked):
        return found
    places = Candidates.of(rows, vectors, codes, input_rows, barred, k)
    at, chosen = places.positions(vectors, asked)
    seeker = _KnnSearch(frame_of(points, chosen, np.float32), places, codes, input_rows, k)
    order = np.argsort(codes[asked], kind="stable")  # a class after the other: masks are slices
    stage = Stage(progress, "nearest rows", len(asked))

    def search(part: slice) -> None:
        some = order[part]
        floor = None if beyond is None else beyond[some]
        found.rows[some], found.d2[some] = seeker.search(at[some], codes[asked[some]], floor)

    parts = tiles_of(len(asked), TOGETHER)
    for_each(search, parts, threads, lambda part: stage.step(part.stop - part.start))
    return found


class _KnnSearch:
    """Looks for the nearest places; what float32 leaves open is searched again in float64."""

    def __init__(
        self, frame: Frame, places: Candidates, codes: Rows, input_rows: Rows, k: int
    ) -> None:
        self.frame, self.places, self.k = frame, places, k
        self.codes, self.input_rows = codes, input_rows
        self.sharp = Frame(frame.cloud, np.float64, None)

    def search(self, at: Rows, own: Rows, beyond: Floats | None) -> tuple[Rows, Floats]:
        """Rows and squared distances, (q, k), of the frame's rows `at`, which have these codes."""
        rows, d2 = np.full((len(at), self.k), -1), np.full((len(at), self.k), np.inf)
        most = CROWD + 8 * self.k
        crowded = self._search(self.frame, at, own, beyond, most, (rows, d2))
        again = np.flatnonzero(crowded)
        for some in np.array_split(again, -(-len(again) * self.places.size // CELLS) or 1):
            few = None if beyond is None else beyond[some]
            sharp = rows[some], d2[some]
            self._search(self.sharp, at[some], own[some], few, self.places.size, sharp)
            rows[some], d2[some] = sharp
        return rows, d2

    def _search(
        self,
        frame: Frame,
        at: Rows,
        own: Rows,
        beyond: Floats | None,
        most: int,
        into: tuple[Rows, Floats],
    ) -> NDArray[np.bool_]:
        """Fill in what is found; flags rows with more candidates than `most`, left as they are."""
        asking, met, crowded = self._candidates(frame, at, own, beyond, most)
        chosen = frame.cloud.chosen
        squared = frame.cloud.points.squared_distances(chosen[at[asking]], chosen[met])
        if beyond is not None:
            further = squared > beyond[asking]
            asking, met, squared = asking[further], met[further], squared[further]
        order = np.lexsort((squared, asking))
        asking, met, squared = asking[order], met[order], squared[order]
        # a place holds at least one row: none beyond the k-th nearest place is needed
        begin = np.searchsorted(asking, np.arange(len(at) + 1))
        last = np.minimum(begin[:-1] + self.k, begin[1:])[asking] - 1
        near = squared <= squared[last]
        self._rows_of(asking[near], met[near], squared[near], own, into)
        return crowded

    def _rows_of(
        self,
        asking: Rows,
        met: Rows,
        squared: Floats,
        own: Rows,
        into: tuple[Rows, Floats],
    ) -> None:
        """The first k rows of the places met, by squared distance, then input row."""
        rows, pair = self.places.rows_of(met)
        other = self.codes[rows] != own[asking[pair]]
        rows, pair = rows[other], pair[other]
        asking, squared = asking[pair], squared[pair]
        order = np.lexsort((self.input_rows[rows], squared, asking))
        rows, asking, squared = rows[order], asking[order], squared[order]
        rank = np.arange(len(rows)) - np.searchsorted(asking, asking)
        first = rank < self.k
        into[0][asking[first], rank[first]] = rows[first]
        into[1][asking[first], rank[first]] = squared[first]

    def _candidates(
        self, frame: Frame, at: Rows, own: Rows, beyond: Floats | None, most: int
    ) -> tuple[Rows, Rows, NDArray[np.bool_]]:
        """Pairs (position in `at`, place) among which the nearest are, and who has too many."""
        taken, radius = frame.taken(at), frame.radius[at]
        least = np.full((len(at), max(FOLDS, 8 * self.k)), np.inf, dtype=frame.dtype)
        crowded, count = np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=np.int64)
        limit: NDArray[Any] = np.empty(0)
        asking, met, values = [], [], []
        for tile in tiles_of(self.places.size, TILE):
            computed = frame.between(taken, tile)
            self.places.mask(computed, own, tile)
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
        limit = frame.near(frame.upper(kth, radius), radius)
        most: NDArray[Any] = np.minimum(limit, np.finfo(frame.dtype).max)
        return most  # what is masked is no candidate

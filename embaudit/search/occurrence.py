"""How often each row is among the k nearest of others, equally far rows sharing the last places."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embaudit.core.metric import Floats, Points, Rows
from embaudit.search.block_minima import tiles_of
from embaudit.search.error_bounds import Frame, frame_of
from embaudit.search.k_nearest_rows import Neighbours
from embaudit.search.progress import Progress, Stage, silent

TOGETHER = 256  # rows that are compared with a tile of others together
TILE = 4096


@dataclass(frozen=True)
class Occurrence:
    """The k-occurrence of each of N ordered rows: how many others have it among their k nearest.

    Where the k-th place of a row is open to t rows equally far, p = places left / t is the chance
    of each in a random order of them, each row's own. sure: (N,) whose list it is in anyhow.
    open: (N,) in whose it may be. drawn: (3, N) sums over the latter of p, p (1 - p) and
    p (1 - p) (1 - 2 p): mean, variance and third central moment of what it adds. never: (N,) the
    chance that it is in no list at all.
    """

    sure: Rows
    open: Rows
    drawn: Floats
    never: Floats


def occurrence_of(
    points: Points, vectors: Rows, nearest: Neighbours, k: int, progress: Progress = silent
) -> Occurrence:
    """Of all N rows; nearest: the k + 1 nearest others of each.

    vectors: (N,) an id of each row, equal exactly for equal rows.
    """
    size = len(vectors)
    last = nearest.d2[:, k - 1, None]
    tied = nearest.d2[:, k] == last[:, 0]
    inside = ~tied[:, None] | (nearest.d2 < last)
    inside[:, k] = False
    sure = np.bincount(nearest.rows[inside], minlength=size)
    open_, drawn, log = np.zeros(size, dtype=np.int64), np.zeros((3, size)), np.zeros(size)
    if tied.any():
        _, first, place, count = np.unique(
            vectors, return_index=True, return_inverse=True, return_counts=True
        )
        frame = frame_of(points, first, np.float64, held=False)
        asked = np.flatnonzero(tied[first])  # equal rows see the same
        left = k - inside[first[asked]].sum(axis=1)
        stage = Stage(progress, "ties", len(asked))
        for part, asking, met in _at_distance(frame, asked, last[first[asked], 0]):
            at = asked[part]
            itself = met == at[asking]
            weight = np.bincount(asking, count[met] - itself, len(at))  # rows at that distance
            p = (left[part] / weight)[asking]
            q = p * (1 - p)
            terms = np.stack((np.ones_like(p), p, q, q * (1 - 2 * p), np.log1p(-p)))
            terms *= count[at[asking]] - itself  # of a row's equals all but itself name it
            sums = [np.bincount(met, term, len(first))[place] for term in terms]
            open_ += sums[0].astype(np.int64)
            drawn += sums[1:4]
            log += sums[4]
            stage.step(len(at))
    return Occurrence(sure, open_, drawn, np.where(sure == 0, np.exp(log), 0.0))


def _at_distance(frame: Frame, asked: Rows, d2: Floats) -> Iterator[tuple[slice, Rows, Rows]]:
    """Pairs (position in the part, row of the frame) exactly so far from each asked one."""
    chosen = frame.cloud.chosen
    for part in tiles_of(len(asked), TOGETHER):
        at, level = asked[part], d2[part]
        taken, radius = frame.taken(at), frame.radius[at]
        near, far = frame.near(level, radius)[:, None], frame.far(level, radius)[:, None]
        asking: list[Rows] = []
        met: list[Rows] = []
        for tile in tiles_of(frame.cloud.size, TILE):
            computed = frame.between(taken, tile)
            rows, columns = np.nonzero((computed <= near) & (computed >= far))
            columns += tile.start
            squared = frame.cloud.points.squared_distances(chosen[at[rows]], chosen[columns])
            equal = squared == level[rows]
            asking.append(rows[equal])
            met.append(columns[equal])
        yield part, np.concatenate(asking), np.concatenate(met)

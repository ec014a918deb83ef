"""Rows as a few leading coordinates in float64 and the rest in float32: half the work of float64.

|x - y|^2 = |z - w|^2 + |r - s|^2 of x = B z + r with orthonormal columns B, r at right angles to
them. Products in float32 err by a part of |r| |s|, not of |x| |y|, and norms do not err at all:
where few directions hold most of a set's variance, or few positives are to be told apart, this
tells nearly all pairs that float64 tells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.search.centred_rows import Cloud
from embaudit.search.error_bounds import Frame, mirrored
from embaudit.search.thread_pool import for_each
from embaudit.search.tile_grid import tiles_of

SINGLE, DOUBLE = 2.0**-24, 2.0**-53  # unit roundoffs
PANEL = 128  # dimensions that are summed at a time: the fewer, the smaller the error
HEIGHT, WIDTH = 512, 512  # of a tile that float32 sums up: it stays in the second-level cache
ROWS = 256  # that are split at a time
DRAWN, TURNS = 1024, 2  # rows that the axes are found from, and how often they are turned to them

Asked = tuple[Floats, NDArray[np.float32]]  # mirrored leading coordinates, and -2 times the rest


@dataclass(frozen=True)
class SplitFrame(Frame):
    """A cloud of one set, held: rows (N, m + 2) as (z, |x|^2, 1), rest (N, n) float32.

    rest_reach: the largest length of a rest, from above. lean: how much all this changes a squared
    distance beside the error of products, as a part of (|x| + |y|)^2.
    """

    rest: NDArray[np.float32]
    rest_reach: float
    lean: float

    def slack(self, radius: Floats) -> Floats:
        """As for any frame, and once more for the norms; of the rest -2 g |r| |s|."""
        rest = rest_slack(self.cloud.points.dim, self.rest_reach)
        return (2 * self.growth + self.lean) * np.square(radius + self.reach) + rest

    def asking(self, rows: Rows) -> Asked:
        """Some rows, for products."""
        return mirrored(self.taken(rows)), self.rest[rows] * np.float32(-2)

    def beside(self, asked: Any, columns: slice | Rows) -> Floats:
        """Computed squared distances of rows that ask to others, (q, c)."""
        leading, rest = asked
        theirs = self.rest[columns]
        tile: Floats = np.matmul(leading, self.taken(columns).T)
        for part in tiles_of(len(theirs), WIDTH):
            for some in tiles_of(len(rest), HEIGHT):
                tile[some, part] += _product(rest[some], theirs[part])
        return tile


def rest_slack(dim: int, reach: float) -> float:
    """The error of -2 times the product of two float32 rows of at most that length."""
    terms = (min(dim, PANEL) + dim // PANEL + 4) * SINGLE
    return 2 * terms / (1 - terms) * reach**2


def _product(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """left @ right.T, summed up panel by panel."""
    total: NDArray[np.float32] = np.matmul(left[:, :PANEL], right[:, :PANEL].T)
    one = np.empty_like(total)
    for start in range(PANEL, left.shape[1], PANEL):
        part = slice(start, start + PANEL)
        np.matmul(left[:, part], right[:, part].T, out=one)
        total += one
    return total


def axes_of(cloud: Cloud, width: int) -> Floats:
    """(n, width) orthonormal columns close to the leading principal axes: any are right."""
    sample = cloud.floats(np.linspace(0, cloud.size - 1, min(cloud.size, DRAWN)).astype(np.int64))
    axes: Floats = sample[np.linspace(0, len(sample) - 1, min(width, len(sample))).astype(int)].T
    for _ in range(TURNS):
        axes = np.linalg.qr(sample.T @ (sample @ axes))[0]
    return axes


def rest_of(rows: Floats, axes: Floats) -> tuple[Floats, Floats]:
    """Coordinates (p, m) of some rows, and what these leave, (p, n)."""
    leading = rows @ axes
    return leading, rows - leading @ axes.T


def split_frame(cloud: Cloud, axes: Floats, threads: int = 1) -> SplitFrame:
    """The frame of a cloud in which no row was drawn in."""
    points, width = cloud.points, axes.shape[1]
    rows = np.empty((cloud.size, width + 2))
    rest = np.empty((cloud.size, points.dim), dtype=np.float32)

    def split(part: slice) -> None:
        rows[part, :-2], rest[part] = rest_of(cloud.floats(part), axes)
        exact = rest[part].astype(np.float64)
        rows[part, -2] = np.einsum("ij,ij->i", exact, exact)

    for_each(split, tiles_of(cloud.size, ROWS), threads)
    rest_reach = float(np.sqrt(rows[:, -2].max())) * (1 + 1e-6)
    rows[:, -2] += np.einsum("ij,ij->i", rows[:, :-2], rows[:, :-2])
    rows[:, -1] = 1
    lean, off = _lean(axes)
    moved = SINGLE * rest_reach + off * float(cloud.reach[0])
    return SplitFrame(
        cloud, np.float64, rows, moved=moved, rest=rest, rest_reach=rest_reach, lean=lean
    )


def _lean(axes: Floats) -> tuple[float, float]:
    """What computed coordinates change of (|x| + |y|)^2, and of a length |x|; u is 2^-53.

    g(k) is k u / (1 - k u), skew = |B'B - 1|. Coordinates z err by e = g(n) sqrt(m) |x|, and
    r = x - B z by f = g(m + 2) (1 + sqrt(m)) |x|. With v = z - w and t = r - s, |x - y|^2 is,
    but for f in the distance, |B v + t|^2 = |B v|^2 + 2 v.B't + |t|^2. |B v|^2 differs from
    |v|^2 by skew |v|^2, and |B't| is at most (e + f + skew) (|x| + |y|). Factors above 1 stand for
    products of errors, below 1 %.
    """
    dim, width = axes.shape
    skew = float(np.abs(axes.T @ axes - np.eye(width)).sum(axis=1).max(initial=0)) + dim * 2.0**-50
    off = 1.1 * _growth(width + 2) * (1 + np.sqrt(width))
    return float(2.2 * (_growth(dim) * np.sqrt(width) + off + 1.6 * skew)), float(off)


def _growth(terms: int) -> float:
    return terms * DOUBLE / (1 - terms * DOUBLE)

"""Means over all pairs of distinct rows, a tile at a time."""

import math
from collections.abc import Callable

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.pairs import ParallelMap, one_by_one

TILE = 512


def mean_over_pairs(
    size: int, tile: Callable[[slice, slice], Floats], parallel: ParallelMap = one_by_one
) -> float:
    """Mean over pairs i < j < size of what `tile` tells of some rows i and some rows j.

    Bands of TILE rows may be worked through by several threads: the sum is the same.
    """
    bands = [slice(at, min(at + TILE, size)) for at in range(0, size, TILE)]
    sums = np.zeros(len(bands))

    def add(band: slice) -> None:
        for other in bands[band.start // TILE :]:
            values = tile(band, other)
            if other == band:
                values = np.triu(values, 1)  # each pair once, no row with itself
            sums[band.start // TILE] += values.sum()

    parallel(add, bands)
    return math.fsum(sums) / (size * (size - 1) // 2)

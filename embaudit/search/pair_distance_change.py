"""The isometric error of a given map: how much it changes any pair distance (Definition 4)."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.error_bounds import Frame
from embaudit.search.progress import Progress, Stage, silent

TILE = 256  # rows: distances of them to as many stay in a cache
CANDIDATES = 100_000  # pairs of one tile beyond which its bound stands instead of its truth


def isometric_error(before: Points, after: Floats, progress: Progress = silent) -> float:
    """sup over pairs of | |x - y| - |g(x) - g(y)| |, rounded up; rows of both in one order.

    A pass over all pairs: N^2 n multiply-adds for the two maps together.
    """
    mapped = Points(after, before.unit)
    every = np.arange(before.size)
    framed = partial(frame_of, chosen=every, dtype=np.float32, drawn_in=False)
    frames = framed(before), framed(mapped)
    scale = float(frames[0].scale.item())  # both maps in units of the first frame
    stage = Stage(progress, "isometric error", before.size)
    worst = 0.0
    for start in range(0, before.size, TILE):
        rows = slice(start, min(start + TILE, before.size))
        for low in range(start, before.size, TILE):
            columns = slice(low, min(low + TILE, before.size))
            change, doubt = _change(frames, rows, columns)
            most = float(change.max())
            # the largest is sure to be at least `sure`: nothing below it can be the worst
            least = np.float32((max(worst, most - doubt) - doubt) * (1 - 1e-6))
            if most < least:
                continue
            left, right = np.nonzero(change >= least)
            if len(left) > CANDIDATES:
                worst = max(worst, most + doubt)
                continue
            left, right = left + rows.start, right + columns.start
            f = np.sqrt(before.squared_distances(left, right))
            g = np.sqrt(mapped.squared_distances(left, right))
            worst = max(worst, float(np.abs(f - g).max(initial=0.0)) * scale)
        stage.step(rows.stop - rows.start)
    # what rounding may hide of a pair, of which none is further apart than twice this
    first = np.zeros_like(every)
    reach = sum(np.sqrt(one.squared_distances(first, every).max()) for one in (before, mapped))
    return worst / scale + 1e-12 * float(reach)


def _change(
    frames: tuple[Frame, Frame], rows: slice, columns: slice
) -> tuple[NDArray[np.float32], float]:
    """Computed change of each distance in a tile, and how far any of them may be off."""
    distances, doubt = [], 0.0
    for frame in frames:
        tile = frame.products(rows, columns)
        np.maximum(tile, 0, out=tile)
        np.sqrt(tile, out=tile)
        reach = frame.reach
        # a map to one point has no scale of its own
        factor = float((frames[0].scale / frame.scale).item()) if reach.item() else 0.0
        tile *= np.float32(factor)
        distances.append(tile)
        # |sqrt a - sqrt b| <= sqrt|a - b|, and one rounding for each of sqrt and factor
        error = np.sqrt(frame.slack(reach)) + frame.cast(reach) + 4e-7 * reach
        doubt += float(error.item()) * factor
    change = np.subtract(*distances)
    return np.abs(change, out=change), doubt

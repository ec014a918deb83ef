"""How a frame is made of points: about their centre, scaled, cast, with what casting moved."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import CHUNK, Floats, Points, Rows
from embaudit.search.centred_rows import APART, Cloud, far_off, placed
from embaudit.search.error_bounds import Frame
from embaudit.search.float32_rows import narrow_rows

HELD = 1 << 23  # values held of a set that memory cannot hold


def frame_of(
    points: Points, chosen: Rows, dtype: Any, *, in_memory: bool = True, drawn_in: bool = True
) -> Frame:
    """Frame of the chosen rows, (..., m); in_memory: kept in this precision.

    Of rows on disk only few ever are. drawn_in: else no row is, however far off it lies.
    """
    in_memory = in_memory and (not points.on_disk or chosen.size * points.dim <= HELD)
    if not points.on_disk and (dtype is np.float32 or not in_memory):
        narrow = _narrow(points, chosen, in_memory)
        if narrow is not None and not (drawn_in and _some_far_off(narrow.radius)):
            return narrow if in_memory else Frame(narrow.cloud, dtype, None)
    frame = _about(points, chosen, dtype, in_memory, np.zeros(chosen.shape, dtype=bool))
    if drawn_in and _some_far_off(frame.radius):
        far = far_off(frame.radius)
        while far.any():
            frame = _about(points, chosen, dtype, in_memory, far)
            more = far_off(frame.radius)
            if not more.any():
                break
            far |= more
    return frame


def _some_far_off(radius: Floats) -> bool:
    """Whether there are rows to be drawn in: of one set only."""
    return radius.size == radius.shape[-1] and bool(far_off(radius).any())


def _narrow(points: Points, chosen: Rows, held: bool) -> Frame | None:
    """Frame of rows cast without float64, if they can be."""
    none, one = np.zeros(chosen.shape), np.ones((*chosen.shape[:-1], 1))
    cloud = Cloud(points, chosen, np.zeros(points.dim), none, one, one)
    narrow = narrow_rows(points, chosen, Frame(cloud, np.float32, None).growth, held=held)
    if narrow is None:
        return None
    reach = narrow.radius.max(axis=-1, keepdims=True)
    cloud = Cloud(points, chosen, narrow.centre, narrow.radius, reach, narrow.scale)
    return Frame(cloud, np.float32, narrow.rows, moved=narrow.moved)


def _about(
    points: Points, chosen: Rows, dtype: Any, in_memory: bool, far: NDArray[np.bool_]
) -> Frame:
    """Frame about the rows that are not far off; there are such rows of one set only."""
    apart = APART if far.any() else np.inf
    near = chosen if apart == np.inf else chosen[~far].reshape(*chosen.shape[:-1], -1)
    centre, scale = placed(points, near)
    radius, reach = np.where(far, np.inf, 0.0), np.zeros((*chosen.shape[:-1], 1))
    radius = points.beside(radius)
    cloud = Cloud(points, chosen, centre, radius, reach, scale, apart)
    frame = Frame(cloud, dtype, None)
    rows = np.empty((*chosen.shape, points.dim + 2), dtype=dtype) if in_memory else None
    for start in range(0, cloud.size, CHUNK):
        part = slice(start, start + CHUNK)
        moved = cloud.floats(part)
        length = np.sqrt(np.einsum("...i,...i->...", moved, moved)) * (1 + 1e-6)
        radius[..., part] = np.where(far[..., part], np.inf, length)
        if rows is not None:
            rows[..., part, :] = frame.extended(moved)
    reach[...] = np.where(far, 0.0, radius).max(axis=-1, keepdims=True)
    return Frame(cloud, dtype, rows)

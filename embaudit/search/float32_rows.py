"""Rows cast to float32 in float32 alone: no float64 copy of a set is made where none decides.

c, the middle, is a float32 vector, and s, the scale, a power of two: to multiply by it is exact.
u is 2^-24, p a prepared row, t = s (p - c) the true row of the frame, and r what is computed.

- l2: a stored number of 16 or 32 bits is a float32, and one subtraction errs by u of its *result*:
  |r - t| <= u |t|, as if float64 had subtracted and the difference had been cast.
- cosine: p is a stored row times 1 / length. The reciprocal errs by u when it is cast and the
  product by u again, |q - p| <= 2.01 u |p|, and |p| is 1; then c is subtracted as above:
  |r - t| <= u |t| + 2.02 u s. The second term is `moved`; the bounds of a frame hold it.

What is lost to underflow is below 1e-30 of a frame unit: `REACHES` see to it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows

UNIT = 2.0**-24  # u of float32
REACHES = (1e-12, 1e12)  # of a set about its middle: squares in between are float32 numbers
DRAWN = 1024  # rows that the middle is of: any is right
VALUES = 1 << 16  # cast at a time: they stay in the second-level cache


@dataclass(frozen=True)
class NarrowRows:
    """Rows (..., m, n + 2) as (r, |r|^2, 1), about `centre`, (..., 1, n), times `scale`, (..., 1).

    rows: None where they are not held. radius: |t| of each row from above, (..., m). moved: see
    above, (..., 1).
    """

    rows: NDArray[np.float32] | None
    centre: Floats
    scale: Floats
    radius: Floats
    moved: Floats


def narrow_rows(
    points: Points, chosen: Rows, growth: float, *, held: bool = True
) -> NarrowRows | None:
    """The chosen rows, (..., m); None where only float64 holds them or bounds would be loose.

    growth: the relative error of a dot product of two such rows in float32. held: else no more is
    kept of them than their lengths.
    """
    if not points.castable:
        return None
    size = chosen.shape[-1]
    step = max(1, VALUES * size // (chosen.size * points.dim))
    parts = [slice(at, min(at + step, size)) for at in range(0, size, step)]
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        centre, scale = _placed(points, chosen[..., :: -(-size // DRAWN)])
        if not np.isfinite(scale).all():
            return None
        factor = scale.astype(np.float32)[..., None]
        lengths = np.empty(chosen.shape, dtype=np.float32)
        rows = np.empty((*chosen.shape, points.dim + 2), dtype=np.float32) if held else None
        for part in parts:
            block = points.singles(chosen[..., part])
            block -= centre
            np.multiply(block, factor, out=block)
            lengths[..., part] = np.einsum("...i,...i->...", block, block, dtype=np.float64)
            if rows is not None:
                rows[..., part, :-2] = block
        squares = lengths.astype(np.float64)
        if not (squares.max(axis=-1) < REACHES[1]).all():
            return None  # what overflowed or is not a number is not below
    moved = 2.02 * UNIT * scale * (points.norms is not None)
    if not (moved <= growth / 16).all():
        return None
    if rows is not None:
        rows[..., -2], rows[..., -1] = lengths, 1
    radius = np.sqrt(squares / (1 - growth)) * (1 + 1e-6) + moved
    return NarrowRows(rows, centre.astype(np.float64), scale, radius, moved)


def _placed(points: Points, some: Rows) -> tuple[NDArray[np.float32], Floats]:
    """The middle of some rows, (..., 1, n), and a scale that puts them into the unit ball.

    Of a far-off set, a mean in float32 may lie somewhat off; any centre is right. The scale is not
    a number, or infinite, for rows that are equal or overflow.
    """
    block = points.singles(some)
    centre = block.mean(axis=-2, keepdims=True, dtype=np.float64).astype(np.float32)
    block -= centre
    reach = np.sqrt(np.einsum("...i,...i->...", block, block).max(axis=-1, keepdims=True))
    inside = (reach > REACHES[0]) & (reach < REACHES[1])
    scale = np.ldexp(1.0, -np.frexp(reach.astype(np.float64))[1])
    return centre, np.where(inside, scale, np.nan)

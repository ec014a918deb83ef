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

from embaudit.core.metric import Floats, Points, Rows

UNIT = 2.0**-24  # u of float32
REACHES = (1e-12, 1e12)  # of a set about its middle: squares in between are float32 numbers
VALUES = 1 << 16  # cast at a time: they stay in the second-level cache


@dataclass(frozen=True)
class NarrowRows:
    """Rows (..., m, n + 2) as (r, |r|^2, 1), about `centre`, (..., 1, n), times `scale`, (..., 1).

    radius: |t| of each row from above, (..., m). moved: see above, (..., 1).
    """

    rows: NDArray[np.float32]
    centre: Floats
    scale: Floats
    radius: Floats
    moved: Floats


def narrow_rows(points: Points, chosen: Rows, growth: float) -> NarrowRows | None:
    """The chosen rows, (..., m); None where only float64 holds them or bounds would be loose.

    growth: the relative error of a dot product of two such rows in float32.
    """
    if not points.castable:
        return None
    *sets, size = chosen.shape
    step = max(1, VALUES * size // (chosen.size * points.dim))
    parts = [slice(at, min(at + step, size)) for at in range(0, size, step)]
    total = np.zeros((*sets, 1, points.dim))
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for part in parts:
            total += points.singles(chosen[..., part]).sum(axis=-2, keepdims=True, dtype=np.float64)
        centre = (total / size).astype(np.float32)
        rows = np.empty((*chosen.shape, points.dim + 2), dtype=np.float32)
        for part in parts:
            block = np.subtract(points.singles(chosen[..., part]), centre, out=rows[..., part, :-2])
            np.einsum("...i,...i->...", block, block, out=rows[..., part, -2])
        squares = rows[..., -2].astype(np.float64)
        reach = np.sqrt(squares.max(axis=-1, keepdims=True))
        if not ((reach > REACHES[0]) & (reach < REACHES[1])).all():
            return None  # what overflowed or is not a number is not below
    scale = np.ldexp(1.0, -np.frexp(reach)[1])
    moved = 2.02 * UNIT * scale * (points.norms is not None)
    if moved.max() > growth / 16:
        return None
    if (scale != 1).any():
        rows[..., :-2] *= scale[..., None].astype(np.float32)
        rows[..., -2] *= np.square(scale).astype(np.float32)
    rows[..., -1] = 1
    radius = np.sqrt(squares / (1 - growth)) * scale * (1 + 1e-6) + moved
    return NarrowRows(rows, centre.astype(np.float64), scale, radius, moved)

"""What is drawn at any scale: lengths of 1e300 or 1e-300, and counts over cells of any size."""

import math
from collections.abc import Iterable

import numpy as np
from matplotlib.axis import Axis
from numpy.typing import NDArray

DRAWN = (1e-100, 1e100)  # below, matplotlib takes a range for empty; above, it overflows


def yardstick(lengths: Iterable[float]) -> float:
    """What lengths are divided by to be drawn: 1, or a power of ten where they are vast or tiny."""
    largest = max((abs(one) for one in lengths), default=0.0)
    if largest == 0 or DRAWN[0] < largest < DRAWN[1]:
        return 1.0
    return 10.0 ** math.floor(math.log10(largest))


def tell(axis: Axis, yard: float) -> None:
    """Ticks in the units of the input, of an axis whose lengths were divided by `yard`."""
    if yard != 1:
        axis.set_major_formatter(lambda at, _: f"{at * yard:.4g}")


def densities(counts: NDArray[np.int64], *widths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts over the sizes of their cells, as shares of the largest; widths: one array an axis.

    By logarithms: the sizes themselves may overflow or vanish.
    """
    with np.errstate(divide="ignore"):  # no count is no density
        level = np.log(counts)
    for axis, width in enumerate(reversed(widths)):
        level = level - np.log(width).reshape(-1, *(1,) * axis)
    shares: NDArray[np.float64] = np.exp(level - level.max())
    return shares

"""The narrowest float that holds every number of a text exactly as it was written."""

from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.data import Array

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


class NumberWidth:
    """float32 as long as each number is one, written out in full or as short as it may be.

    A library writes 0.1 for the float32 nearest to it, or all digits of its value; either way the
    array that was written is had back. A number with more to it makes all of them float64.
    """

    def __init__(self) -> None:
        self.dtype: np.dtype[Any] = FLOAT32

    def note(self, values: Array) -> None:
        """The next numbers, as float64."""
        if self.dtype == FLOAT32 and not _are_float32(values.reshape(-1)):
            self.dtype = FLOAT64


def _are_float32(values: Array) -> bool:
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32)
    other = np.flatnonzero((narrow != values) & np.isfinite(values))
    for start in range(0, len(other), 1 << 16):  # most files are told by their first numbers
        part = other[start : start + (1 << 16)]
        shortest = pa.array(narrow[part]).cast(pa.string()).cast(pa.float64()).to_numpy()
        if not np.array_equal(shortest, values[part]):
            return False
    return True

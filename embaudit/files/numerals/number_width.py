"""The narrowest float that holds every number of a text exactly as it was written."""

from typing import Any

import numpy as np
import pyarrow as pa

from embaudit.data import Array

DIGITS = 10  # of a number that tells one float32 from all others, and is told from most float64
TINY = 1e-300
AT_ONCE = 1 << 16
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


class NumberWidth:
    """float32 as long as each number is one, written out in full, rounded or as short as may be.

    A library writes 0.1 for the float32 nearest to it, all digits of its value, or, as pandas does
    in JSON, ten or fifteen of them; either way the array that was written is had back. A number
    with more to it makes all of them float64.
    """

    def __init__(self) -> None:
        self.dtype: np.dtype[Any] = FLOAT32

    def note(self, values: Array) -> None:
        """The next numbers, as float64."""
        if self.dtype == FLOAT32 and not _are_float32(values.reshape(-1)):
            self.dtype = FLOAT64


def _are_float32(values: Array) -> bool:
    values = values[np.isfinite(values)]
    with np.errstate(over="ignore", under="ignore"):
        narrow = values.astype(np.float32)
        last = 10.0 ** np.floor(np.log10(np.maximum(np.abs(values), TINY)) - DIGITS + 1)
        other = np.flatnonzero(np.abs(narrow.astype(np.float64) - values) > 0.5 * last)
    for start in range(0, len(other), AT_ONCE):  # most files are told by their first numbers
        part = other[start : start + AT_ONCE]
        shortest = pa.array(narrow[part]).cast(pa.string()).cast(pa.float64()).to_numpy()
        if not np.array_equal(shortest, values[part]):
            return False
    return True

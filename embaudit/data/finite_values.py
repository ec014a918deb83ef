"""Values that can be audited: finite, and such that float64 holds their distances."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.errors import Problem, first_few

LARGEST_VALUE = 1e300  # beyond it a distance between two rows can overflow float64
LARGEST_INTEGER = 2**53  # beyond it an integer has no exact float64
BLOCK_BYTES = 4 << 20  # of values, handled at a time


class Values:
    """What is wrong with the values of a set, over all its blocks of rows."""

    def __init__(self) -> None:
        self.rows = 0
        self.bad: list[int] = []
        self.large: list[int] = []
        self._among: NDArray[np.bool_] | None = None

    def check(self, block: NDArray[Any], among: NDArray[np.bool_] | None = None) -> None:
        """Note the unfit rows of the next block, (b, n); among: (b,) those that matter."""
        self._among = among
        if block.dtype.kind == "f":
            finite = np.isfinite(block)
            self.bad += self._where(~finite.all(axis=1))
            if block.dtype.itemsize == 8:
                self.large += self._where(((np.abs(block) > LARGEST_VALUE) & finite).any(axis=1))
        elif block.dtype.itemsize == 8:
            wide = block > LARGEST_INTEGER
            if block.dtype.kind == "i":
                wide |= block < -LARGEST_INTEGER
            self.large += self._where(wide.any(axis=1))
        self.rows += len(block)

    def _where(self, unfit: Any) -> list[int]:
        unfit = unfit if self._among is None else unfit & self._among
        return (self.rows + np.flatnonzero(unfit)).tolist()

    def problems(self, where: str) -> list[str]:
        """Why the values met so far cannot be audited; empty if they can."""
        problems: list[str] = []
        if self.bad:
            problems.append(
                Problem(
                    f"{where}: NaN or infinite values in {len(self.bad)} of {self.rows} rows "
                    f"(rows {first_few(self.bad)}).",
                    "Remove or re-embed them.",
                )
            )
        if self.large:
            problems.append(
                Problem(
                    f"{where}: {len(self.large)} rows hold values whose distances float64 cannot "
                    f"hold (rows {first_few(self.large)}).",
                    "Rescale the embeddings.",
                )
            )
        return problems


def value_problems(blocks: Iterable[NDArray[Any]], where: str) -> list[str]:
    """Why the values of these blocks of rows cannot be audited; empty if they can."""
    values = Values()
    for block in blocks:
        values.check(block)
    return values.problems(where)


def nothing_but_zeros(block: NDArray[Any]) -> NDArray[np.bool_]:
    """(b,) whether every value of a row of (b, n) is zero."""
    return np.logical_not(block.any(axis=1))


def row_blocks(vectors: NDArray[Any], times: int = 1) -> Iterator[NDArray[Any]]:
    """The rows of (N, n) in blocks of about BLOCK_BYTES, once they are so many times as large."""
    step = rows_at_once(vectors.shape[1] * times, vectors.dtype.itemsize)
    for start in range(0, len(vectors), step):
        yield vectors[start : start + step]


def rows_at_once(dim: int, itemsize: int) -> int:
    """How many rows make a block."""
    return max(1, BLOCK_BYTES // max(1, dim * itemsize))

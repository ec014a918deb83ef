"""Bits that were packed into bytes: eight dimensions each, of 0 and 1."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.data.finite_values import row_blocks
from embaudit.errors import Problem, option

BITS = 8
OFFSET = 128  # of signed bytes: what sentence-transformers calls `binary` is `ubinary` less this


def unpacked(packed: NDArray[Any]) -> NDArray[np.uint8]:
    """The bits of uint8 or int8 values (N, n), as (N, 8 n) of 0 and 1, the highest bit first.

    The squared Euclidean distance between two rows is their Hamming distance.
    """
    if packed.dtype == np.int8:
        packed = packed.view(np.uint8) ^ np.uint8(OFFSET)  # + 128, modulo 256
    return np.unpackbits(packed, axis=1)


def unpacked_blocks(blocks: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.uint8]]:
    """The bits of blocks of rows, in blocks that are as small as those."""
    for block in blocks:
        for part in row_blocks(np.ascontiguousarray(block), BITS):
            yield unpacked(part)


def bits_problems(where: str, dtype: "np.dtype[Any] | None") -> list[str]:
    """Why values of a dtype hold no packed bits; empty if they can."""
    if dtype in (np.uint8, np.int8):
        return []
    return [
        Problem(
            f"{where}: holds {dtype}, and bits are packed into 8-bit integers.",
            f"Drop {option('unpack_bits')}, or save x as numpy.packbits(x > 0, axis=1).",
        )
    ]

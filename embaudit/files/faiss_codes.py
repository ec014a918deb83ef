"""The scalar codes of FAISS, some bits a dimension, as the float32 values that they stand for.

Each decoder takes codes (n, width) of bytes, the dimensions, and the ranges that were trained.
"""

from collections.abc import Callable

import numpy as np

from embaudit.data import Array

Decoder = Callable[[Array, int, Array, Array], Array]


def _half(codes: Array, dim: int, low: Array, span: Array) -> Array:
    return codes.view("<f2").astype(np.float32)


def _bfloat16(codes: Array, dim: int, low: Array, span: Array) -> Array:
    wide: Array = (codes.view("<u2").astype(np.uint32) << 16).view(np.float32)
    return wide


def _direct(codes: Array, dim: int, low: Array, span: Array) -> Array:
    return codes.astype(np.float32)


def _direct_signed(codes: Array, dim: int, low: Array, span: Array) -> Array:
    return codes.astype(np.float32) - np.float32(128)


def _split(codes: Array, dim: int, bits: int) -> Array:
    """(n, dim) numbers of so many bits, which stand in (n, width) bytes from the lowest bit on."""
    unpacked = np.unpackbits(codes, axis=1, bitorder="little", count=dim * bits)
    powers = (1 << np.arange(bits)).astype(np.uint8)
    numbers: Array = (unpacked.reshape(len(codes), dim, bits) * powers).sum(axis=2, dtype=np.uint8)
    return numbers


def _steps(bits: int) -> Decoder:
    """The middle of each of 2**bits steps of a range, one of all dimensions or one each."""

    def decode(codes: Array, dim: int, low: Array, span: Array) -> Array:
        steps = codes if bits == 8 else _split(codes, dim, bits)
        middle = (steps.astype(np.float32) + np.float32(0.5)) / np.float32(2**bits - 1)
        vectors: Array = low + middle * span
        return vectors

    return decode


# by the number that FAISS gives each: decoder, bits a dimension, ranges (none, one, one each)
DECODERS: dict[int, tuple[Decoder, int, int]] = {
    0: (_steps(8), 8, 2),
    1: (_steps(4), 4, 2),
    2: (_steps(8), 8, 1),
    3: (_steps(4), 4, 1),
    4: (_half, 16, 0),
    5: (_direct, 8, 0),
    6: (_steps(6), 6, 2),
    7: (_bfloat16, 16, 0),
    8: (_direct_signed, 8, 0),
}

"""Bytes of a file that are read one after the other, deflated ones too, and never beyond an end."""

import zlib
from typing import IO

from embaudit.data.finite_values import BLOCK_BYTES

EXPANDS = 1032  # deflate cannot expand a byte to more


class Damaged(Exception):
    """What a file says of itself cannot be."""


class LeftBytes:
    """The next `left` bytes of a file, or what they are deflated from."""

    def __init__(self, handle: IO[bytes], left: int) -> None:
        self._handle, self.left = handle, left

    def read(self, count: int) -> bytes:
        """Exactly so many. Raises Damaged where there are fewer."""
        parts, wanted = [], min(count, self.left)
        while wanted:
            part = self._handle.read(min(wanted, BLOCK_BYTES))
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
        data = b"".join(parts)
        self.left -= len(data)
        if len(data) < count:
            raise Damaged("it is cut short")
        return data

    def finish(self) -> None:
        """Nothing is left to be checked."""


class InflatedBytes(LeftBytes):
    """The bytes that deflated ones hold; `left` is what they can hold at most."""

    def __init__(self, handle: IO[bytes], size: int) -> None:
        super().__init__(handle, size)
        self._packed, self._inflate = LeftBytes(handle, size), zlib.decompressobj()
        self.left = size * EXPANDS

    def read(self, count: int) -> bytes:
        """Exactly so many. Raises Damaged where there are fewer."""
        parts, wanted = [], count
        while wanted:
            part = self._some(wanted)
            if not part:
                raise Damaged("it is cut short")
            parts.append(part)
            wanted -= len(part)
        self.left -= count
        return b"".join(parts)

    def finish(self) -> None:
        """To the end, where the sum of all is checked."""
        while not self._inflate.eof:
            if not self._some(BLOCK_BYTES) and not self._inflate.eof:
                raise Damaged("it is cut short")

    def _some(self, most: int) -> bytes:
        data = b""
        while not data and not self._inflate.eof:
            held = self._inflate.unconsumed_tail
            if not held:
                held = self._packed.read(min(self._packed.left, 1 << 16))
                if not held:
                    break
            data = self._inflate.decompress(held, min(most, BLOCK_BYTES))
        return data

"""An object of a store, read in ranges that have to be the same bytes each time."""

import io
from hashlib import blake2b
from typing import Any

from embaudit.core.location import Location
from embaudit.data.finite_values import BLOCK_BYTES
from embaudit.errors import InputRefused
from embaudit.files.read_faults import reading
from embaudit.files.store import answered, input_file


class Ranges(io.RawIOBase):
    """The bytes of an object, for a buffered reader.

    met: digests of the blocks that were seen, by number, for all who read this object. A file is
    read more than once: for its header, its digest and its values. On disk the time of a change
    tells that all saw the same; on a line bytes are damaged and no time tells.
    """

    def __init__(self, at: Location, met: dict[int, bytes]) -> None:
        self._place = at
        self._file = input_file(at)  # never closed here: a read that stalls may still use it
        self._size: int = answered(self._file.size)
        self._met = met
        self._at, self._number, self._block = 0, -1, b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The next byte to be read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As any file's."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._at = start + offset
        return self._at

    def readinto(self, into: Any) -> int:
        """Bytes of one block, as many as fit; 0 at the end.

        Raises StoreLost, or InputRefused where they are not those of another time: no OSError,
        which zipfile would take for the end of what is no zip.
        """
        number, start = divmod(self._at, BLOCK_BYTES)
        if self._at >= self._size:
            return 0
        if number != self._number:
            with reading(self._place):
                self._number, self._block = number, self._read(number)
        part = memoryview(self._block)[start : start + len(into)]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _read(self, number: int) -> bytes:
        start = number * BLOCK_BYTES
        size = min(BLOCK_BYTES, self._size - start)
        data: bytes = answered(lambda: self._file.read_at(size, start), size)
        digest = blake2b(data, digest_size=16).digest()
        if len(data) < size or self._met.setdefault(number, digest) != digest:
            raise InputRefused(
                f"{self._place}: changed while it was read, or on its way: bytes {start} to "
                f"{start + size} are not what they were.",
                "Wait until its writer is done, and try again; or audit a copy on disk.",
            )
        return data

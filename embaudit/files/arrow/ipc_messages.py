"""The messages of an Arrow IPC stream: rows, and what they expand to, from their headers alone.

pyarrow tells how many rows a stream has only once it has read them all. What stands here are the
fields of the flatbuffers that tell it: Message, RecordBatch and Buffer of Message.fbs.
https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from embaudit.core.machine import readable
from embaudit.errors import InputRefused
from embaudit.files.column import EXPANSION, FREELY
from embaudit.files.file_status import StoredFile

CONTINUED = b"\xff\xff\xff\xff"
FILE_MAGIC, FEATHER_1 = b"ARROW1\0\0", b"FEA1"
CUT = "it is cut short, or its writer is not done"
LARGEST_HEADER = 64 << 20
DICTIONARY, RECORDS = 2, 3  # of the union MessageHeader
DAMAGE = (struct.error, IndexError)


@dataclass(frozen=True)
class StreamExtent:
    """rows: of all batches. start: of the stream in the file. largest: batch, in bytes."""

    rows: int
    start: int
    largest: int


def extent_of(handle: IO[bytes], file: StoredFile) -> StreamExtent:
    """What the headers tell. Raises InputRefused where they contradict the file, or each other."""
    begin = handle.read(len(FILE_MAGIC))
    if begin.startswith(FEATHER_1):
        raise InputRefused(
            f"{file.path}: is a Feather file of version 1.",
            "Convert it once: pyarrow.feather.write_feather(pyarrow.feather.read_table(path), new)",
        )
    start = len(FILE_MAGIC) if begin == FILE_MAGIC else 0
    rows = largest = 0
    for message, body, size in _messages(handle, file, start):
        header = message.table(2)
        if header is None:
            continue
        batch = header.table(1) if message.number(1, "B") == DICTIONARY else header
        if message.number(1, "B") not in (DICTIONARY, RECORDS) or batch is None:
            continue
        if message.number(1, "B") == RECORDS:
            rows += _count(batch.number(0, "q"), file)
        largest = max(largest, _expanded(handle, batch, body, size, file))
    return StreamExtent(rows, start, largest)


def _messages(
    handle: IO[bytes], file: StoredFile, start: int
) -> Iterator[tuple["_Flat", int, int]]:
    """The header of each message, and where its body begins and how long it is."""
    at = start
    while at < file.size:
        handle.seek(at)
        mark = handle.read(8)
        if mark[:4] != CONTINUED or len(mark) < 8:
            _refuse(file, "no message begins where one should")
        length = int.from_bytes(mark[4:], "little")
        if not length:  # the end of the stream; in a file, a footer follows
            return
        if length > min(LARGEST_HEADER, file.size):
            _refuse(file, f"a header of {length} bytes")
        header = handle.read(length)
        if len(header) < length:
            _refuse(file, CUT)
        message = _Flat.root(header)
        body, size = at + 8 + length, message.number(3, "q")
        at = body + _count(size, file)
        if at > file.size:
            _refuse(file, CUT)
        yield message, body, size
    _refuse(file, CUT)


def _expanded(handle: IO[bytes], batch: "_Flat", body: int, size: int, file: StoredFile) -> int:
    """Bytes of a batch once decompressed: each compressed buffer begins with its own size."""
    if batch.table(3) is None:
        return size
    total = 0
    for offset, length in batch.pairs(2):
        if length > 0:
            handle.seek(body + _count(offset, file))
            told = int.from_bytes(handle.read(8), "little", signed=True)
            total += length if told == -1 else _count(told, file)
    if total > FREELY and total > EXPANSION * size:
        raise InputRefused(
            f"{file.path}: {readable(size)} expand to {readable(total)}, more than {EXPANSION} "
            "times as much.",
            "If that is meant, store the values uncompressed, as .npy.",
        )
    return total


def _count(number: int, file: StoredFile) -> int:
    if number < 0:
        _refuse(file, f"a size of {number}")
    return number


def _refuse(file: StoredFile, why: str) -> None:
    raise InputRefused(
        f"{file.path}: is damaged, or no Arrow IPC file: {why}.", "Save or copy it again."
    )


@dataclass(frozen=True)
class _Flat:
    """A table of a flatbuffer: fields by their number, absent ones zero or None."""

    data: bytes
    at: int

    @classmethod
    def root(cls, data: bytes) -> "_Flat":
        return cls(data, _number(data, 0, "I"))

    def number(self, field: int, kind: str) -> int:
        place = self._place(field)
        return 0 if place is None else _number(self.data, place, kind)

    def table(self, field: int) -> "_Flat | None":
        place = self._place(field)
        return None if place is None else _Flat(self.data, place + _number(self.data, place, "I"))

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """Of a vector of structs of two int64."""
        place = self._place(field)
        if place is None:
            return
        vector = place + _number(self.data, place, "I")
        for index in range(_number(self.data, vector, "I")):
            first = vector + 4 + 16 * index
            yield _number(self.data, first, "q"), _number(self.data, first + 8, "q")

    def _place(self, field: int) -> int | None:
        fields = self.at - _number(self.data, self.at, "i")
        if 4 + 2 * field >= _number(self.data, fields, "H"):
            return None
        offset = _number(self.data, fields + 4 + 2 * field, "H")
        return self.at + offset if offset else None


def _number(data: bytes, at: int, kind: str) -> int:
    if at < 0:
        raise IndexError(at)
    value: Any = struct.unpack_from(f"<{kind}", data, at)[0]
    return int(value)

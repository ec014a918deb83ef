"""The elements of a MAT-file of MATLAB 5 to 7: arrays, told by their headers, and their values.

https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf. Nothing is nested here: a cell is
read where it holds texts alone, so that no depth of a file can exhaust a stack.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

import numpy as np

from embaudit.data import Array
from embaudit.data.finite_values import BLOCK_BYTES
from embaudit.files.bounded_reader import Damaged, InflatedBytes, LeftBytes

HEADER = 128
MATRIX, PACKED = 14, 15
PLAIN = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
CELL, CHAR = 1, 4
NUMBERS = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
NUMBERS |= {14: "i8", 15: "u8"}
OTHERS = {
    2: "a struct; save its fields: save('x.mat', '-struct', 's')",
    3: "an object of MATLAB",
    5: "a sparse matrix; save full(x)",
    16: "a function of MATLAB",
    17: "an object of MATLAB (string, table, categorical); save cellstr(x)",
}
COMPLEX, LOGICAL = 0x800, 0x200
MOST = 10_000  # arrays
LONGEST = 4096  # bytes of a header: dimensions and a name


@dataclass(frozen=True)
class Element:
    """An array of the file: where its element is, and what it holds.

    start, size: of the bytes behind its tag, in the file; packed: whether they are deflated.
    kind: of the array, as MATLAB numbers classes. offset: of the values, in the unpacked bytes;
    stored: how they are, as the file numbers types, and nbytes, of these.
    """

    name: str
    kind: int
    flags: int
    shape: tuple[int, ...]
    start: int
    size: int
    packed: bool
    order: str
    offset: int
    stored: int
    nbytes: int

    @property
    def dtype(self) -> "np.dtype[Any] | None":
        """Of its numbers, as MATLAB has them; None where it has others, or none."""
        if self.flags & COMPLEX or self.kind not in NUMBERS:
            return None
        return np.dtype(bool if self.flags & LOGICAL else NUMBERS[self.kind])

    @property
    def plain(self) -> "np.dtype[Any]":
        """Of its numbers, as they are stored: whole numbers take as few bytes as hold them."""
        return np.dtype(self.order + PLAIN[self.stored])


def elements(handle: IO[bytes], size: int) -> Iterator[Element]:
    """The arrays of a file of so many bytes. Raises Damaged, or zlib.error."""
    order = {b"IM": "<", b"MI": ">"}.get(handle.read(HEADER)[-2:])
    if order is None:
        raise Damaged("it has no header of a MAT-file")
    at, met = HEADER, 0
    while at < size:
        handle.seek(at)
        kind, length = _pair(LeftBytes(handle, 8), order)
        at, met = at + 8, met + 1
        if at + length > size or met > MOST:
            raise Damaged("it is cut short" if met <= MOST else f"it holds more than {MOST} arrays")
        if kind in (MATRIX, PACKED):
            found = _element(handle, at, length, kind == PACKED, order)
            if found.name:  # what MATLAB keeps for itself has none
                yield found
        at += length


def numbers(handle: IO[bytes], element: Element) -> Array:
    """All numbers of an element, in its shape."""
    stream = _values(handle, element)
    flat = np.empty(math.prod(element.shape), element.plain)
    into = flat.view(np.uint8).data
    for at in range(0, len(into), BLOCK_BYTES):
        into[at : at + BLOCK_BYTES] = stream.read(min(BLOCK_BYTES, len(into) - at))
    stream.finish()
    return flat.astype(element.dtype, copy=False).reshape(element.shape, order="F")


def rows_of(handle: IO[bytes], element: Element, start: int, stop: int) -> Array:
    """Some rows of a matrix that is not deflated; it is stored column by column."""
    rows, dim = element.shape
    block = np.empty((dim, stop - start), element.dtype)
    for number, column in enumerate(block):
        handle.seek(
            element.start + element.offset + (number * rows + start) * element.plain.itemsize
        )
        part = LeftBytes(handle, column.size * element.plain.itemsize)
        column[:] = np.frombuffer(part.read(part.left), element.plain)
    return block.T


def texts(handle: IO[bytes], element: Element) -> list[str]:
    """The texts of an array of characters, a row each, or of a cell of such rows."""
    stream = _values(handle, element)
    if element.kind == CHAR:
        held = _characters(stream, element.shape, element.stored, element.nbytes, element.order)
    else:
        held = [_text_of_cell(stream, element, row) for row in range(math.prod(element.shape))]
    stream.finish()
    return held


def _pair(stream: LeftBytes, order: str) -> tuple[int, int]:
    first, second = np.frombuffer(stream.read(8), f"{order}u4").tolist()
    return first, second


def _tag(stream: LeftBytes, order: str) -> tuple[int, int, bytes | None]:
    """The type and length of the next element, and its data where they are within the tag."""
    tag = stream.read(8)
    kind, length = np.frombuffer(tag, f"{order}u4").tolist()
    if kind >> 16:
        kind, length = kind & 0xFFFF, kind >> 16
        if length > 4:
            raise Damaged("an element is longer than its tag")
        return kind, length, tag[4 : 4 + length]
    return kind, length, None


def _short(stream: LeftBytes, order: str) -> tuple[int, bytes]:
    """The next element of a header: its type and its data."""
    kind, length, data = _tag(stream, order)
    if data is not None:
        return kind, data
    if length > LONGEST:
        raise Damaged("a header is too long")
    return kind, stream.read(length + -length % 8)[:length]


def _header(stream: LeftBytes, order: str) -> tuple[int, int, tuple[int, ...], str]:
    """Kind, flags, shape and name of the array that begins here."""
    of_flags, flags = _short(stream, order)
    if of_flags != 6 or len(flags) != 8:
        raise Damaged("an array has no flags")
    word = int(np.frombuffer(flags, f"{order}u4")[0])
    kind = word & 0xFF
    if kind == 17:  # has no dimensions
        return kind, word, (), _short(stream, order)[1].decode("latin-1")
    of_shape, shape = _short(stream, order)
    sizes = np.frombuffer(shape, f"{order}i4").tolist() if of_shape == 5 else []
    if len(sizes) < 2 or min(sizes) < 0:
        raise Damaged("an array has impossible dimensions")
    return kind, word, tuple(sizes), _short(stream, order)[1].decode("utf-8", "replace")


def _element(handle: IO[bytes], start: int, size: int, packed: bool, order: str) -> Element:
    handle.seek(start)
    stream = InflatedBytes(handle, size) if packed else LeftBytes(handle, size)
    most = stream.left
    if packed and _pair(stream, order)[0] != MATRIX:
        raise Damaged("what is deflated is no array")
    kind, flags, shape, name = _header(stream, order)
    stored = nbytes = 0
    at = most - stream.left
    if kind in NUMBERS or kind == CHAR:
        stored, nbytes, inside = _tag(stream, order)
        at = most - stream.left - (0 if inside is None else 4)
        count = math.prod(shape)
        if kind in NUMBERS and (stored not in PLAIN or nbytes != count * _width(stored)):
            raise Damaged(f"{name[:100]!r} has {nbytes} bytes for the shape {shape}")
        if nbytes > max(stream.left, 0 if inside is None else 4):
            raise Damaged("it is cut short")
    return Element(name, kind, flags, shape, start, size, packed, order, at, stored, nbytes)


def _width(stored: int) -> int:
    return np.dtype(PLAIN[stored]).itemsize


def _values(handle: IO[bytes], element: Element) -> LeftBytes:
    """The bytes of an element from its values on."""
    handle.seek(element.start)
    stream: LeftBytes = (InflatedBytes if element.packed else LeftBytes)(handle, element.size)
    left = element.offset
    while left:
        left -= len(stream.read(min(left, BLOCK_BYTES)))
    return stream


def _characters(
    stream: LeftBytes, shape: tuple[int, ...], stored: int, nbytes: int, order: str
) -> list[str]:
    """The rows of a matrix of characters, without the blanks that fill them."""
    if stored not in TEXTS or len(shape) != 2:
        raise Damaged("text is of a kind that is not known")
    codec = TEXTS[stored]
    codec += {"<": "-le", ">": "-be"}[order] if codec in ("utf-16", "utf-32") else ""
    text = stream.read(nbytes).decode(codec)
    if shape[0] == 1:
        return [text.rstrip(" ")]
    if len(text) != math.prod(shape):
        raise Damaged(f"has {len(text)} characters for the shape {shape}")
    return [text[row :: shape[0]].rstrip(" ") for row in range(shape[0])]


def _text_of_cell(stream: LeftBytes, element: Element, row: int) -> str:
    order = element.order
    of_cell, length, _ = _tag(stream, order)
    if of_cell != MATRIX:
        raise Damaged("a cell holds no array")
    end = stream.left - length
    kind, _, shape, _ = _header(stream, order)
    if kind != CHAR or len(shape) != 2 or shape[0] > 1:
        raise Damaged(f"cell {row} of {element.name[:100]!r} holds no text of one line")
    stored, nbytes, inside = _tag(stream, order)
    if inside is not None:
        within = LeftBytes(BytesIO(inside), nbytes)
        return "".join(_characters(within, (1, shape[1]), stored, nbytes, order))
    if nbytes > stream.left - end:
        raise Damaged("it is cut short")
    told = "".join(_characters(stream, (1, shape[1]), stored, nbytes, order))
    stream.read(stream.left - end)
    return told

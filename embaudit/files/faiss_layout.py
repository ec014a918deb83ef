"""Where an index file of FAISS keeps its vectors, found without FAISS, which never sees the file.

The layout is that of faiss/impl/index_write.cpp: each index is four letters, a header and what its
kind has; a vector of values is their number and the values. Kinds that keep vectors, or a scalar
code of each dimension, are read; those that keep codes of whole vectors are refused.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np

from embaudit.data import Array
from embaudit.errors import InputRefused
from embaudit.files.faiss_codes import DECODERS
from embaudit.files.file_status import StoredFile

DEEPEST = 8  # indexes within indexes
LARGEST_DIM = 1 << 20  # of FAISS itself
HASHED = 2  # the kind of a direct map that is a table
FLAT = (b"IxF2", b"IxFI", b"IxFl")
GRAPHS = (b"IHNf", b"IHNs", b"IH00")
MAPPED = (b"IxMp", b"IxM2")
NULL = b"null"
CODED = {
    b"IxPQ": "product quantisation",
    b"IxPq": "product quantisation",
    b"IwPQ": "product quantisation",
    b"IwQR": "product quantisation",
    b"IHNp": "product quantisation",
    b"IwPf": "product quantisation",
    b"IPfs": "product quantisation",
    b"IxHE": "hashes",
    b"IxHe": "hashes",
    b"IxRQ": "residual quantisation",
    b"IxRq": "residual quantisation",
    b"IxPT": "vectors that were transformed",
    b"IxRF": "codes that are refined",
}

Decode = Callable[[Array], Array]


@dataclass(frozen=True)
class Run:
    """Codes that stand one behind the other. start: in the file; ids: where theirs begin, if any.

    group: of the centroids to which they are relative.
    """

    start: int
    rows: int
    ids: int | None = None
    group: int = 0


@dataclass(frozen=True)
class StoredVectors:
    """What an index keeps: (rows, dim), in runs of codes of `width` bytes, each decoded to float32.

    by_id: whether rows lie in no order of their own, but have ids. ids: where those of all rows
    begin, of an index that maps them. centroids: where those begin to which codes are relative.
    """

    rows: int
    dim: int
    width: int
    decode: Decode
    runs: tuple[Run, ...]
    by_id: bool = False
    ids: int | None = None
    centroids: int | None = None


def stored_vectors(handle: IO[bytes], file: StoredFile) -> StoredVectors:
    """From the headers. Raises InputRefused for other kinds, and for sizes that cannot be."""
    cursor = _Cursor(handle, file)
    found = _index(cursor, 0)
    if found is None:
        cursor.refuse("an index without vectors")
    if cursor.at != file.size:
        cursor.refuse(f"{file.size - cursor.at} bytes follow the index")
    assert found is not None
    return found


class _Cursor:
    """A place in the file, checked before anything is read or left behind."""

    def __init__(self, handle: IO[bytes], file: StoredFile) -> None:
        self.file, self._handle, self.at = file, handle, 0

    def refuse(self, why: str) -> None:
        raise InputRefused(
            f"{self.file.path}: is damaged, or no FAISS index that is known: {why}.",
            "Write it again with faiss.write_index.",
        )

    def read(self, size: int) -> bytes:
        begin = self.skip(size)
        self._handle.seek(begin)
        data = self._handle.read(size)
        if len(data) < size:
            self.refuse("it is cut short")
        return data

    def skip(self, size: int) -> int:
        """Pass by so many bytes; returns where they begin."""
        if size < 0 or self.at + size > self.file.size:
            self.refuse("it is cut short")
        self.at += size
        return self.at - size

    def number(self, kind: str) -> Any:
        return struct.unpack(f"<{kind}", self.read(struct.calcsize(f"<{kind}")))[0]

    def values(self, width: int) -> tuple[int, int]:
        """Of a vector: where its values begin, and how many there are."""
        count = self.number("Q")
        return self.skip(count * width), count

    def array(self, dtype: str) -> Array:
        """The values of a vector, which are as many as the file may hold."""
        begin, count = self.values(np.dtype(dtype).itemsize)
        self.at = begin
        return np.frombuffer(self.read(count * np.dtype(dtype).itemsize), dtype)


def _index(cursor: _Cursor, depth: int) -> StoredVectors | None:
    if depth > DEEPEST:
        cursor.refuse("indexes within indexes")
    kind = cursor.read(4)
    if kind == NULL:
        return None
    if kind in FLAT:
        return _flat(cursor)
    if kind == b"IxSQ":
        rows, dim = _header(cursor)
        width, decode = _scalar_quantizer(cursor, dim)
        start, size = cursor.values(1)
        return _checked(cursor, rows, dim, width, decode, start, size)
    if kind in (b"IwFl", b"IwSQ", b"IwSq"):
        return _inverted(cursor, kind, depth)
    if kind in GRAPHS:
        rows, dim = _header(cursor)
        for width in (8, 4, 4, 8, 4):  # probabilities, neighbours a level, levels, offsets, graph
            cursor.values(width)
        cursor.skip(5 * 4)
        return _within(cursor, rows, dim, depth)
    if kind in MAPPED:
        rows, dim = _header(cursor)
        inner = _within(cursor, rows, dim, depth)
        start, count = cursor.values(8)
        if count != rows:
            cursor.refuse(f"{count} ids for {rows} rows")
        return replace(inner, ids=start)
    if kind in CODED:
        raise InputRefused(
            f"{cursor.file.path}: keeps {CODED[kind]}, and not the vectors.",
            "Audit the embeddings that were added to it.",
        )
    cursor.refuse(f"its kind is {kind!r}")
    return None


def _within(cursor: _Cursor, rows: int, dim: int, depth: int) -> StoredVectors:
    """The index in another one, which must be of as many rows and dimensions."""
    found = _index(cursor, depth + 1)
    if found is None:
        cursor.refuse("an index without vectors")
    assert found is not None
    if (found.rows, found.dim) != (rows, dim):
        cursor.refuse(f"{rows} x {dim} around {found.rows} x {found.dim}")
    return found


def _header(cursor: _Cursor) -> tuple[int, int]:
    """Rows and dimensions."""
    dim, rows = cursor.number("i"), cursor.number("q")
    cursor.skip(2 * 8 + 1)
    if cursor.number("i") > 1:  # a metric with an argument
        cursor.skip(4)
    if not 0 < dim <= LARGEST_DIM or rows < 0:
        cursor.refuse(f"{rows} rows of {dim} dimensions")
    return rows, dim


def _flat(cursor: _Cursor) -> StoredVectors:
    rows, dim = _header(cursor)
    start, count = cursor.values(4)
    return _checked(cursor, rows, dim, 4 * dim, _float32, start, 4 * count)


def _checked(
    cursor: _Cursor, rows: int, dim: int, width: int, decode: Decode, start: int, size: int
) -> StoredVectors:
    if size != rows * width:
        cursor.refuse(f"{size} bytes for {rows} rows of {width}")
    return StoredVectors(rows, dim, width, decode, (Run(start, rows),))


def _inverted(cursor: _Cursor, kind: bytes, depth: int) -> StoredVectors:
    """An index of inverted lists: the rows of each list together, with their ids."""
    rows, dim = _header(cursor)
    cursor.skip(2 * 8)
    coarse = _index(cursor, depth + 1)
    hashed = cursor.number("B") == HASHED
    cursor.values(8)
    if hashed:
        cursor.values(16)
    width, relative = 4 * dim, False
    decode: Decode = _float32
    if kind != b"IwFl":
        width, decode = _scalar_quantizer(cursor, dim)
        cursor.skip(8)
        relative = True if kind == b"IwSQ" else bool(cursor.number("B"))
    runs = _lists(cursor, width)
    if sum(run.rows for run in runs) != rows:
        cursor.refuse(f"{sum(run.rows for run in runs)} rows in the lists of {rows}")
    centroids = None
    if relative:
        flat = coarse is not None and coarse.decode is _float32 and not coarse.by_id
        if not flat or coarse is None or coarse.dim != dim:
            cursor.refuse("codes relative to centroids that are no vectors")
        assert coarse is not None
        if max((run.group for run in runs), default=0) >= coarse.rows:
            cursor.refuse("more lists than centroids")
        centroids = coarse.runs[0].start
    return StoredVectors(rows, dim, width, decode, runs, by_id=True, centroids=centroids)


def _lists(cursor: _Cursor, width: int) -> tuple[Run, ...]:
    if (kind := cursor.read(4)) != b"ilar":
        cursor.refuse(f"its lists are not in the file ({kind!r})")
    lists, own = cursor.number("Q"), cursor.number("Q")
    form, told = cursor.read(4), cursor.array("<u8")
    if own != width or form not in (b"full", b"sprs"):
        cursor.refuse(f"lists of {own} bytes a row instead of {width}")
    if form == b"full":
        sizes = [*enumerate(told.tolist())]
        sound = len(told) == lists
    else:
        sizes = [*zip(told[::2].tolist(), told[1::2].tolist(), strict=False)]
        sound = len(told) % 2 == 0 and (not len(told) or int(told[::2].max()) < lists)
    if not sound:
        cursor.refuse("sizes of other lists than there are")
    runs = []
    for group, rows in sizes:
        if rows:
            start = cursor.skip(rows * width)
            runs.append(Run(start, rows, cursor.skip(rows * 8), group))
    return tuple(runs)


def _scalar_quantizer(cursor: _Cursor, dim: int) -> tuple[int, Decode]:
    """Bytes of a row, and how they are decoded."""
    kind = cursor.number("i")
    cursor.skip(2 * 4)
    own, width = cursor.number("Q"), cursor.number("Q")
    trained = cursor.array("<f4")
    if own != dim:
        cursor.refuse(f"codes of {own} dimensions in an index of {dim}")
    decode, expected, ranges = DECODERS.get(kind, (None, 0, 0))
    if decode is None:
        raise InputRefused(
            f"{cursor.file.path}: keeps scalar codes of a kind that is not read ({kind}).",
            "Audit the embeddings that were added to it.",
        )
    size = {0: 0, 1: 2, 2: 2 * dim}[ranges]
    if width != (dim * expected + 7) // 8 or len(trained) != size:
        cursor.refuse(f"codes of {width} bytes for {dim} dimensions of {expected} bits")
    low, span = trained[: size // 2], trained[size // 2 :]
    return width, lambda codes: decode(codes, dim, low, span)


def _float32(codes: Array) -> Array:
    return codes.view("<f4")

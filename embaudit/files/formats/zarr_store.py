"""A Zarr store, a folder or a zip of one: its arrays, by their paths, read in blocks (an extra).

The library sees no path: it is given the values of keys, as they were when first seen.
"""

import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from embaudit.core.machine import readable
from embaudit.data import Array, Notice
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused, shown
from embaudit.files.column import EXPANSION, FREELY, Column, Table, repeated, stored_name
from embaudit.files.extra_library import needed
from embaudit.files.file_status import StoredFile
from embaudit.files.folder_as_file import StoredFolder
from embaudit.files.read_faults import reading
from embaudit.files.zarr_header import ArrayHeader, headers_in

FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def describe(file: StoredFile) -> Table:
    """A column an array, from its header. Needs embaudit[zarr]."""
    needed("zarr", "zarr", file)
    with reading(file.at, *FAULTS), _values(file) as values:
        headers = headers_in(values.sizes, values, file.path)
        if not headers:
            raise InputRefused(
                f"{file.path}: holds no Zarr array.",
                "Give the folder that has a zarr.json, .zgroup or .zarray; unpack another zip.",
            )
        return Table(file, tuple(_column(file, values, header) for header in headers))


class _Values(Mapping[str, bytes]):
    """The values of a store by their keys, fetched when they are asked for; sizes: in bytes."""

    def __init__(self, sizes: Mapping[str, int], fetch: Callable[[str], bytes]) -> None:
        self.sizes, self._fetch = sizes, fetch

    def __getitem__(self, key: str) -> bytes:
        if key not in self.sizes:
            raise KeyError(key)
        return self._fetch(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.sizes)

    def __len__(self) -> int:
        return len(self.sizes)


@contextmanager
def _values(file: StoredFile) -> Iterator[_Values]:
    if isinstance(file, StoredFolder):
        files = file.by_name
        yield _Values({name: one.size for name, one in files.items()}, lambda key: _all(files[key]))
        return
    with file.opened() as handle, zipfile.ZipFile(handle) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if problem := repeated([one.filename for one in members], "members"):
            raise InputRefused(f"{file.path}: {problem}.", "Save it again.")
        for one in members:
            if one.file_size > max(FREELY, EXPANSION * one.compress_size):
                raise InputRefused(
                    f"{file.path}: {one.filename!r} expands from {readable(one.compress_size)} to "
                    f"{readable(one.file_size)}.",
                    "If that is meant, unpack it.",
                )
        yield _Values({one.filename: one.compress_size for one in members}, archive.read)


def _all(file: StoredFile) -> bytes:
    with file.opened() as handle:
        return handle.read()


@contextmanager
def _array(file: StoredFile, values: _Values, header: ArrayHeader) -> Iterator[Any]:
    """The array of the library; it reads a chunk when it is asked for values there."""
    zarr = needed("zarr", "zarr", file)
    buffer = zarr.core.buffer.cpu.Buffer
    held = _Values(values.sizes, lambda key: buffer.from_bytes(values[key]))
    store = zarr.storage.MemoryStore(held, read_only=True)
    yield zarr.open_array(store, path=header.path, mode="r", zarr_format=header.version)


def _column(file: StoredFile, values: _Values, header: ArrayHeader) -> Column:
    stored = [size for key, size in values.sizes.items() if header.holds(key)]
    dtype, told = _dtype_of(file, values, header)
    itemsize = dtype.itemsize or 8 if dtype is not None else 0
    nbytes, chunk = math.prod(header.shape) * itemsize, math.prod(header.chunks) * itemsize
    if chunk > max(FREELY, nbytes):
        dtype, told = None, f"chunks of {readable(chunk)}, more than all of it"
    in_rows = dtype is not None and dtype.kind in "fiu" and len(header.shape) == 2 and nbytes > 0
    blocks = partial(_blocks, file, header) if in_rows and chunk <= FREELY else None
    return Column(
        file.path,
        header.path,
        header.shape,
        dtype,
        told,
        nbytes,
        partial(_read, file, header),
        blocks,
        whole=blocks is None,
        packed=sum(stored),
        notice=_incomplete(file, header, len(stored)),
    )


def _incomplete(file: StoredFile, header: ArrayHeader, stored: int) -> Notice | None:
    """A warning of chunks that are not there: not written, as all in them is alike, or lost."""
    if stored >= header.count:
        return None
    told = (
        f"{file.path}: {header.count - stored} of the {header.count} chunks of "
        f"{header.path or 'the array'!r} are not stored: their values are {shown(header.fill, 40)}."
    )
    return Notice("missing_chunks", told)


def _dtype_of(
    file: StoredFile, values: _Values, header: ArrayHeader
) -> "tuple[np.dtype[Any] | None, str]":
    """The dtype as which an array is read, None where it is not; and what it holds."""
    if header.unknown is not None:
        return None, f"data packed by a codec that is not known ({header.unknown[:40]!r})"
    try:
        with _array(file, values, header) as array:
            dtype: np.dtype[Any] = np.dtype(array.dtype)
    except FAULTS:
        return None, "data of a type that is not known"
    if dtype.kind == "T" or (dtype.kind == "O" and header.text):
        return np.dtype("U"), "str"
    if dtype.kind in "US" or (dtype.kind in "biuf" and dtype.itemsize <= 8):
        return dtype, stored_name(dtype)
    return None, "objects" if dtype.kind == "O" else str(dtype)[:80]


def _read(file: StoredFile, header: ArrayHeader) -> Array:
    with reading(file.at, *FAULTS), _values(file) as values, _array(file, values, header) as array:
        found: Array = array[...]
        return found.astype(object) if found.dtype.kind == "T" else found


def _blocks(file: StoredFile, header: ArrayHeader) -> Iterator[Array]:
    """Rows in blocks of whole chunks: a chunk is unpacked for each look into it."""
    rows, dim = header.shape
    with reading(file.at, *FAULTS), _values(file) as values, _array(file, values, header) as array:
        step = rows_at_once(dim, array.dtype.itemsize)
        step = max(1, step // header.chunks[0]) * header.chunks[0]
        for start in range(0, rows, step):
            yield array[start : start + step]

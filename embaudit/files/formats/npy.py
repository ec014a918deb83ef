"""A `.npy` file: its header checked by us before numpy sees the file, its data read in blocks."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import IO

import numpy as np

from embaudit.data import Array
from embaudit.data.array_coercion import squeezed
from embaudit.data.finite_values import BLOCK_BYTES, rows_at_once
from embaudit.errors import InputRefused
from embaudit.files.column import Column, Table
from embaudit.files.file_status import StoredFile
from embaudit.files.npy_header import Header, read_header
from embaudit.files.read_faults import reading


def describe(file: StoredFile) -> Table:
    """The one, nameless column of a .npy file, from its header and its size."""
    with reading(file.at), file.opened() as handle:
        header = read_header(handle, file.size, file.path)
    column = _column(file, header)
    if flat := header.squeezed():
        matrix = replace(
            _column(file, flat), notice=squeezed(column.where, header.shape, flat.shape)
        )
        column = replace(column, vectors=lambda: matrix)
    return Table(file, (column,))


def _column(file: StoredFile, header: Header) -> Column:
    blocks = None
    if header.nbytes and len(header.shape) == 2 and (file.at.local or not header.fortran):
        blocks = partial(_columnwise if header.fortran else _blocks, file, header)
    return Column(
        file.path,
        "",
        header.shape,
        header.dtype,
        header.stored,
        header.nbytes,
        partial(_read, file, header),
        blocks,
        whole=blocks is None,
    )


def _read(file: StoredFile, header: Header) -> Array:
    with reading(file.at), file.opened() as stream:
        return array_of(stream, header, file.path)


def _blocks(file: StoredFile, header: Header) -> Iterator[Array]:
    with reading(file.at), file.opened() as stream:
        yield from row_stream(stream, header, file.path)


def _columnwise(file: StoredFile, header: Header) -> Iterator[Array]:
    """Blocks of rows of a matrix that is stored column by column."""
    assert header.dtype is not None
    rows, dim = header.shape
    width = header.dtype.itemsize
    step = rows_at_once(dim, width)
    with reading(file.at), file.opened() as stream:
        for start in range(0, rows, step):
            block = np.empty((dim, min(step, rows - start)), header.dtype)
            for number, column in enumerate(block):
                at = header.offset + (number * rows + start) * width
                part = os.pread(stream.fileno(), column.nbytes, at)
                if len(part) < column.nbytes:
                    raise InputRefused(f"{file.path}: is truncated; save or copy it again.")
                column[:] = np.frombuffer(part, header.dtype)
            yield block.T


def array_of(stream: IO[bytes], header: Header, where: str) -> Array:
    """The values of .npy bytes. Raises InputRefused if the stream ends early or late."""
    stream.read(header.offset)
    data = np.empty(header.shape, header.dtype, order=header.order)
    if not filled(stream, data) or stream.read(1):
        raise InputRefused(f"{where} is truncated.", "Save the file again.")
    return data


def row_stream(stream: IO[bytes], header: Header, where: str) -> Iterator[Array]:
    """The rows of .npy bytes in blocks; none is mapped: where it shrinks, a read would crash.

    Raises InputRefused if the stream ends early or late; its end is where a zip checks its sum.
    """
    assert header.dtype is not None
    rows, dim = header.shape
    step = rows_at_once(dim, header.dtype.itemsize)
    stream.read(header.offset)
    for start in range(0, rows, step):
        block = np.empty((min(step, rows - start), dim), header.dtype)
        if not filled(stream, block):
            raise InputRefused(f"{where}: is truncated.", "Save or copy it again.")
        yield block
    if stream.read(1):
        raise InputRefused(f"{where}: more bytes follow the data.", "Save it again.")


def filled(stream: IO[bytes], array: Array) -> bool:
    """Fill the array's memory from the stream; False if that ends early."""
    into = array.reshape(-1, order="A").view(np.uint8).data
    done = 0
    while done < len(into):
        part = stream.read(min(BLOCK_BYTES, len(into) - done))
        if not part:
            return False
        into[done : done + len(part)] = part
        done += len(part)
    return True

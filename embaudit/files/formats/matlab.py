"""A `.mat` file: arrays by their names, of MATLAB 5 to 7, or of 7.3, which is HDF5 (an extra).

Axes are as MATLAB shows them: a matrix of N rows and n columns is (N, n).
"""

import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from embaudit.data import Array
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused
from embaudit.files import matlab_elements as mat
from embaudit.files.bounded_reader import Damaged
from embaudit.files.column import Column, Table, repeated, stored_name
from embaudit.files.extra_library import needed
from embaudit.files.file_status import StoredFile
from embaudit.files.formats import hdf5
from embaudit.files.matlab_elements import CELL, CHAR, Element
from embaudit.files.read_faults import reading

OF_HDF5 = b"\x89HDF\r\n\x1a\n"
BEHIND = 512  # bytes that stand before HDF5, for the header of a MAT-file
OWN = "#"  # begins the names of what MATLAB keeps for itself


def describe(file: StoredFile) -> Table:
    """A column an array, from its header. MATLAB 7.3 needs embaudit[hdf5]."""
    with reading(file.at), file.opened() as handle:
        head = handle.read(BEHIND + len(OF_HDF5))
    newer = OF_HDF5 in (head[: len(OF_HDF5)], head[BEHIND:])
    columns = _of_hdf5(file) if newer else _of_elements(file)
    if problem := repeated([column.name for column in columns], "arrays"):
        raise InputRefused(f"{file.path}: {problem}.", "Save it again.")
    if not columns:
        raise InputRefused(f"{file.path}: holds no arrays.", "Save some: save('x.mat', 'x').")
    return Table(file, tuple(map(_flat, columns)))


def _flat(column: Column) -> Column:
    """MATLAB has no vectors: what is (N, 1) or (1, N) there is one value a row."""
    if len(column.shape) != 2 or 1 not in column.shape or column.dtype is None:
        return column
    rows = (math.prod(column.shape),)
    flat = replace(
        column, shape=rows, read=lambda: column.read().reshape(-1), blocks=None, whole=True
    )
    return replace(flat, vectors=lambda: column) if column.shape[1] == 1 else flat


@contextmanager
def _understood(file: StoredFile) -> Iterator[Any]:
    """The file, opened; what is wrong with it is told."""
    with reading(file.at, zlib.error, UnicodeDecodeError, OverflowError), file.opened() as handle:
        try:
            yield handle
        except Damaged as damage:
            raise InputRefused(
                f"{file.path}: cannot be read: {damage}.",
                "Save it again: save('x.mat', 'x', '-v7').",
            ) from damage


def _of_elements(file: StoredFile) -> list[Column]:
    with _understood(file) as handle:
        return [_column(file, one) for one in mat.elements(handle, file.size)]


def _column(file: StoredFile, element: Element) -> Column:
    if element.kind in (CHAR, CELL):
        rows = element.shape[0] if element.kind == CHAR else math.prod(element.shape)
        read = partial(_texts, file, element)
        return _text_column(file, element.name, rows, element.size, read)
    dtype = element.dtype
    if dtype is None:
        told = mat.OTHERS.get(element.kind, "complex numbers")
        return Column(file.path, element.name, element.shape, None, told, 0, _unreadable)
    nbytes = math.prod(element.shape) * dtype.itemsize
    in_rows = len(element.shape) == 2 and nbytes > 0 and not element.packed
    return Column(
        file.path,
        element.name,
        element.shape,
        dtype,
        stored_name(dtype),
        nbytes,
        partial(_numbers, file, element),
        partial(_blocks, file, element) if in_rows else None,
        whole=not in_rows,
        packed=element.size,
    )


def _text_column(
    file: StoredFile, name: str, rows: int, size: int, read: Callable[[], Any]
) -> Column:
    return Column(file.path, name, (rows,), np.dtype("U"), "str", size, read)


def _numbers(file: StoredFile, element: Element) -> Array:
    with _understood(file) as handle:
        return mat.numbers(handle, element)


def _texts(file: StoredFile, element: Element) -> list[str]:
    with _understood(file) as handle:
        return mat.texts(handle, element)


def _blocks(file: StoredFile, element: Element) -> Iterator[Array]:
    rows, dim = element.shape
    step = rows_at_once(dim, element.plain.itemsize)
    with _understood(file) as handle:
        for start in range(0, rows, step):
            yield mat.rows_of(handle, element, start, min(rows, start + step))


def _of_hdf5(file: StoredFile) -> list[Column]:
    with reading(file.at, *hdf5.FAULTS), hdf5.opened(file) as root:
        found = hdf5.datasets(file, root, without=OWN)
        return [_column_of_hdf5(file, name, dataset) for name, dataset in found]


def _column_of_hdf5(file: StoredFile, name: str, dataset: Any) -> Column:
    kind = bytes(dataset.attrs.get("MATLAB_class", b"")).decode("latin-1")
    column = hdf5.column_of(file, name, dataset, turned=True)
    if "MATLAB_empty" in dataset.attrs:  # what it holds is its shape
        return replace(column, dtype=None, stored="nothing")
    if kind == "char" and len(column.shape) == 2:
        rows, read = column.shape[0], partial(_lines, column)
        return _text_column(file, name, rows, column.nbytes, read)
    if kind == "cell":
        rows = math.prod(column.shape)
        return _text_column(file, name, rows, 8 * rows, partial(_cells, file, name))
    return column


def _lines(column: Column) -> list[str]:
    """Rows of characters, which are numbers there, without the blanks that fill them."""
    return [_text(row) for row in column.read()]


def _text(characters: Array) -> str:
    return characters.astype("<u2").tobytes().decode("utf-16-le", "replace").rstrip(" ")


def _cells(file: StoredFile, name: str) -> list[str]:
    """The texts of a cell, each in a dataset that it refers to, within the file."""
    h5py, texts = needed("h5py", "hdf5", file), []
    with reading(file.at, *hdf5.FAULTS), hdf5.opened(file) as root:
        for row, held in enumerate(root[name][()].reshape(-1)):
            found = root[held] if isinstance(held, h5py.Reference) else None
            kind = b"" if found is None else bytes(found.attrs.get("MATLAB_class", b""))
            if kind != b"char" or found is None or (found.ndim == 2 and found.shape[1] > 1):
                raise InputRefused(
                    f"{file.path}: cell {row} of {name!r} holds no text of one line.",
                    "Save the labels as numbers or cellstr(labels).",
                )
            empty = "MATLAB_empty" in found.attrs
            texts.append("" if empty else _text(found[()].reshape(-1)))
    return texts


def _unreadable() -> Array:
    raise AssertionError("a column without a dtype is refused before it is read")

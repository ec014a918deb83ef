"""A `.faiss` or `.index` file: the vectors that an index of FAISS keeps, read without FAISS.

Rows stand in the order in which they were added; those of inverted lists in the order of their ids,
which is that order unless they were added with ids of their own. Such ids are a column.
"""

from collections.abc import Iterator
from functools import partial
from typing import IO, Any

import numpy as np

from embaudit.data import Array
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused
from embaudit.files.column import Column, Table
from embaudit.files.faiss_layout import StoredVectors, stored_vectors
from embaudit.files.file_status import StoredFile
from embaudit.files.formats.npy import filled
from embaudit.files.read_faults import reading

FLOAT32 = np.dtype(np.float32)


def describe(file: StoredFile) -> Table:
    """The vectors, and where there are any their ids, from the headers."""
    with reading(file.at), file.opened() as handle:
        found = stored_vectors(handle, file)
        numbered = _has_ids(handle, file, found)
    shape = found.rows, found.dim
    blocks = partial(_blocks, file, found)
    nbytes = found.rows * found.dim * FLOAT32.itemsize
    columns = [
        Column(
            file.path,
            "embedding",
            shape,
            FLOAT32,
            "float32",
            nbytes,
            partial(_stacked, blocks, found.dim),
            blocks,
        )
    ]
    if numbered:
        read = partial(_ids, file, found)
        columns.append(
            Column(file.path, "id", shape[:1], np.dtype(np.int64), "int64", 8 * found.rows, read)
        )
    return Table(file, tuple(columns))


def _stacked(blocks: Any, dim: int) -> Array:
    return np.concatenate([np.empty((0, dim), FLOAT32), *blocks()])


def _has_ids(handle: IO[bytes], file: StoredFile, found: StoredVectors) -> bool:
    """Whether its ids are others than the numbers of the rows."""
    if found.ids is not None or not found.by_id:
        return found.ids is not None
    return not np.array_equal(_places(handle, file, found)[0], np.arange(found.rows))


def _ids(file: StoredFile, found: StoredVectors) -> Array:
    """(N,) ids of the rows, in their order."""
    with reading(file.at), file.opened() as handle:
        if found.ids is not None:
            return _values(handle, file, found.ids, found.rows, "<i8")
        ids, _, _ = _places(handle, file, found)
        return ids


def _blocks(file: StoredFile, found: StoredVectors) -> Iterator[Array]:
    step = rows_at_once(found.dim, FLOAT32.itemsize)
    with reading(file.at), file.opened() as handle:
        if not found.by_id:
            (run,) = found.runs
            for first in range(0, run.rows, step):
                start, size = run.start + first * found.width, min(step, run.rows - first)
                codes = _values(handle, file, start, size * found.width, "u1")
                yield found.decode(codes.reshape(size, found.width))
            return
        _, places, groups = _places(handle, file, found)
        for first in range(0, found.rows, step):
            part = slice(first, first + step)
            vectors = found.decode(_gathered(handle, file, places[part], found.width))
            if found.centroids is not None:
                at = found.centroids + groups[part] * 4 * found.dim
                vectors = vectors + _gathered(handle, file, at, 4 * found.dim).view("<f4")
            yield vectors


def _places(
    handle: IO[bytes], file: StoredFile, found: StoredVectors
) -> tuple[Array, Array, Array]:
    """(N,) each, in the order of ids: ids, where the codes of a row are, and the list it is in."""
    empty = np.empty(0, np.int64)
    ids, places, groups = [empty], [empty], [empty]
    for run in found.runs:
        assert run.ids is not None
        ids.append(_values(handle, file, run.ids, run.rows, "<i8"))
        places.append(run.start + np.arange(run.rows) * found.width)
        groups.append(np.full(run.rows, run.group))
    order = np.argsort(np.concatenate(ids), kind="stable")
    known, where, group = (np.concatenate(parts)[order] for parts in (ids, places, groups))
    return known, where, group


def _gathered(handle: IO[bytes], file: StoredFile, places: Array, width: int) -> Array:
    """(n, width) bytes that begin at these places, read in the order of the file."""
    block = np.empty((len(places), width), np.uint8)
    for row in np.argsort(places, kind="stable").tolist():
        handle.seek(int(places[row]))
        _fill(handle, file, block[row])
    return block


def _values(handle: IO[bytes], file: StoredFile, start: int, count: int, dtype: str) -> Array:
    values = np.empty(count, dtype)
    handle.seek(start)
    _fill(handle, file, values)
    return values


def _fill(handle: IO[bytes], file: StoredFile, values: Array) -> None:
    if not filled(handle, values):
        raise InputRefused(f"{file.path}: is truncated.", "Save or copy it again.")

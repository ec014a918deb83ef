"""A folder of one `.npy` a row, or a folder of such a class: read as the one file they might be."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from embaudit.core.location import Location
from embaudit.data import Array
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused, first_few
from embaudit.files.column import Column, Table
from embaudit.files.file_status import StoredFile, status_of
from embaudit.files.folder_as_file import StoredFolder, name_of
from embaudit.files.formats.npy import array_of
from embaudit.files.npy_header import Header, read_header
from embaudit.files.read_faults import reading

SUFFIX = ".npy"


def holds_a_row(path: Location, axes: tuple[int, ...]) -> bool:
    """Whether it is a `.npy` of one vector of so many axes: (d,), or (1, d)."""
    if path.suffix.lower() != SUFFIX:
        return False
    try:
        header = _header(_stored(path))
    except InputRefused:  # told by who reads it as what it is
        return False
    return len(header.shape) in axes and _is_row(header)


def row_table(at: Location, files: Sequence[Location], labels: Sequence[str] | None) -> Table:
    """The table of files of a row each, with their names as ids.

    labels: one a file, of folders that are classes. Raises InputRefused, naming the files that
    hold no row like the first.
    """
    stored = tuple(map(_stored, files))
    headers = [_header(file) for file in stored]
    first = headers[0]
    other = [
        os.path.basename(str(file.at))
        for file, header in zip(stored, headers, strict=True)
        if not _is_row(header)
        or header.shape[-1:] != first.shape[-1:]
        or header.dtype != first.dtype
    ]
    if other:
        raise InputRefused(
            f"{at}: {len(other)} of {len(stored)} files hold no vector like the first "
            f"({first.shape[-1]} values of {first.stored}): {first_few(other)}.",
            "Embed all with one model, and keep other arrays elsewhere.",
        )
    assert first.dtype is not None
    folder = StoredFolder(at, "npy", status_of(at), files=stored)
    shape = len(stored), first.shape[-1]
    blocks = partial(_blocks, folder, headers, shape)
    path, size = folder.path, folder.size
    names = [name_of(file, at) for file in stored]
    columns = [
        Column(
            path,
            "embedding",
            shape,
            first.dtype,
            first.stored,
            shape[0] * shape[1] * first.dtype.itemsize,
            partial(_stacked, blocks),
            blocks,
        ),
        Column(path, "id", shape[:1], np.dtype("U"), "str", size, lambda: names),
    ]
    if labels is not None:
        classes = list(labels)
        columns.append(
            Column(path, "label", shape[:1], np.dtype("U"), "str", size, lambda: classes)
        )
    return Table(folder, tuple(columns))


def _stored(path: Location) -> StoredFile:
    status = status_of(path)
    if status.kind != "file":
        raise InputRefused(f"{path}: is no regular file.", "Save a file.")
    return StoredFile(path, "npy", status)


def _header(file: StoredFile) -> Header:
    with reading(file.at), file.opened() as handle:
        return read_header(handle, file.size, file.path)


def _is_row(header: Header) -> bool:
    numeric = header.dtype is not None and header.dtype.kind in "fiu"
    one = len(header.shape) == 1 or (len(header.shape) == 2 and header.shape[0] == 1)
    return numeric and one and header.shape[-1] > 1


def _stacked(blocks: Any) -> Array:
    return np.concatenate(list(blocks()))


def _blocks(folder: StoredFolder, headers: list[Header], shape: tuple[int, int]) -> Iterator[Array]:
    dtype = headers[0].dtype
    assert dtype is not None
    step = rows_at_once(shape[1], dtype.itemsize)
    for start in range(0, shape[0], step):
        block = np.empty((min(step, shape[0] - start), shape[1]), dtype)
        for place, row in enumerate(block):
            file, header = folder.files[start + place], headers[start + place]
            with reading(file.at), file.opened() as handle:
                row[:] = array_of(handle, header, file.path).reshape(-1)
        yield block

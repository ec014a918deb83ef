"""A `.fvecs`, `.bvecs` or `.ivecs` file: each vector behind its length.

http://corpus-texmex.irisa.fr
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from embaudit.data import Array
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused, first_few
from embaudit.files.column import Column, Table
from embaudit.files.file_status import StoredFile
from embaudit.files.formats.npy import filled
from embaudit.files.read_faults import reading

LENGTH = np.dtype("<i4")  # of the length before each vector
DTYPES: dict[str, "np.dtype[Any]"] = {
    "fvecs": np.dtype("<f4"),
    "bvecs": np.dtype(np.uint8),
    "ivecs": np.dtype("<i4"),
}


def describe(file: StoredFile) -> Table:
    """One nameless column, from the first length and the size of the file."""
    dtype = DTYPES[file.format]
    with reading(file.at), file.opened() as handle:
        first = handle.read(LENGTH.itemsize)
    dim = int.from_bytes(first, "little", signed=True)
    width = LENGTH.itemsize + dim * dtype.itemsize
    if len(first) < LENGTH.itemsize or dim < 1 or file.size % width:
        raise InputRefused(
            f"{file.path}: its {file.size} bytes are no vectors of {dim} values, each behind its "
            "length.",
            "It is cut short, or of another kind: .fvecs is float32, .bvecs bytes, .ivecs int32.",
        )
    rows = file.size // width
    blocks = partial(_blocks, file, dtype, (rows, dim))
    column = Column(
        file.path,
        "",
        (rows, dim),
        dtype,
        dtype.name,
        rows * dim * dtype.itemsize,
        partial(_stacked, blocks),
        blocks,
    )
    return Table(file, (column,))


def _stacked(blocks: Any) -> Array:
    return np.concatenate(list(blocks()))


def _blocks(file: StoredFile, dtype: "np.dtype[Any]", shape: tuple[int, int]) -> Iterator[Array]:
    """The vectors; each length is checked: behind one that lies, all would be shifted."""
    rows, dim = shape
    layout = np.dtype([("length", LENGTH), ("values", dtype, (dim,))])
    step = rows_at_once(dim, dtype.itemsize)
    with reading(file.at), file.opened() as handle:
        for start in range(0, rows, step):
            block = np.empty(min(step, rows - start), layout)
            if not filled(handle, block.view(np.uint8)):
                raise InputRefused(f"{file.path}: is truncated.", "Save or copy it again.")
            other = start + np.flatnonzero(block["length"] != dim)
            if len(other):
                raise InputRefused(
                    f"{file.path}: vectors of another length than the first ({dim} values), or "
                    f"none, in row {first_few(other.tolist())}.",
                    "Save them again, all of one length.",
                )
            yield np.ascontiguousarray(block["values"])

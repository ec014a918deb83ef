"""An `.h5` or `.hdf5` file: its datasets, by their paths, read in blocks by h5py (an extra).

Nothing beyond the file is read: no link to another file, no external or virtual storage, and no
filter that HDF5 would load as a plug-in.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from embaudit.data import Array
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused
from embaudit.files.column import FREELY, Column, Table, stored_name
from embaudit.files.extra_library import needed
from embaudit.files.file_status import StoredFile
from embaudit.files.pandas_hdf5_blocks import as_block
from embaudit.files.read_faults import reading

FAULTS = (RuntimeError, KeyError, ValueError, TypeError, OverflowError)  # of a damaged file
BUILT_IN = {1, 2, 3, 4, 5, 6, 32000}  # deflate, shuffle, Fletcher, szip, n-bit, scale-offset, LZF
DEEPEST = 8  # groups within groups
MOST = 10_000  # datasets and groups


def describe(file: StoredFile) -> Table:
    """A column a dataset, from its header. Needs embaudit[hdf5]."""
    with reading(file.at, *FAULTS), opened(file) as root:
        columns = tuple(
            as_block(column_of(file, name, one), partial(_names_of_block, file))
            for name, one in datasets(file, root)
        )
    if not columns:
        raise InputRefused(f"{file.path}: holds no datasets.", "Save them with h5py.")
    return Table(file, columns)


@contextmanager
def opened(file: StoredFile) -> Iterator[Any]:
    """The root of the file, as long as it is open."""
    h5py = needed("h5py", "hdf5", file)
    with file.opened() as handle, h5py.File(handle, "r") as root:
        yield root


def datasets(file: StoredFile, root: Any, without: str = "\0") -> Iterator[tuple[str, Any]]:
    """All datasets of the file itself, by their paths, but what is named with that in front."""
    h5py = needed("h5py", "hdf5", file)
    waiting = [("", root, 0)]
    met = 0
    while waiting:
        path, group, depth = waiting.pop(0)
        for name in group:
            if name.startswith(without):
                continue
            met += 1
            if met > MOST:
                raise InputRefused(
                    f"{file.path}: holds more than {MOST} datasets.",
                    "Save the embeddings in a file of their own.",
                )
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            found = group[name]
            if isinstance(found, h5py.Dataset):
                yield path + name, found
            elif isinstance(found, h5py.Group) and depth < DEEPEST:
                waiting.append((f"{path}{name}/", found, depth + 1))


def column_of(file: StoredFile, name: str, dataset: Any, *, turned: bool = False) -> Column:
    """The column of a dataset. turned: whether its axes stand the other way round."""
    shape = (dataset.shape or ())[:: -1 if turned else 1]
    dtype, stored = _dtype_of(file, dataset)
    nbytes = math.prod(shape) * ((dtype.itemsize or 8) if dtype is not None else 0)
    chunk = math.prod(dataset.chunks or (0,)) * dataset.dtype.itemsize
    in_rows = dtype is not None and dtype.kind in "fiu" and len(shape) == 2 and nbytes > 0
    blocks = partial(_blocks, file, name, turned) if in_rows and chunk <= FREELY else None
    return Column(
        file.path,
        name,
        shape,
        dtype,
        stored,
        nbytes,
        partial(_read, file, name, turned),
        blocks,
        whole=blocks is None,
        packed=dataset.id.get_storage_size(),
    )


def _dtype_of(file: StoredFile, dataset: Any) -> "tuple[np.dtype[Any] | None, str]":
    """The dtype as which a dataset is read, None where it is not; and what it holds."""
    h5py = needed("h5py", "hdf5", file)
    kept = dataset.id.get_create_plist()
    filters = {kept.get_filter(number)[0] for number in range(kept.get_nfilters())}
    if dataset.is_virtual or kept.get_external_count():
        return None, "data of other files"
    if filters - BUILT_IN:
        return None, f"data packed by a plug-in (HDF5 filter {min(filters - BUILT_IN)})"
    if dataset.shape is None:
        return None, "nothing"
    dtype = dataset.dtype
    if h5py.check_string_dtype(dtype) is not None:
        return np.dtype("U"), "str"
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        return None, "objects" if dtype.kind == "O" else str(dtype)[:80]
    return dtype, stored_name(dtype)


def _read(file: StoredFile, name: str, turned: bool) -> Array:
    with reading(file.at, *FAULTS), opened(file) as root:
        dataset = root[name]
        values: Array = dataset.asstr()[()] if _is_text(file, dataset) else dataset[()]
        return values.T if turned else values


def _names_of_block(file: StoredFile, name: str) -> Any:
    """The names of a block of columns as pandas holds them, None without."""
    with reading(file.at, *FAULTS), opened(file) as root:
        h5py = needed("h5py", "hdf5", file)
        if not isinstance(root.get(name, getlink=True), h5py.HardLink):
            return None
        found = root[name]
        if not isinstance(found, h5py.Dataset) or len(found.shape or ()) != 1:
            return None
        if _dtype_of(file, found)[1].startswith("data "):  # of other files, or of a plug-in
            return None
        return found[()]


def _is_text(file: StoredFile, dataset: Any) -> bool:
    h5py = needed("h5py", "hdf5", file)
    return h5py.check_string_dtype(dataset.dtype) is not None


def _blocks(file: StoredFile, name: str, turned: bool) -> Iterator[Array]:
    """Rows in blocks of whole chunks: a chunk is unpacked for each look into it."""
    with reading(file.at, *FAULTS), opened(file) as root:
        dataset = root[name]
        rows, dim = dataset.shape[:: -1 if turned else 1]
        step = rows_at_once(dim, dataset.dtype.itemsize)
        if dataset.chunks:
            whole = dataset.chunks[int(turned)]
            step = max(1, step // whole) * whole
        for start in range(0, rows, step):
            part = slice(start, start + step)
            yield dataset[:, part].T if turned else dataset[part]

"""Rows that memory cannot hold: a file without a name, mapped, and let go of as it is read.

The pages of a mapped file count as memory of the process until they are given back; here they
are, after every so many bytes. The file vanishes with the process, however that ends. What is
found of so many rows, a value each, goes into files beside theirs.
"""

import errno
import mmap
import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from typing import IO, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from embaudit.errors import BudgetExceeded, option

KEPT = 64 << 20  # bytes that may be mapped in at a time
WINDOW = 16  # a fault maps 2^16 bytes round the wanted one
PIECE = 4 << 20  # bytes written at a time where a file cannot be reserved
SMALL = 1 << 20  # bytes that are not worth a file

Column = TypeVar("Column", bound=NDArray[Any])


class MappedRows:
    """An array on disk, (rows, n), read and written like one in memory.

    Raises BudgetExceeded where the disk has no room for it.
    """

    def __init__(self, shape: tuple[int, int], dtype: "np.dtype[Any]") -> None:
        self.row_bytes = shape[1] * dtype.itemsize
        self._map = _mapped(shape[0] * self.row_bytes)
        self.array: NDArray[Any] = np.ndarray(shape, dtype, self._map)
        self._met = 0
        self._beside: tuple[weakref.ref[mmap.mmap], ...] = ()  # replaced, never changed: threads

    def beside(self, values: Column) -> Column:
        """What is known of the rows, in a file of its own that is let go of with theirs.

        Few values stay where they are. The file lives as long as the array.
        """
        if values.nbytes < SMALL:
            return values
        held = _mapped(values.nbytes)
        column = np.ndarray(values.shape, values.dtype, held)
        column[...] = values
        self._beside = (*(one for one in self._beside if one() is not None), weakref.ref(held))
        self.let_go()
        return cast(Column, column)

    def met(self, rows: Any) -> None:
        """Rows (a slice or indices) that were read or written: now and then all are let go."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self.array))
            self._met += max(0, stop - start) * self.row_bytes
        else:
            windows = np.ravel(rows) * self.row_bytes >> WINDOW
            self._met += (int(np.count_nonzero(np.diff(windows))) + 1) << WINDOW
        if self._met > KEPT:
            self.let_go()

    def let_go(self) -> None:
        """Give the mapped pages back; their content stays in the file."""
        self._met = 0
        with suppress(AttributeError, OSError):  # a system without it keeps them
            for held in (self._map, *(one() for one in self._beside)):
                if held is not None:
                    held.madvise(mmap.MADV_DONTNEED)


def beside(rows: MappedRows | None, values: Column) -> Column:
    """Values of rows, in a file where the rows are in one."""
    return values if rows is None else rows.beside(values)


def _mapped(size: int) -> mmap.mmap:
    """So many bytes of a file without a name. Raises BudgetExceeded."""
    folder = "the temporary folder"
    try:
        folder = tempfile.gettempdir()
        _check_room(folder, size)
        with tempfile.TemporaryFile(prefix="embaudit-") as file:
            _reserve(file, size)
            return mmap.mmap(file.fileno(), size)
    except OSError as error:
        raise BudgetExceeded(
            f"The rows do not fit into memory, and {folder} cannot hold {size:,} bytes of "
            f"them ({error.strerror}).",
            f"Name a larger folder in TMPDIR, raise {option('memory_budget')}, or use "
            f"{option('sample', 'N')}.",
        ) from error


def _check_room(folder: str, size: int) -> None:
    """Before any of the disk is taken, and taken from others. Raises OSError."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise OSError(errno.ENOSPC, f"{free:,} bytes are free")


def _reserve(file: IO[bytes], size: int) -> None:
    """Disk for all of the file: a write to a mapped page that finds none would be a crash."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    for start in range(0, size, PIECE):
        file.write(bytes(min(PIECE, size - start)))
    file.flush()

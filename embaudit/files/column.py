"""A column: one array of a file, known from the headers alone, and read only once it is chosen."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embaudit.core.machine import readable
from embaudit.data import Array, Notice
from embaudit.errors import Problem, first_few
from embaudit.files.file_status import StoredFile

FREELY = 64 << 20  # bytes to which anything may expand
EXPANSION = 200  # beyond that, at most so many times


@dataclass(frozen=True)
class Column:
    """Values of a file under one name: (N,) labels or ids, or (N, n) vectors.

    name: empty in a format without names. dtype: None for what numpy cannot hold as plain
    values; `stored` names the type in any case. nbytes: of all values in memory.
    packed: bytes of the file that hold them, where those are compressed or may be.
    read: fetches the values; raises InputRefused where they are not what the headers promise.
    blocks: fetches them in blocks of rows, where the format can; whole: what `read` gives is held
    in memory and not mapped.
    vectors: the column as vectors, where that is another reading of it (text, or axes of one), None
    if its values tell that it is not. codes: the numbers of classes that `read` calls by names.
    notice: what is told once it is chosen.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: "np.dtype[Any] | None"
    stored: str
    nbytes: int
    read: Callable[[], Any]
    blocks: Callable[[], Iterator[Array]] | None = None
    whole: bool = False
    packed: int | None = None
    vectors: "Callable[[], Column | None] | None" = None
    codes: Callable[[], Any] | None = None
    notice: Notice | None = None

    @property
    def where(self) -> str:
        """How messages call it."""
        return f"{self.path}, column {self.name!r}" if self.name else self.path

    @property
    def rows(self) -> int:
        """N, as the headers have it."""
        return self.shape[0] if self.shape else 0


@dataclass(frozen=True)
class Table:
    """A file and its columns."""

    file: StoredFile
    columns: tuple[Column, ...]


def stored_name(dtype: "np.dtype[Any]") -> str:
    """The dtype's name, without the width of text: float32, int64, bool, str, bytes."""
    return {"U": "str", "S": "bytes"}.get(dtype.kind, dtype.name)


def bomb_problem(column: Column) -> Problem | None:
    """Why a column expands to more than its file can be trusted with, or None.

    Numbers of a model hardly shrink; zeros do, a thousandfold, and would fill memory and disk.
    """
    packed = column.packed
    if packed is None or column.nbytes <= FREELY or column.nbytes <= EXPANSION * packed:
        return None
    return Problem(
        f"{column.where}: {readable(packed)} expand to {readable(column.nbytes)}, more than "
        f"{EXPANSION} times as much.",
        "If that is meant, store the values uncompressed, as .npy.",
    )


def repeated(names: Sequence[str], what: str = "columns") -> str | None:
    """What is wrong with names of which one says nothing, or None."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if not twice:
        return None
    there = first_few([repr(name) for name in names[:21]], 20)
    return f"several {what} are named {first_few(sorted(map(repr, twice)))} (of {there})"

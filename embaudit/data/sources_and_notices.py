"""Where a set came from, and what there is to say about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Label = bool | int | str
Array = NDArray[Any]


class Unlabelled(str):
    """The class of one row without a label: a negative of all others, and an anchor of none."""

    __slots__ = ()


def labelled_among(classes: Sequence[Label]) -> NDArray[np.bool_]:
    """(C,) which classes are some: not of one row without a label."""
    return np.array([not isinstance(one, Unlabelled) for one in classes], dtype=bool)


@dataclass(frozen=True)
class Source:
    """Where a part of the set was read from; `sha256` is of the bytes of the file or array.

    column: its name, empty in a format without names.
    """

    role: str
    path: str
    format: str
    rows: int
    dim: int | None
    dtype: str
    sha256: str
    column: str = ""


@dataclass(frozen=True)
class Notice:
    """Something the user should know that is no reason to refuse: a stable code and a sentence."""

    code: str
    message: str


def place_of(role: str, sources: Sequence[Source]) -> str:
    """How messages call the embeddings or labels: by their file and column, if there is one."""
    found = [source for source in sources if source.role == role]
    if not found:
        return role
    first = found[0]
    where = f"{first.path}, column {first.column!r}" if first.column else first.path
    return where if len(found) == 1 else f"{where} and {len(found) - 1} more shards"

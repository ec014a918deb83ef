"""What would be read: for each role the columns that were chosen, and what is wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, ParamSpec, TypeVar, get_args

import numpy as np

from embaudit.core.machine import Needs
from embaudit.data import Notice
from embaudit.data.bit_unpacking import BITS
from embaudit.errors import InputRefused, UsageError, option, shown
from embaudit.files.column import Column, Table

P = ParamSpec("P")
T = TypeVar("T")

OBJECT_BYTES = 100  # of a label or an id as a Python value, beyond its stored bytes
BUFFERS = 64 << 20  # blocks on their way, decoded and checked


class Problems:
    """Collects refusals, so that one run names everything there is to fix."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def attempt(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The function's result, or None after a refusal, which is kept."""
        try:
            return function(*args, **kwargs)
        except InputRefused as refusal:
            self.found += refusal.problems
            return None

    def refuse(self) -> None:
        """Raise all that was found, if anything was."""
        if self.found:
            raise InputRefused(list(dict.fromkeys(self.found)))


Unlabelled = Literal["drop", "distractor"]


@dataclass(frozen=True)
class Names:
    """The columns that were asked for; None: the obvious one. join: of the labels file.

    keep: columns whose values go along with the rows. level: which of several labels a row, from 0.
    where: the rows that are meant, as `row_expression` has them. unlabelled: what becomes of rows
    without a label; None: they are refused. pairs: the label of a row is its number.
    """

    embedding: str | None = None
    label: str | None = None
    id: str | None = None
    join: str | None = None
    keep: tuple[str, ...] = ()
    level: int | None = None
    where: str | None = None
    unlabelled: Unlabelled | None = None
    pairs: bool = False


def unlabelled_of(given: object) -> Unlabelled | None:
    """What becomes of rows without a label, as it was given. Raises UsageError."""
    for known in get_args(Unlabelled):
        if isinstance(given, str) and given == known:
            found: Unlabelled = known
            return found
    if given is not None:
        known_ones = " or ".join(map(repr, get_args(Unlabelled)))
        remedy = f"Give {known_ones}."
        raise UsageError(f"{option('unlabelled')}: {shown(given)} is unknown.", remedy)
    return None


@dataclass
class Choice:
    """What would be read: one column a shard for each role, None where none could be chosen.

    labelled: whether labels are to be read. unpack_bits: whether the embeddings are packed bits.
    tables hold the embeddings; beside, the labels (the same tables, unless labels have files of
    their own). ids: one a row, of the embeddings or, by position, of the labels. keys: the join
    column of the labels. kept: columns to carry along, of either side; asked: those that `where`
    of the names is about. given_as: the options by which labels and a condition are given.
    """

    names: Names
    labelled: bool = True
    unpack_bits: bool = False
    tables: list[Table] = field(default_factory=list)
    beside: list[Table] = field(default_factory=list)
    vectors: list[Column] | None = None
    classes: list[Column] | None = None
    ids: list[Column] | None = None
    kept: dict[str, list[Column]] = field(default_factory=dict)
    asked: dict[str, list[Column]] = field(default_factory=dict)
    keys: list[Column] | None = None
    given_as: tuple[str, str] = ("labels", "where")
    notices: list[Notice] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    @property
    def rows(self) -> int:
        """N, as the headers have it."""
        return sum(column.rows for column in self.vectors or ())

    @property
    def size(self) -> tuple[int, int, int]:
        """Rows, dimensions and bytes a value. Raises what is wrong with the headers."""
        self.problems.refuse()
        return self.rows, self.dim, self.dtype.itemsize

    @property
    def dim(self) -> int:
        """n, of the rows as they are audited."""
        return self.first.shape[1] * (BITS if self.unpack_bits else 1)

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of the values as they are audited."""
        assert self.first.dtype is not None
        return np.dtype(np.uint8) if self.unpack_bits else self.first.dtype

    @property
    def first(self) -> Column:
        """The first column of vectors that holds rows: it speaks for dimension and dtype."""
        assert self.vectors
        return next((column for column in self.vectors if column.rows), self.vectors[0])

    @property
    def columns(self) -> list[Column]:
        """All that would be read, the vectors first."""
        sides = (
            self.vectors,
            self.classes,
            self.ids,
            self.keys,
            *self.kept.values(),
            *self.asked.values(),
        )
        return [column for columns in sides for column in columns or ()]

    def needs(self, sample: int | None = None, *, on_disk: bool = False) -> Needs:
        """Peak memory of reading, from the headers; on_disk: the rows go to a file."""
        assert self.vectors
        share = min(1.0, (sample or self.rows) / max(1, self.rows))
        values = sum(column.nbytes for column in self.vectors) * (BITS if self.unpack_bits else 1)
        texts = self.columns[len(self.vectors) :]
        return Needs(
            {
                "the rows as stored": 0 if on_disk else int(share * values),
                "a member that cannot be read in blocks": max(
                    column.nbytes if column.whole else 0 for column in self.vectors
                ),
                "labels and ids": sum(OBJECT_BYTES * c.rows + 2 * c.nbytes for c in texts),
                "blocks of rows": min(BUFFERS, 8 * values),
            }
        )


def place(columns: Sequence[Column]) -> str:
    """Where the columns are, for a message: a file, or the first of several shards."""
    more = f" and {len(columns) - 1} more shards" if len(columns) > 1 else ""
    return columns[0].where + more

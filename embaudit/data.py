"""The audited set: validated vectors ordered by class, so that every class is a slice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.errors import InputRefused

Label = bool | int | str
Array = NDArray[Any]
Rows = NDArray[np.int64]

LARGEST_VALUE = 1e300  # beyond it a distance between two rows can overflow float64
LARGEST_INTEGER = 2**53  # beyond it an integer has no exact float64
BLOCK_VALUES = 1 << 20  # checked at a time


@dataclass(frozen=True)
class Source:
    """Where a part of the set was read from; `sha256` is of the bytes of the file or array."""

    role: str
    path: str
    format: str
    rows: int
    dim: int | None
    dtype: str
    sha256: str


@dataclass(frozen=True)
class Notice:
    """Something the user should know that is no reason to refuse: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class EmbeddingSet:
    """N labelled vectors in n dimensions, ordered by class (classes in order of appearance).

    Ordering by appearance rather than by name makes every result independent of what the classes
    are called. Inside a class the rows keep the order of the input.

    vectors: (N, n), the stored dtype: float16/32/64 or an integer type.
    rows:    (N,) int64, the 0-based position of each vector in the input.
    starts:  (C + 1,) int64; class c is the slice starts[c]:starts[c + 1].
    classes: the C labels. ids: one per input row (in *input* order), or None.
    """

    vectors: Array
    rows: Rows
    starts: Rows
    classes: tuple[Label, ...]
    ids: tuple[Label, ...] | None = None
    sources: tuple[Source, ...] = ()
    notices: tuple[Notice, ...] = field(default=())

    @classmethod
    def from_arrays(
        cls,
        vectors: Array,
        labels: Sequence[Label],
        ids: Sequence[Label] | None = None,
        *,
        sources: Sequence[Source] = (),
        notices: Sequence[Notice] = (),
    ) -> "EmbeddingSet":
        """Validate and order by class. Shapes: vectors (N, n), labels and ids N.

        Raises InputRefused for what cannot be audited, listing every problem found.
        """
        where = _where("embeddings", sources)
        problems = _shape_problems(vectors, labels, ids, where)
        if problems:
            raise InputRefused(problems)
        codes, classes = _encode(labels)
        sizes = np.bincount(codes, minlength=len(classes))
        problems = value_problems(vectors, where)
        problems += _class_problems(sizes, _where("labels", sources))
        if problems:
            raise InputRefused(problems)
        order = np.argsort(codes, kind="stable").astype(np.int64)
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        singletons = int((sizes == 1).sum())
        told = list(notices)
        if singletons:
            told.append(
                Notice(
                    "singleton_classes",
                    f"{singletons} of {len(classes)} classes have a single row: those rows have no "
                    "positive, so they are no anchors; they serve as negatives.",
                )
            )
        ordered = np.ascontiguousarray(vectors[order])
        return cls(
            ordered.astype(ordered.dtype.newbyteorder("="), copy=False),
            order,
            starts,
            classes,
            None if ids is None else tuple(ids),
            tuple(sources),
            tuple(told),
        )

    @property
    def size(self) -> int:
        """N, the number of rows."""
        return len(self.rows)

    @property
    def dim(self) -> int:
        """n, the number of dimensions."""
        return int(self.vectors.shape[1])

    @property
    def sizes(self) -> Rows:
        """(C,) rows in each class."""
        return np.diff(self.starts)

    @property
    def codes(self) -> Rows:
        """(N,) the class index of each ordered row."""
        return np.repeat(np.arange(len(self.classes)), self.sizes)

    def id_of(self, row: int) -> Label | None:
        """The id of an *ordered* row, None where the input has no ids."""
        return None if self.ids is None else self.ids[self.rows[row]]

    def with_vectors(self, vectors: Array) -> "EmbeddingSet":
        """The same rows with other vectors, (N, n), in the same order."""
        return replace(self, vectors=vectors)


def _where(role: str, sources: Sequence[Source]) -> str:
    """How messages call the embeddings or the labels: by their file, if they come from one."""
    paths = [source.path for source in sources if source.role == role]
    if not paths:
        return role
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more shards"


def _encode(labels: Sequence[Label]) -> tuple[Rows, tuple[Label, ...]]:
    """Class index of each row, and the classes in order of first appearance."""
    index: dict[tuple[type, Label], int] = {}  # by type too: True, 1 and '1' are three classes
    codes = np.fromiter(
        (index.setdefault((type(label), label), len(index)) for label in labels),
        dtype=np.int64,
        count=len(labels),
    )
    return codes, tuple(label for _, label in index)


def _shape_problems(
    vectors: Array, labels: Sequence[Label], ids: Sequence[Label] | None, where: str
) -> list[str]:
    if vectors.ndim != 2:
        return [f"{where}: expected a 2-D array (rows, dimensions), got {vectors.ndim}-D."]
    if vectors.dtype.kind not in "fiu" or vectors.dtype.itemsize > 8:
        return [f"{where}: dtype {vectors.dtype} is no float16/32/64 or integer."]
    problems = []
    rows, dim = vectors.shape
    if rows == 0 or dim == 0:
        problems.append(
            f"{where}: nothing to audit in {rows} rows of {dim} dimensions; "
            "give embeddings that hold values."
        )
    if len(labels) != rows:
        problems.append(
            f"labels: {len(labels)} labels for {rows} embeddings; "
            "give one label for every row, in the same order."
        )
    if ids is not None and len(ids) != rows:
        problems.append(f"ids: {len(ids)} ids for {rows} embeddings; give one for every row.")
    return problems


def _class_problems(sizes: Rows, where: str) -> list[str]:
    if len(sizes) == 1:
        return [f"{where}: only one class, so there are no negatives; give at least two."]
    if sizes.max() == 1:
        return [
            f"{where}: every class has a single row, so there are no positives; "
            "are these ids rather than labels? Give labels that at least two rows share."
        ]
    return []


def value_problems(vectors: Array, where: str = "embeddings") -> list[str]:
    """Why the values of (N, n) vectors cannot be audited; empty if they can."""
    bad: list[int] = []
    large: list[int] = []
    rows = max(1, BLOCK_VALUES // max(1, vectors.shape[1]))
    for start in range(0, len(vectors), rows):
        block = vectors[start : start + rows]
        if block.dtype.kind == "f":
            finite = np.isfinite(block)
            bad += (start + np.flatnonzero(~finite.all(axis=1))).tolist()
            if block.dtype.itemsize == 8:
                wide = (np.abs(block) > LARGEST_VALUE) & finite
                large += (start + np.flatnonzero(wide.any(axis=1))).tolist()
        elif block.dtype.itemsize == 8:
            wide = block > LARGEST_INTEGER
            if block.dtype.kind == "i":
                wide |= block < -LARGEST_INTEGER
            large += (start + np.flatnonzero(wide.any(axis=1))).tolist()
    problems = []
    if bad:
        problems.append(
            f"{where}: NaN or infinite values in {len(bad)} of {len(vectors)} rows "
            f"(rows {first_few(bad)}); remove or re-embed them."
        )
    if large:
        problems.append(
            f"{where}: {len(large)} rows hold values whose distances float64 cannot hold "
            f"(rows {first_few(large)}); rescale the embeddings."
        )
    return problems


def first_few(rows: Sequence[int], most: int = 5) -> str:
    """The first few row numbers, for a message: `3, 8, 9, ...`."""
    shown = ", ".join(str(row) for row in rows[:most])
    return shown + (", ..." if len(rows) > most else "")

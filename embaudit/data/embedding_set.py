"""The audited set: validated vectors ordered by class, so that every class is a slice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from embaudit.data.problems import class_problems, nothing_in, pair_problems, shape_problems
from embaudit.data.sampling import drawn
from embaudit.data.source import Array, Label, Notice, Source, place_of
from embaudit.data.values import Values, row_blocks
from embaudit.errors import InputRefused, UsageError, option
from embaudit.space import Points, Rows
from embaudit.spill import Spill

PLACED = 8192  # rows put in place at a time: on disk, each may touch a page of its own


@dataclass(frozen=True)
class EmbeddingSet:
    """N vectors in n dimensions, ordered by class (classes in order of appearance).

    Ordering by appearance rather than by name makes every result independent of what the classes
    are called. Inside a class the rows keep the order of the input; so do all rows of a set
    without labels, which has no classes.

    vectors: (N, n), the stored dtype: float16/32/64 or an integer type.
    rows:    (N,) int64, the 0-based position of each vector among the audited rows of the input.
    starts:  (C + 1,) int64; class c is the slice starts[c]:starts[c + 1].
    classes: the C labels, none where the set has none. ids: one per audited row (in *input*
             order), or None.
    kept:    (N,) ascending, the input row of each audited row where they are a sample, else None.
    spill:   where the vectors are on disk, else None.
    columns: values that go along with the rows, N of each name, in *input* order like the ids.
    """

    vectors: Array
    rows: Rows
    starts: Rows
    classes: tuple[Label, ...]
    ids: tuple[Label, ...] | None = None
    sources: tuple[Source, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
    kept: Rows | None = None
    spill: Spill | None = None
    columns: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @classmethod
    def from_arrays(
        cls,
        vectors: Array,
        labels: Sequence[Label] | None,
        ids: Sequence[Label] | None = None,
        *,
        sample: int | None = None,
        seed: int = 0,
        sources: Sequence[Source] = (),
        notices: Sequence[Notice] = (),
        on_disk: bool = False,
        among: Sequence[Label] | None = None,
    ) -> "EmbeddingSet":
        """Validate and order by class. Shapes: vectors (N, n), labels (None: a set without), ids N.

        Raises InputRefused for what cannot be audited, listing every problem found.
        """
        places = place_of("embeddings", sources), place_of("labels", sources)
        problems = shape_problems(vectors, labels, ids, *places)
        if problems:
            raise InputRefused(problems)
        return cls.from_blocks(
            row_blocks(vectors),
            (len(vectors), vectors.shape[1], vectors.dtype),
            labels,
            ids,
            sample=sample,
            seed=seed,
            sources=sources,
            notices=notices,
            on_disk=on_disk,
            among=among,
        )

    @classmethod
    def from_blocks(
        cls,
        blocks: Iterable[Array],
        form: tuple[int, int, "np.dtype[Any]"],
        labels: Sequence[Label] | None,
        ids: Sequence[Label] | None = None,
        *,
        sample: int | None = None,
        seed: int = 0,
        sources: Sequence[Source] = (),
        notices: Sequence[Notice] = (),
        columns: Mapping[str, Sequence[Any]] | None = None,
        on_disk: bool = False,
        among: Sequence[Label] | None = None,
    ) -> "EmbeddingSet":
        """The same of vectors that come in blocks; form: rows and dimensions in all, and dtype.

        Each row goes straight to its place, so that a second copy never exists. sample: audit
        that many rows of the N, stratified by class (`sampling.drawn`); all are validated.
        on_disk: keep the vectors in a temporary file, as memory cannot hold them.
        among: of one of two sets, queries or gallery, the classes that come first, present or not;
        its classes may have a single row. None: the set is audited alone.
        """
        total, dim, stored = form
        codes, classes = _encode(labels, total, among or ())
        sizes = np.bincount(codes, minlength=len(classes))
        problems = []
        if labels is None:
            problems = pair_problems(total, place_of("embeddings", sources))
        elif among is None:
            problems = class_problems(sizes, place_of("labels", sources), labels)
        told = list(notices)
        along = {name: tuple(values) for name, values in (columns or {}).items()}
        kept = None
        if sample is not None and sample < len(codes) and not problems:
            if labels is None and sample < 2:
                raise UsageError(
                    "A sample of one row has no pair.", f"Give {option('sample')} at least 2."
                )
            kept = drawn(codes, sample, seed, least=2 if among is None else 0)
            codes, classes, sizes = _only(codes[kept], classes)
            ids = None if ids is None else [ids[row] for row in kept.tolist()]
            along = {k: tuple(values[row] for row in kept.tolist()) for k, values in along.items()}
            told.append(_sampled(sample, total, seed, by_class=labels is not None))
        order = np.argsort(codes, kind="stable").astype(np.int64)
        shape, dtype = (len(order), dim), stored.newbyteorder("=")
        spill = Spill(shape, dtype) if on_disk else None
        vectors = spill.array if spill is not None else np.empty(shape, dtype)
        more = _place(blocks, vectors, spill, order, kept, total, sources)
        problems = more + problems
        if not dim and not problems:
            problems = [nothing_in(place_of("embeddings", sources), total, 0)]
        if problems:
            raise InputRefused(problems)
        if labels is None:
            classes, sizes = (), sizes[:0]
        if among is None and (sizes == 1).any():
            told.append(_singletons(sizes))
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        names = None if ids is None else tuple(ids)
        source, notes = tuple(sources), tuple(told)
        return cls(vectors, order, starts, classes, names, source, notes, kept, spill, along)

    @property
    def size(self) -> int:
        """N, the number of rows."""
        return len(self.rows)

    @property
    def where(self) -> str:
        """How messages call the vectors."""
        return place_of("embeddings", self.sources)

    @property
    def dim(self) -> int:
        """n, the number of dimensions."""
        return int(self.vectors.shape[1])

    @property
    def labelled(self) -> bool:
        """Whether there are classes."""
        return bool(self.classes)

    @property
    def runs(self) -> Rows:
        """Where rows that belong together start, and N: the classes, or all rows without labels."""
        return self.starts if self.labelled else np.array([0, self.size])

    @property
    def sizes(self) -> Rows:
        """(C,) rows in each class."""
        return np.diff(self.starts)

    @property
    def codes(self) -> Rows:
        """(N,) the class index of each ordered row."""
        return np.repeat(np.arange(len(self.classes)), self.sizes)

    def codes_of(self, rows: Rows) -> Rows:
        """The class index of some ordered rows, without that of all."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    @property
    def input_rows(self) -> Rows:
        """(N,) the 0-based position of each ordered row in the whole input."""
        return self.rows if self.kept is None else self.kept[self.rows]

    @property
    def stored(self) -> Points:
        """The vectors as points of no metric yet."""
        return Points(self.vectors, spill=self.spill)

    def id_of(self, row: int) -> Label | None:
        """The id of an *ordered* row, None where the input has no ids."""
        return None if self.ids is None else self.ids[self.rows[row]]

    def with_vectors(self, vectors: Array) -> "EmbeddingSet":
        """The same rows with other vectors, (N, n), in the same order."""
        return replace(self, vectors=vectors)

    def among(self, classes: Sequence[Label]) -> "EmbeddingSet":
        """The same rows with these classes first, present or not; copied only if they must move."""
        slices = [slice(*ends) for ends in pairwise(self.starts.tolist())]
        own = dict(zip(map(_typed, self.classes), slices, strict=True))
        wanted = dict.fromkeys([*map(_typed, classes), *own])
        parts = [own.get(label, slice(0, 0)) for label in wanted]
        starts = np.cumsum([0, *(part.stop - part.start for part in parts)])
        same = replace(self, starts=starts, classes=tuple(label for _, label in wanted))
        rows = np.concatenate([self.rows[part] for part in parts])
        if np.array_equal(rows, self.rows):
            return same
        spill = None if self.spill is None else Spill(self.vectors.shape, self.vectors.dtype)
        vectors = np.empty_like(self.vectors) if spill is None else spill.array
        for part, ends in zip(parts, pairwise(starts.tolist()), strict=True):
            vectors[slice(*ends)] = self.vectors[part]
            if self.spill is not None and spill is not None:
                self.spill.met(part)
                spill.met(slice(*ends))
        return replace(same, vectors=vectors, rows=rows, spill=spill)


def _place(
    blocks: Iterable[Array],
    vectors: Array,
    spill: Spill | None,
    order: Rows,
    kept: Rows | None,
    total: int,
    sources: Sequence[Source],
) -> list[str]:
    """Put the rows in their order into `vectors`; what is wrong with any of the `total` rows."""
    place = np.full(total, -1)
    place[order if kept is None else kept[order]] = np.arange(len(order))
    values = Values()
    problems: list[str] = []
    try:
        for whole in blocks:
            for start in range(0, len(whole), PLACED):
                block = whole[start : start + PLACED]
                to = place[values.rows : values.rows + len(block)]
                values.check(block)
                vectors[to[to >= 0]] = block if kept is None else block[to >= 0]
                if spill is not None:
                    spill.met(to[to >= 0])
    except InputRefused as refusal:
        problems += refusal.problems
    return values.problems(place_of("embeddings", sources)) + problems


def _encode(
    labels: Sequence[Label] | None, rows: int, first: Sequence[Label] = ()
) -> tuple[Rows, tuple[Label, ...]]:
    """Class index of each row, and the classes: the given ones, then in order of appearance.

    Without labels, all rows are of one that is nobody's.
    """
    if labels is None:
        return np.zeros(rows, dtype=np.int64), ("",)
    index = {_typed(label): code for code, label in enumerate(first)}
    codes = np.fromiter(
        (index.setdefault(_typed(label), len(index)) for label in labels),
        dtype=np.int64,
        count=len(labels),
    )
    return codes, tuple(label for _, label in index)


def _typed(label: Label) -> tuple[type, Label]:
    """What tells classes apart: True, 1 and '1' are three."""
    return type(label), label


def _only(codes: Rows, classes: tuple[Label, ...]) -> tuple[Rows, tuple[Label, ...], Rows]:
    """Codes of the classes that a sample still has, in order of appearance, and their sizes."""
    present, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")
    rank = np.argsort(order, kind="stable")
    codes = rank[inverse].astype(np.int64)
    return codes, tuple(classes[code] for code in present[order]), np.bincount(codes)


def _sampled(sample: int, total: int, seed: int, *, by_class: bool) -> Notice:
    share = " so that every class keeps its share" if by_class else ""
    return Notice(
        "sampled_rows",
        f"{sample} of {total} rows were audited, drawn at random with seed {seed}{share}: every "
        "figure is of these rows.",
    )


def _singletons(sizes: Rows) -> Notice:
    return Notice(
        "singleton_classes",
        f"{(sizes == 1).sum()} of {len(sizes)} classes have a single row: those rows have no "
        "positive, so they are no anchors; they serve as negatives.",
    )

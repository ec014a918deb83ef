"""The audited set: validated vectors ordered by class, so that every class is a slice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from embaudit.core.mapped_rows import Spill
from embaudit.core.metric import Points, Rows
from embaudit.data.bits import BITS, bits_problems, unpacked_blocks
from embaudit.data.left_out import (
    Flags,
    LeftOut,
    flagged,
    notice_of,
    once_left_out,
    unknown_labels,
    zero_flags,
)
from embaudit.data.problems import class_problems, nothing_in, pair_problems, shape_problems
from embaudit.data.sampling import drawn
from embaudit.data.source import Array, Label, Notice, Source, place_of
from embaudit.data.values import Values, row_blocks
from embaudit.errors import InputRefused, Problem, UsageError, option

T = TypeVar("T")

SINGLETONS = "singleton_classes"  # the code of a notice
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
    kept:    (N,) ascending, the input row of each audited row where some are left, else None.
    spill:   where the vectors are on disk, else None.
    columns: values that go along with the rows, N of each name, in *input* order like the ids.
    drawn:   whether the rows are a sample. unpacked: whether they are bits that were packed.
    left_out: rows that were left out before any was drawn, by reason.
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
    drawn: bool = False
    unpacked: bool = False
    left_out: tuple[LeftOut, ...] = ()

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
        unpack_bits: bool = False,
        ignored: Sequence[str] = (),
        drop_zeros: bool = False,
    ) -> "EmbeddingSet":
        """Validate and order by class. Shapes: vectors (N, n), labels (None: a set without), ids N.

        unpack_bits: the vectors are packed bits. ignored: labels whose rows are left out;
        drop_zeros: rows of zeros, too.

        Raises InputRefused for what cannot be audited, listing every problem found.
        """
        places = place_of("embeddings", sources), place_of("labels", sources)
        problems = shape_problems(vectors, labels, ids, *places)
        if not problems and unpack_bits:
            problems = bits_problems(places[0], vectors.dtype)
        if problems:
            raise InputRefused(problems)
        form = len(vectors), vectors.shape[1], vectors.dtype
        if unpack_bits:
            form = len(vectors), BITS * vectors.shape[1], np.dtype(np.uint8)

        def blocks() -> Iterable[Array]:
            return unpacked_blocks(row_blocks(vectors)) if unpack_bits else row_blocks(vectors)

        return cls.from_blocks(
            blocks(),
            form,
            labels,
            ids,
            sample=sample,
            seed=seed,
            sources=sources,
            notices=notices,
            on_disk=on_disk,
            among=among,
            unpacked=unpack_bits,
            ignored=ignored,
            zero=zero_flags(blocks()) if drop_zeros else None,
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
        unpacked: bool = False,
        ignored: Sequence[str] = (),
        zero: Flags | None = None,
    ) -> "EmbeddingSet":
        """The same of vectors that come in blocks; form: rows and dimensions in all, and dtype.

        Each row goes straight to its place, so that a second copy never exists. sample: audit
        that many rows of the N, stratified by class (`sampling.drawn`); all are validated.
        ignored: labels, as text, whose rows are left out before, as those are that are flagged in
        zero, (N,); they are not validated. unpacked: the blocks are bits that were packed.
        on_disk: keep the vectors in a temporary file, as memory cannot hold them.
        among: of one of two sets, queries or gallery, the classes that come first, present or not;
        its classes may have a single row. None: the set is audited alone.
        """
        total, dim, stored = form
        ignored = ignored if labels is not None else ()
        out, left_out = flagged(labels, total, ignored, zero)
        stay = np.flatnonzero(~out) if out.any() else None
        problems: list[str] = []
        if among is None:
            problems += unknown_labels(left_out, labels or (), place_of("labels", sources))
        labels, ids = _taken(labels, stay), _taken(ids, stay)
        along = {name: _taken(values, stay) or () for name, values in (columns or {}).items()}
        rows = total if stay is None else len(stay)
        codes, classes = _encode(labels, rows, among or ())
        problems += _problems(codes, labels, left_out, sources, total, alone=among is None)
        told = [*notices, *([notice_of(left_out, total)] if left_out else ())]
        chosen = None
        if sample is not None and sample < rows and not problems:
            chosen, notice = _draw(codes, sample, seed, labelled=labels is not None, among=among)
            codes, classes = _only(codes[chosen], classes)
            ids, told = _taken(ids, chosen), [*told, notice]
            along = {name: _taken(values, chosen) or () for name, values in along.items()}
        sizes = np.bincount(codes, minlength=len(classes))
        order = np.argsort(codes, kind="stable").astype(np.int64)
        shape, dtype = (len(order), dim), stored.newbyteorder("=")
        spill = Spill(shape, dtype) if on_disk and len(order) else None
        vectors = spill.array if spill is not None else np.empty(shape, dtype)
        kept = stay if chosen is None else chosen if stay is None else stay[chosen]
        more = _place(
            blocks, vectors, spill, order, kept, total, sources, ~out if stay is not None else None
        )
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
        return cls(
            vectors,
            order,
            starts,
            classes,
            None if ids is None else tuple(ids),
            tuple(sources),
            tuple(told),
            kept,
            spill,
            {name: tuple(values) for name, values in along.items()},
            chosen is not None,
            unpacked,
            left_out,
        )

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

    def without(self, out: Flags, left_out: Sequence[LeftOut], *, alone: bool) -> "EmbeddingSet":
        """The same set less some of its *ordered* rows, flagged in `out` (N,), copied.

        Its classes stand in the order of appearance of what is left. left_out: why they go. alone:
        whether the set must hold positives and negatives itself. Raises InputRefused where what
        is left cannot be audited.
        """
        before = self.size + sum(one.count for one in self.left_out)
        told = (*self.left_out, *left_out)
        gone = np.zeros(self.size, dtype=bool)
        gone[self.rows] = out
        rest = self._at(np.flatnonzero(~gone))
        labels = [rest.classes[code] for code in rest.codes.tolist()] if self.labelled else None
        problems = _problems(rest.codes, labels, told, self.sources, before, alone=alone)
        if problems:
            raise InputRefused(problems)
        notices = [one for one in rest.notices if one.code not in ("left_out", SINGLETONS)]
        notices.append(notice_of(told, before))
        if alone and (rest.sizes == 1).any():
            notices.append(_singletons(rest.sizes))
        return replace(rest, left_out=told, notices=tuple(notices))

    def sampled(self, sample: int, seed: int, *, alone: bool) -> "EmbeddingSet":
        """So many rows of the set, drawn as `from_blocks` does, copied; itself if it has no more.

        alone: as in `without`.
        """
        if sample >= self.size:
            return self
        codes = np.zeros(self.size, dtype=np.int64)
        codes[self.rows] = self.codes if self.labelled else 0
        among = None if alone else ()
        chosen, notice = _draw(codes, sample, seed, labelled=self.labelled, among=among)
        rest = self._at(chosen)
        notices = [one for one in rest.notices if one.code != SINGLETONS]
        notices.append(notice)
        if alone and (rest.sizes == 1).any():
            notices.append(_singletons(rest.sizes))
        return replace(rest, drawn=True, notices=tuple(notices))

    def _at(self, positions: Rows) -> "EmbeddingSet":
        """The audited rows at some positions, ascending; classes in order of their appearance."""
        at = np.empty(self.size, dtype=np.int64)
        at[self.rows] = np.arange(self.size)  # where in the order a row of the input stands
        places = at[positions]
        codes, classes = np.zeros(len(places), dtype=np.int64), self.classes
        if self.labelled and len(places):
            codes, classes = _only(self.codes_of(places), self.classes)
        sizes = np.bincount(codes, minlength=len(classes)) if self.labelled else codes[:0]
        order = np.argsort(codes, kind="stable").astype(np.int64)
        shape = len(order), self.dim
        on_disk = self.spill is not None and len(order)
        spill = Spill(shape, self.vectors.dtype) if on_disk else None
        vectors = spill.array if spill is not None else np.empty(shape, self.vectors.dtype)
        for start in range(0, len(order), PLACED):
            part = slice(start, start + PLACED)
            rows = places[order[part]]
            vectors[part] = self.vectors[rows]
            if self.spill is not None and spill is not None:
                self.spill.met(rows)
                spill.met(part)
        return replace(
            self,
            vectors=vectors,
            rows=order,
            starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            classes=classes,
            ids=_taken(self.ids, positions),
            kept=positions if self.kept is None else self.kept[positions],
            spill=spill,
            columns={name: _taken(one, positions) or () for name, one in self.columns.items()},
        )

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
    meant: Flags | None,
) -> list[str]:
    """Put the rows in their order into `vectors`; what is wrong with any of the `total` rows.

    meant: (total,) those that are not left out, None for all.
    """
    place = np.full(total, -1)
    place[order if kept is None else kept[order]] = np.arange(len(order))
    values = Values()
    problems: list[str] = []
    try:
        for whole in blocks:
            for start in range(0, len(whole), PLACED):
                block = whole[start : start + PLACED]
                rows = slice(values.rows, values.rows + len(block))
                to = place[rows]
                values.check(block, None if meant is None else meant[rows])
                vectors[to[to >= 0]] = block if kept is None else block[to >= 0]
                if spill is not None:
                    spill.met(to[to >= 0])
    except InputRefused as refusal:
        problems += refusal.problems
    return values.problems(place_of("embeddings", sources)) + problems


def _problems(
    codes: Rows,
    labels: Sequence[Label] | None,
    left_out: Sequence[LeftOut],
    sources: Sequence[Source],
    total: int,
    *,
    alone: bool,
) -> list[str]:
    """Why rows of these class codes cannot be audited, once some of `total` are left out."""
    where = place_of("embeddings", sources)
    if labels is None:
        problems = pair_problems(len(codes), where)
    elif alone or not len(codes):
        problems = class_problems(np.bincount(codes), place_of("labels", sources), labels)
    else:
        problems = []
    return [once_left_out(Problem(one), left_out, total) for one in problems]


def _draw(
    codes: Rows, sample: int, seed: int, *, labelled: bool, among: Sequence[Label] | None
) -> tuple[Rows, Notice]:
    """Positions of a sample of rows with these class codes, and what is said of it."""
    if not labelled and sample < 2:
        raise UsageError("A sample of one row has no pair.", f"Give {option('sample')} at least 2.")
    chosen = drawn(codes, sample, seed, least=2 if among is None else 0)
    return chosen, _sampled(sample, len(codes), seed, by_class=labelled)


def _taken(values: Sequence[T] | None, rows: Rows | None) -> tuple[T, ...] | None:
    """The values of some rows, of all for None."""
    if values is None:
        return None
    return tuple(values) if rows is None else tuple(values[row] for row in rows.tolist())


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


def _only(codes: Rows, classes: tuple[Label, ...]) -> tuple[Rows, tuple[Label, ...]]:
    """Codes of the classes that some rows still have, in order of appearance, and these."""
    present, firsts, inverse = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")
    rank = np.argsort(order, kind="stable")
    codes = rank[inverse].astype(np.int64)
    return codes, tuple(classes[code] for code in present[order])


def _sampled(sample: int, total: int, seed: int, *, by_class: bool) -> Notice:
    share = " so that every class keeps its share" if by_class else ""
    return Notice(
        "sampled_rows",
        f"{sample} of {total} rows were audited, drawn at random with seed {seed}{share}: every "
        "figure is of these rows.",
    )


def _singletons(sizes: Rows) -> Notice:
    return Notice(
        SINGLETONS,
        f"{(sizes == 1).sum()} of {len(sizes)} classes have a single row: those rows have no "
        "positive, so they are no anchors; they serve as negatives.",
    )

"""From blocks of vectors and a value a row to the parts of a set, ordered by class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from embaudit.core.disk_backed_rows import MappedRows, beside
from embaudit.core.prepared_points import Rows
from embaudit.data.class_codes import codes_of, codes_present
from embaudit.data.finite_values import Values
from embaudit.data.left_out_rows import (
    Flags,
    LeftOut,
    Unmeant,
    flagged,
    notice_of,
    unknown_labels,
)
from embaudit.data.refusal_reasons import audit_problems, nothing_in
from embaudit.data.sampling import drawn
from embaudit.data.sources_and_notices import Array, Label, Notice, Source, labelled_among, place_of
from embaudit.errors import InputRefused, UsageError, option

T = TypeVar("T")

SINGLETONS = "singleton_classes"  # the code of a notice
PLACED = 8192  # rows put in place at a time: on disk, each may touch a page of its own


@dataclass(frozen=True)
class VectorBlocks:
    """(rows, dim) vectors of a dtype that come in blocks; unpacked: as bits that were packed."""

    blocks: Iterable[Array]
    rows: int
    dim: int
    dtype: "np.dtype[Any]"
    unpacked: bool = False


@dataclass(frozen=True)
class RowAnnotations:
    """What goes along with the vectors, a value a row. labels: None for a set without classes."""

    labels: Sequence[Label] | None
    ids: Sequence[Label] | None = None
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def at(self, rows: Rows | None) -> "RowAnnotations":
        """Those of some rows, of all for None."""
        columns = {name: taken(values, rows) or () for name, values in self.columns.items()}
        return RowAnnotations(taken(self.labels, rows), taken(self.ids, rows), columns)


@dataclass(frozen=True)
class RowChoice:
    """Which rows are audited.

    ignored: labels, as text, whose rows are left out, as those are that are flagged in zero, (N,),
    or unmeant; they are not validated. sample: so many of the others, stratified by class
    (`sampling.drawn`); all are validated. among: of one of two sets, queries or gallery, the
    classes that come first, present or not; its classes may have a single row. None: the set is
    audited alone.
    """

    ignored: Sequence[str] = ()
    zero: Flags | None = None
    sample: int | None = None
    seed: int = 0
    among: Sequence[Label] | None = None
    unmeant: Unmeant | None = None

    @property
    def alone(self) -> bool:
        """Whether the set must hold positives and negatives itself."""
        return self.among is None


class SetBuilder:
    """The steps from blocks to a set: leave out, encode classes, draw, put in place.

    Each row goes straight to its place, so that a second copy never exists. What is wrong is
    gathered, and told at once.
    """

    def __init__(
        self,
        vectors: VectorBlocks,
        annotations: RowAnnotations,
        choice: RowChoice,
        sources: Sequence[Source],
    ) -> None:
        self.vectors, self.annotations, self.choice, self.sources = (
            vectors,
            annotations,
            choice,
            sources,
        )
        self.problems: list[str] = []
        self.notices: list[Notice] = []
        self.left_out: tuple[LeftOut, ...] = ()
        self.kept: Rows | None = None  # (N,) ascending input rows; None for all
        self.drawn = False
        self._leave_out()
        self.codes, self.classes = self._encoded()
        self._draw()

    def _leave_out(self) -> None:
        labels, total = self.annotations.labels, self.vectors.rows
        ignored = self.choice.ignored if labels is not None else ()
        out, self.left_out = flagged(labels, total, ignored, self.choice.zero, self.choice.unmeant)
        self.meant = ~out if out.any() else None  # (total,) rows that are validated; None for all
        if self.choice.alone:
            where = place_of("labels", self.sources)
            self.problems += unknown_labels(self.left_out, labels or (), where)
        if self.meant is not None:
            self.kept = np.flatnonzero(self.meant)
        if self.left_out:
            self.notices.append(notice_of(self.left_out, total))
        self.annotations = self.annotations.at(self.kept)

    def _encoded(self) -> tuple[Rows, tuple[Label, ...]]:
        labels, total = self.annotations.labels, self.vectors.rows
        rows = total if self.kept is None else len(self.kept)
        codes, classes = codes_of(labels, rows, self.choice.among or ())
        self.problems += audit_problems(
            codes, labels, self.left_out, self.sources, total, alone=self.choice.alone
        )
        return codes, classes

    def _draw(self) -> None:
        sample, rows = self.choice.sample, len(self.codes)
        if sample is None or sample >= rows or self.problems:
            return
        labelled = self.annotations.labels is not None
        chosen, notice = drawn_rows(
            self.codes, sample, self.choice.seed, labelled=labelled, alone=self.choice.alone
        )
        self.codes, self.classes = codes_present(self.codes[chosen], self.classes)
        self.annotations, self.drawn = self.annotations.at(chosen), True
        self.notices.append(notice)
        self.kept = chosen if self.kept is None else self.kept[chosen]

    def parts(self, *, on_disk: bool) -> dict[str, Any]:
        """The fields of the set; on_disk: the vectors are in a temporary file.

        Raises InputRefused for what cannot be audited, with every problem found.
        """
        sizes = np.bincount(self.codes, minlength=len(self.classes))
        order = np.argsort(self.codes, kind="stable").astype(np.int64)
        shape, dtype = (len(order), self.vectors.dim), self.vectors.dtype.newbyteorder("=")
        mapped_rows = MappedRows(shape, dtype) if on_disk and len(order) else None
        ordered = np.empty(shape, dtype) if mapped_rows is None else mapped_rows.array
        problems = self._place(ordered, mapped_rows, order) + self.problems
        if not self.vectors.dim and not problems:
            problems = [nothing_in(place_of("embeddings", self.sources), self.vectors.rows, 0)]
        if problems:
            raise InputRefused(problems)
        if self.annotations.labels is None:
            self.classes, sizes = (), sizes[:0]
        known = sizes[labelled_among(self.classes)]
        if self.choice.alone and (known == 1).any():
            self.notices.append(singletons(known))
        ids = self.annotations.ids
        return {
            "vectors": ordered,
            "rows": beside(mapped_rows, order),
            "starts": np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            "classes": self.classes,
            "ids": None if ids is None else tuple(ids),
            "sources": tuple(self.sources),
            "kept": None if self.kept is None else beside(mapped_rows, self.kept),
            "mapped_rows": mapped_rows,
            "columns": {name: tuple(values) for name, values in self.annotations.columns.items()},
            "drawn": self.drawn,
            "unpacked": self.vectors.unpacked,
            "left_out": self.left_out,
        }

    def _place(self, ordered: Array, mapped_rows: MappedRows | None, order: Rows) -> list[str]:
        """Put the rows in their order into `ordered`; what is wrong with any that is meant."""
        kept, meant = self.kept, self.meant
        place = np.full(self.vectors.rows, -1)
        place[order if kept is None else kept[order]] = np.arange(len(order))
        values = Values()
        problems: list[str] = []
        try:
            for whole in self.vectors.blocks:
                for start in range(0, len(whole), PLACED):
                    block = whole[start : start + PLACED]
                    rows = slice(values.rows, values.rows + len(block))
                    to = place[rows]
                    values.check(block, None if meant is None else meant[rows])
                    ordered[to[to >= 0]] = block if kept is None else block[to >= 0]
                    if mapped_rows is not None:
                        mapped_rows.met(to[to >= 0])
        except InputRefused as refusal:
            problems += refusal.problems
        return values.problems(place_of("embeddings", self.sources)) + problems


def drawn_rows(
    codes: Rows, sample: int, seed: int, *, labelled: bool, alone: bool
) -> tuple[Rows, Notice]:
    """Positions of a sample of rows with these class codes, and what is said of it."""
    if not labelled and sample < 2:
        raise UsageError("A sample of one row has no pair.", f"Give {option('sample')} at least 2.")
    chosen = drawn(codes, sample, seed, least=2 if alone else 0)
    share = " so that every class keeps its share" if labelled else ""
    return chosen, Notice(
        "sampled_rows",
        f"{sample} of {len(codes)} rows were audited, drawn at random with seed {seed}{share}: "
        "every figure is of these rows.",
    )


def singletons(sizes: Rows) -> Notice:
    """What is said of classes of one row; sizes: (C,) of all."""
    return Notice(
        SINGLETONS,
        f"{(sizes == 1).sum()} of {len(sizes)} classes have a single row: those rows have no "
        "positive, so they are no anchors; they serve as negatives.",
    )


def taken(values: Sequence[T] | None, rows: Rows | None) -> tuple[T, ...] | None:
    """The values of some rows, of all for None."""
    if values is None:
        return None
    return tuple(values) if rows is None else tuple(values[row] for row in rows.tolist())

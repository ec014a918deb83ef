"""The audited set: validated vectors ordered by class, so that every class is a slice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from embaudit.core.disk_backed_rows import Column, MappedRows, beside
from embaudit.core.prepared_points import Points, Rows
from embaudit.data.bit_unpacking import BITS, bits_problems, unpacked_blocks
from embaudit.data.finite_values import row_blocks
from embaudit.data.left_out_rows import Flags, LeftOut, zero_flags
from embaudit.data.refusal_reasons import shape_problems
from embaudit.data.set_builder import RowAnnotations, RowChoice, SetBuilder, VectorBlocks
from embaudit.data.sources_and_notices import Array, Label, Notice, Source, labelled_among, place_of
from embaudit.errors import InputRefused


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
    mapped_rows: where the vectors are on disk, else None.
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
    mapped_rows: MappedRows | None = None
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

        zero = zero_flags(blocks()) if drop_zeros else None
        choice = RowChoice(ignored, zero, sample, seed, among)
        vectors_in_blocks = VectorBlocks(blocks(), *form, unpack_bits)
        builder = SetBuilder(vectors_in_blocks, RowAnnotations(labels, ids), choice, sources)
        return cls.built(builder, notices, on_disk=on_disk)

    @classmethod
    def built(
        cls, builder: SetBuilder, notices: Sequence[Notice] = (), *, on_disk: bool = False
    ) -> "EmbeddingSet":
        """The set of a builder; notices: what was found in reading.

        on_disk: keep the vectors in a temporary file, as memory cannot hold them.

        Raises InputRefused for what cannot be audited, listing every problem found.
        """
        parts = builder.parts(on_disk=on_disk)
        return cls(**parts, notices=(*notices, *builder.notices))

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
    def labelled_classes(self) -> Flags:
        """(C,) which classes are some, and not of one row without a label; looks at all."""
        return labelled_among(self.classes)

    @property
    def class_sizes(self) -> Rows:
        """(K,) rows in each class that is some."""
        return self.sizes[self.labelled_classes]

    @property
    def distractors(self) -> int:
        """How many rows have no label, and stay as negatives of all others."""
        return self.size - int(self.class_sizes.sum()) if self.labelled else 0

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

    def beside(self, values: Column) -> Column:
        """What is known of the rows, in a file where these are in one."""
        return beside(self.mapped_rows, values)

    def let_go(self) -> None:
        """Give back the memory that files of rows take; their content stays."""
        if self.mapped_rows is not None:
            self.mapped_rows.let_go()

    @property
    def stored(self) -> Points:
        """The vectors as points of no metric yet."""
        return Points(self.vectors, mapped_rows=self.mapped_rows)

    def id_of(self, row: int) -> Label | None:
        """The id of an *ordered* row, None where the input has no ids."""
        return None if self.ids is None else self.ids[self.rows[row]]

"""The values of what was chosen, as a validated set."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from embaudit.core.machine import allowed
from embaudit.data import Array, EmbeddingSet, Label, Source, class_problems
from embaudit.data.bit_unpacking import unpacked_blocks
from embaudit.data.finite_values import row_blocks, value_problems
from embaudit.data.left_out_rows import flagged, once_left_out, unknown_labels, zero_flags
from embaudit.data.refusal_reasons import nothing_in
from embaudit.data.set_builder import RowAnnotations, RowChoice, SetBuilder, VectorBlocks
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.errors import InputRefused, Problem
from embaudit.files.chosen_columns import Choice, place
from embaudit.files.column import Column
from embaudit.files.file_status import StoredFile
from embaudit.files.labels_and_ids import read_row_values
from embaudit.files.library_process import ended_after


@ended_after()
def read(
    chosen: Choice,
    *,
    sample: int | None = None,
    seed: int = 0,
    memory_budget: int | None = None,
    on_disk: Callable[[int], bool] = lambda classes: False,
    among: Sequence[Label] | None = None,
    ignored: Sequence[str] = (),
    drop_zeros: bool = False,
) -> EmbeddingSet:
    """Read what was chosen.

    on_disk: whether, of so many classes, the rows go to a temporary file; they do whenever reading
    needs it. among: as in `RowChoice`. ignored: labels, as text, whose rows are
    left out; drop_zeros: rows of zeros, too, which takes a pass over the values.

    Raises InputRefused, listing every problem found, StoreLost or BudgetExceeded; what is wrong
    with the headers comes first.
    """
    problems = chosen.problems
    problems.refuse()
    assert chosen.vectors
    assert chosen.classes or chosen.names.pairs or not chosen.labelled
    budget = allowed(memory_budget)
    chosen.needs(sample, on_disk=True).check(budget, f"Reading {place(chosen.vectors)}")
    if not chosen.first.shape[1]:
        _refuse_empty(chosen)
    beside = read_row_values(chosen, ignored, side="gallery row" if among else "row")
    sources = problems.attempt(sources_of, chosen) or []
    if problems.found:
        problems.found += _value_problems(chosen) or []
        problems.refuse()
    zero = problems.attempt(zero_flags, _blocks(chosen)) if drop_zeros else None
    problems.refuse()
    count = len({(type(label), label) for label in beside.labels if str(label) not in ignored})
    vectors = VectorBlocks(
        _blocks(chosen), chosen.rows, chosen.dim, chosen.dtype, chosen.unpack_bits
    )
    labels = beside.labels if chosen.labelled else None
    values = RowAnnotations(labels, beside.ids, beside.kept)
    choice = RowChoice(ignored, zero, sample, seed, among, beside.unmeant)
    loaded = EmbeddingSet.built(
        SetBuilder(vectors, values, choice, sources),
        [*chosen.notices, *beside.notices],
        on_disk=on_disk(count) or chosen.needs(sample).total > budget,
    )
    for table in {*chosen.tables, *chosen.beside}:
        table.file.check_unchanged()
    return loaded


def _refuse_empty(chosen: Choice) -> None:
    """Of lists whose first is empty or null: the others tell what is wrong."""
    assert chosen.vectors
    problems = chosen.problems
    nothing = nothing_in(place(chosen.vectors), chosen.rows, 0)
    problems.found += [nothing] if _value_problems(chosen) == [] else []
    problems.refuse()


def _value_problems(chosen: Choice) -> list[str] | None:
    """What is wrong with the vectors' values; None where reading them was refused."""
    assert chosen.vectors
    return chosen.problems.attempt(value_problems, _blocks(chosen), place(chosen.vectors))


def count_classes(
    chosen: Choice, *, alone: bool = True, ignored: Sequence[str] = ()
) -> tuple[int, int]:
    """How many classes there are, and distractors; only the labels are read.

    Raises what is wrong with them.

    alone: whether the set must hold positives and negatives itself. ignored: labels, as text,
    whose rows are left out.
    """
    chosen.problems.refuse()
    if not chosen.labelled:
        return 0, 0
    beside = read_row_values(chosen, ignored)
    chosen.problems.refuse()
    labels = beside.labels
    out, left_out = flagged(labels, len(labels), ignored, None, beside.unmeant)
    where = place(chosen.classes) if chosen.classes else "labels"
    stay = [labels[row] for row in np.flatnonzero(~out).tolist()]
    sizes = Counter((type(label), label) for label in stay)
    problems: list[str] = []
    if alone:
        problems += unknown_labels(left_out, labels, where)
        unfit = class_problems(np.array(list(sizes.values())), where, stay)
        problems += [once_left_out(Problem(one), left_out, len(labels)) for one in unfit]
    if problems:
        raise InputRefused(problems)
    known = sum(kind is not Unlabelled for kind, _ in sizes)
    return known, len(sizes) - known


def _blocks(chosen: Choice) -> Iterator[Array]:
    """The rows of all shards, in their order, in blocks, as they are audited."""
    stored = _stored_blocks(chosen.vectors or [])
    return unpacked_blocks(stored) if chosen.unpack_bits else stored


def _stored_blocks(columns: list[Column]) -> Iterator[Array]:
    for column in columns:
        if column.rows:
            yield from row_blocks(column.read()) if column.blocks is None else column.blocks()


def sources_of(chosen: Choice) -> list[Source]:
    """One source a file and role; those of shards stand in the order in which rows are joined.

    Raises InputRefused for a file that cannot be read, or changed since it was chosen.
    """
    digests: dict[StoredFile, str] = {}
    sources = []
    sides = (
        ("embeddings", chosen.tables, chosen.vectors),
        ("labels", chosen.beside if chosen.classes else [], chosen.classes),
    )
    for role, side, columns in sides:
        for table, column in zip(side, columns or (), strict=True):
            file = table.file
            if file not in digests:
                digests[file] = file.sha256()
            dim = column.shape[1] if role == "embeddings" else None
            digest = digests[file]
            kind, name = column.stored, column.name
            sources.append(
                Source(role, file.path, file.format, column.rows, dim, kind, digest, name)
            )
    return sources

"""From paths to an EmbeddingSet: choose columns, check headers, sizes and memory, then read."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from embaudit.data import Array, EmbeddingSet, Label, Notice, Source, class_problems
from embaudit.data.bits import unpacked_blocks
from embaudit.data.labels import as_ids, label_notices, plain_labels
from embaudit.data.left_out import (
    flagged,
    once_left_out,
    unknown_labels,
    zero_flags,
)
from embaudit.data.problems import nothing_in
from embaudit.data.values import row_blocks, value_problems
from embaudit.errors import InputRefused, Problem
from embaudit.files.choice import Choice, Problems, place
from embaudit.files.column import Column
from embaudit.files.join import joining
from embaudit.files.kept import kept_values
from embaudit.files.source import StoredFile
from embaudit.machine import allowed


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
    needs it. among: as in `EmbeddingSet.from_blocks`. ignored: labels, as text, whose rows are
    left out; drop_zeros: rows of zeros, too, which takes a pass over the values.

    Raises InputRefused, listing every problem found, StoreLost or BudgetExceeded; what is wrong
    with the headers comes first.
    """
    problems = chosen.problems
    problems.refuse()
    vectors, classes = chosen.vectors, chosen.classes
    assert vectors
    assert classes or not chosen.labelled
    budget = allowed(memory_budget)
    chosen.needs(sample, on_disk=True).check(budget, f"Reading {place(vectors)}")

    if not chosen.first.shape[1]:  # a list whose first row is empty, or null: the others tell
        found = problems.attempt(value_problems, _blocks(chosen), place(vectors))
        problems.found += [nothing_in(place(vectors), chosen.rows, 0)] if found == [] else []
        problems.refuse()
    plain = problems.attempt(_read_labels, classes, ignored) if classes else ([], [])
    ids, remarks = problems.attempt(_read_ids, chosen) or (None, [])
    order = None
    if plain and chosen.keys and not problems.found:
        order = problems.attempt(_joining, chosen, ids or [], len(plain[0]))
        plain = [plain[0][row] for row in order or ()], plain[1]
    kept = problems.attempt(_read_kept, chosen, order)
    sources = problems.attempt(sources_of, chosen) or []
    if problems.found or plain is None or kept is None:
        problems.found += problems.attempt(value_problems, _blocks(chosen), place(vectors)) or []
        problems.refuse()
    assert plain is not None
    assert kept is not None
    labels, more = plain
    zero = problems.attempt(zero_flags, _blocks(chosen)) if drop_zeros else None
    problems.refuse()
    count = len({(type(label), label) for label in labels if str(label) not in ignored})
    there = on_disk(count) or chosen.needs(sample).total > budget
    loaded = EmbeddingSet.from_blocks(
        _blocks(chosen),
        (chosen.rows, chosen.dim, chosen.dtype),
        labels if classes else None,
        ids,
        sample=sample,
        seed=seed,
        sources=sources,
        notices=[*chosen.notices, *more, *remarks],
        columns=kept,
        on_disk=there,
        among=among,
        unpacked=chosen.unpack_bits,
        ignored=ignored,
        zero=zero,
    )
    for table in {*chosen.tables, *chosen.beside}:
        table.file.check_unchanged()
    return loaded


def count_classes(chosen: Choice, *, alone: bool = True, ignored: Sequence[str] = ()) -> int:
    """How many classes there are; only the labels are read. Raises what is wrong with them.

    alone: whether the set must hold positives and negatives itself. ignored: labels, as text,
    whose rows are left out.
    """
    chosen.problems.refuse()
    if not chosen.labelled:
        return 0
    assert chosen.classes
    labels, _ = _read_labels(chosen.classes)
    out, left_out = flagged(labels, len(labels), ignored, None)
    where, stay = place(chosen.classes), [labels[row] for row in np.flatnonzero(~out).tolist()]
    sizes = Counter((type(label), label) for label in stay)
    problems: list[str] = []
    if alone:
        problems += unknown_labels(left_out, labels, where)
        unfit = class_problems(np.array(list(sizes.values())), where, stay)
        problems += [once_left_out(Problem(one), left_out, len(labels)) for one in unfit]
    if problems:
        raise InputRefused(problems)
    return len(sizes)


def _blocks(chosen: Choice) -> Iterator[Array]:
    """The rows of all shards, in their order, in blocks, as they are audited."""
    stored = _stored_blocks(chosen.vectors or [])
    return unpacked_blocks(stored) if chosen.unpack_bits else stored


def _stored_blocks(columns: list[Column]) -> Iterator[Array]:
    for column in columns:
        if column.rows:
            yield from row_blocks(column.read()) if column.blocks is None else column.blocks()


def _read_labels(
    columns: list[Column], ignored: Sequence[str] = ()
) -> tuple[list[Label], list[Notice]]:
    """Plain labels of all shards. Raises InputRefused where their types disagree: 1 is not '1'.

    ignored: labels, as text, that no remark is of.
    """
    problems = Problems()
    labels: list[Label] = []
    notices: dict[str, list[Notice]] = {}
    types: dict[type, str] = {}
    for column in columns:
        part, remarks = problems.attempt(_plain, column) or ([], [])
        labels += part
        for remark in remarks:
            notices.setdefault(remark.code, []).append(remark)
        for kind in set(map(type, part)):
            types.setdefault(kind, column.path)
    if len(types) > 1:
        held = ", ".join(f"{kind.__name__} in {path}" for kind, path in types.items())
        differ = f"labels differ in type across shards: {held}."
        problems.found.append(Problem(differ, "Save them alike."))
    problems.refuse()
    told = [
        Notice(code, f"{same[0].message} (In {len(same)} shards.)") if len(same) > 1 else same[0]
        for code, same in notices.items()
    ]
    return labels, told + label_notices(labels, place(columns), ignored)


def _plain(column: Column) -> tuple[list[Label], list[Notice]]:
    return plain_labels(column.read(), column.where)


def _read_ids(chosen: Choice) -> tuple[list[Label] | None, list[Notice]]:
    """The ids, if there are any; unusable ones that nobody asked for are only a notice."""
    if chosen.ids is None:
        return None, []
    given = sum(column.rows for column in chosen.ids)
    try:
        if given != chosen.rows:
            where = place(chosen.ids)
            raise InputRefused(
                f"{where}: {given} ids for {chosen.rows} embeddings.", "Give one for every row."
            )
        return _plain_ids(chosen.ids)
    except InputRefused as refusal:
        if chosen.names.id is not None or chosen.keys:
            raise
        return None, [Notice("ids_ignored", f"The ids were not used. {refusal.problems[0]}")]


def _plain_ids(columns: list[Column]) -> tuple[list[Label], list[Notice]]:
    """The ids of all shards, and what is told of them once."""
    parts = [as_ids(column.read(), column.where) for column in columns]
    ids = [one for part, _ in parts for one in part]
    return ids, [notice for _, notices in parts for notice in notices][:1]


def _read_kept(chosen: Choice, order: list[int] | None) -> dict[str, list[Any]]:
    """The values to carry along; order: the rows of a joined labels file, embedding by embedding.

    Raises InputRefused for what cannot be kept, and where there is not one value a row.
    """
    problems, kept = Problems(), {}
    joined = {table.file.path for table in chosen.beside} if chosen.keys else set()
    for name, columns in chosen.kept.items():
        given, of_labels = sum(column.rows for column in columns), columns[0].path in joined
        if given != chosen.rows and not of_labels:
            told = f"{place(columns)}: {given} values for {chosen.rows} embeddings."
            problems.found.append(Problem(told, "Give one for every row."))
            continue
        values = problems.attempt(kept_values, columns) or []
        kept[name] = [values[row] for row in order or ()] if of_labels and values else values
    problems.refuse()
    return kept


def _joining(chosen: Choice, ids: list[Label], labels: int) -> list[int]:
    """The row of the labels file for each embedding."""
    assert chosen.keys
    assert chosen.ids
    keys, _ = _plain_ids(chosen.keys)
    if len(keys) != labels:
        told = f"{place(chosen.keys)}: {len(keys)} ids for {labels} labels."
        raise InputRefused(told, "Give one for every label.")
    untyped = chosen.beside[0].file.format in ("csv", "tsv")
    return joining(keys, ids, places=(place(chosen.keys), place(chosen.ids)), untyped=untyped)


def sources_of(chosen: Choice) -> list[Source]:
    """One source a file and role; those of shards stand in the order in which rows are joined.

    Raises InputRefused for a file that cannot be read, or changed since it was chosen.
    """
    digests: dict[StoredFile, str] = {}
    sources = []
    sides = (
        ("embeddings", chosen.tables, chosen.vectors),
        ("labels", chosen.beside if chosen.labelled else [], chosen.classes),
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

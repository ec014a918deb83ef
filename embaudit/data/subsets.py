"""A set less some of its rows, or in another order: copied, never changed."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from embaudit.core.disk_backed_rows import MappedRows, beside
from embaudit.core.prepared_points import Rows
from embaudit.data.class_codes import codes_present, typed
from embaudit.data.embedding_set import EmbeddingSet
from embaudit.data.left_out_rows import Flags, LeftOut, notice_of
from embaudit.data.refusal_reasons import audit_problems
from embaudit.data.set_builder import PLACED, SINGLETONS, drawn_rows, singletons, taken
from embaudit.data.sources_and_notices import Label
from embaudit.errors import InputRefused


def leave_out(
    data: EmbeddingSet, out: Flags, left_out: Sequence[LeftOut], *, alone: bool
) -> EmbeddingSet:
    """The same set less some of its *ordered* rows, flagged in `out` (N,), copied.

    Its classes stand in the order of appearance of what is left. left_out: why they go. alone:
    whether the set must hold positives and negatives itself. Raises InputRefused where what
    is left cannot be audited.
    """
    before = data.size + sum(one.count for one in data.left_out)
    every = (*data.left_out, *left_out)
    gone = np.zeros(data.size, dtype=bool)
    gone[data.rows] = out
    rest = _at(data, np.flatnonzero(~gone))
    labels = [rest.classes[code] for code in rest.codes.tolist()] if data.labelled else None
    problems = audit_problems(rest.codes, labels, every, data.sources, before, alone=alone)
    if problems:
        raise InputRefused(problems)
    notices = [one for one in rest.notices if one.code not in ("left_out", SINGLETONS)]
    notices.append(notice_of(every, before))
    if alone and (rest.class_sizes == 1).any():
        notices.append(singletons(rest.class_sizes))
    return replace(rest, left_out=every, notices=tuple(notices))


def draw_sample(data: EmbeddingSet, sample: int, seed: int, *, alone: bool) -> EmbeddingSet:
    """So many rows of the set, drawn as reading does, copied; itself if it has no more.

    alone: as in `leave_out`.
    """
    if sample >= data.size:
        return data
    codes = np.zeros(data.size, dtype=np.int64)
    codes[data.rows] = data.codes if data.labelled else 0
    chosen, notice = drawn_rows(codes, sample, seed, labelled=data.labelled, alone=alone)
    rest = _at(data, chosen)
    notices = [one for one in rest.notices if one.code != SINGLETONS]
    notices.append(notice)
    if alone and (rest.class_sizes == 1).any():
        notices.append(singletons(rest.class_sizes))
    return replace(rest, drawn=True, notices=tuple(notices))


def _at(data: EmbeddingSet, positions: Rows) -> EmbeddingSet:
    """The audited rows at some positions, ascending; classes in order of their appearance."""
    at = np.empty(data.size, dtype=np.int64)
    at[data.rows] = np.arange(data.size)  # where in the order a row of the input stands
    places = at[positions]
    codes, classes = np.zeros(len(places), dtype=np.int64), data.classes
    if data.labelled and len(places):
        codes, classes = codes_present(data.codes_of(places), data.classes)
    sizes = np.bincount(codes, minlength=len(classes)) if data.labelled else codes[:0]
    order = np.argsort(codes, kind="stable").astype(np.int64)
    shape = len(order), data.dim
    on_disk = data.mapped_rows is not None and len(order)
    mapped_rows = MappedRows(shape, data.vectors.dtype) if on_disk else None
    vectors = mapped_rows.array if mapped_rows is not None else np.empty(shape, data.vectors.dtype)
    for start in range(0, len(order), PLACED):
        part = slice(start, start + PLACED)
        rows = places[order[part]]
        vectors[part] = data.vectors[rows]
        if data.mapped_rows is not None and mapped_rows is not None:
            data.mapped_rows.met(rows)
            mapped_rows.met(part)
    return replace(
        data,
        vectors=vectors,
        rows=beside(mapped_rows, order),
        starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        classes=classes,
        ids=taken(data.ids, positions),
        kept=beside(mapped_rows, positions if data.kept is None else data.kept[positions]),
        mapped_rows=mapped_rows,
        columns={name: taken(one, positions) or () for name, one in data.columns.items()},
    )


def with_classes_first(data: EmbeddingSet, classes: Sequence[Label]) -> EmbeddingSet:
    """The same rows with these classes first, present or not; copied only if they must move."""
    slices = [slice(*ends) for ends in pairwise(data.starts.tolist())]
    own = dict(zip(map(typed, data.classes), slices, strict=True))
    wanted = dict.fromkeys([*map(typed, classes), *own])
    parts = [own.get(label, slice(0, 0)) for label in wanted]
    starts = np.cumsum([0, *(part.stop - part.start for part in parts)])
    same = replace(data, starts=starts, classes=tuple(label for _, label in wanted))
    rows = np.concatenate([data.rows[part] for part in parts])
    if np.array_equal(rows, data.rows):
        return same
    mapped_rows = (
        None if data.mapped_rows is None else MappedRows(data.vectors.shape, data.vectors.dtype)
    )
    vectors = np.empty_like(data.vectors) if mapped_rows is None else mapped_rows.array
    for part, ends in zip(parts, pairwise(starts.tolist()), strict=True):
        vectors[slice(*ends)] = data.vectors[part]
        if data.mapped_rows is not None and mapped_rows is not None:
            data.mapped_rows.met(part)
            mapped_rows.met(slice(*ends))
    return replace(same, vectors=vectors, rows=beside(mapped_rows, rows), mapped_rows=mapped_rows)

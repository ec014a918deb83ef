"""What stands beside the vectors: labels, ids and kept values, one a row of the embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embaudit.data import Label, Notice
from embaudit.data.label_values import NULL, refusal, without_holes
from embaudit.data.left_out_rows import Flags, Unmeant
from embaudit.data.plain_labels import as_ids, label_notices, plain_labels
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.errors import InputRefused, Problem, option
from embaudit.files.chosen_columns import Choice, Problems, place
from embaudit.files.column import Column
from embaudit.files.formats import format_of
from embaudit.files.id_join import joining
from embaudit.files.passthrough_columns import aligned_values
from embaudit.files.row_order import check_order


@dataclass(frozen=True)
class RowValues:
    """N labels, N ids if there are any, and N values of each kept column; what is told of them.

    A row without a label has the class of itself. unmeant: rows that are left out for what stands
    here.
    """

    labels: list[Label]
    ids: list[Label] | None
    kept: dict[str, list[Any]]
    notices: list[Notice]
    unmeant: Unmeant


def read_row_values(chosen: Choice, ignored: Sequence[str] = (), *, side: str = "row") -> RowValues:
    """The values of all columns but the vectors; what is wrong is added to the problems there.

    ignored: labels, as text, that no remark is of. side: what a row without a label is called.
    """
    problems, names = chosen.problems, chosen.names
    ids, remarks = problems.attempt(_read_ids, chosen) or (None, [])
    problems.attempt(check_order, chosen)
    order = None
    if chosen.keys and not problems.found:
        order = problems.attempt(_joining, chosen, ids or [])
    kept = problems.attempt(aligned_values, chosen, chosen.kept, order) or {}
    outside = problems.attempt(_outside, chosen, order) if names.where is not None else None
    if names.pairs:
        return RowValues(
            [*range(chosen.rows)], ids, kept, remarks, Unmeant(outside, names.where or "")
        )
    told = problems.attempt(_read_labels, chosen, order, outside, ignored)
    labels, bare, notices = told or ([], np.zeros(0, dtype=bool), [])
    if names.unlabelled == "distractor" and bare.any():
        notices.append(_distractors(chosen, int(bare.sum())))
    for row in np.flatnonzero(bare).tolist():
        labels[row] = Unlabelled(f"unlabelled {side} {row}")
    left = bare if names.unlabelled == "drop" else None
    unmeant = Unmeant(outside, names.where or "", left)
    return RowValues(labels, ids, kept, [*notices, *remarks], unmeant)


def _outside(chosen: Choice, order: list[int] | None) -> Flags:
    from embaudit.files.filtered_out_rows import rows_outside  # with pyarrow

    return rows_outside(chosen, order)


def _distractors(chosen: Choice, count: int) -> Notice:
    """What is said of rows without a label that stay."""
    return Notice(
        "distractors",
        f"{place(chosen.classes or [])}: {count:,} of {chosen.rows:,} rows have no label: each is "
        "a negative of all others, and an anchor of none; no class is counted for it.",
    )


def _read_labels(
    chosen: Choice, order: list[int] | None, outside: Flags | None, ignored: Sequence[str]
) -> tuple[list[Label], Flags, list[Notice]]:
    """N labels, (N,) which rows have none, and what is told of them.

    order: the rows of a joined labels file, -1 for none. outside: rows that need no label.
    Raises InputRefused for rows without a label, unless the names say what becomes of them.
    """
    classes, named = chosen.classes, chosen.names.unlabelled
    if classes is None:
        return [], np.zeros(0, dtype=bool), []
    lax = named is not None or outside is not None
    labels, bare, notices = read_labels(classes, ignored, holes=lax, empty=named is not None)
    if order is not None:
        absent = np.array(order) < 0
        labels = [labels[row] if row >= 0 else "" for row in order]
        bare = np.array([row < 0 or bool(bare[row]) for row in order], dtype=bool)
        assert named is not None or not absent.any()
    if outside is not None and len(outside) == len(bare):
        bare &= ~outside
    if named is None and bare.any():
        raise InputRefused(_unlabelled(place(classes), bare))
    return labels, bare, notices


def read_labels(
    columns: list[Column], ignored: Sequence[str] = (), *, holes: bool = False, empty: bool = False
) -> tuple[list[Label], Flags, list[Notice]]:
    """Plain labels of all shards, and (N,) which rows have none: they have another row's here.

    ignored: labels, as text, that no remark is of. holes: whether a row may have none; empty:
    whether in a format of nothing but text an empty one is none.
    Raises InputRefused where their types disagree: 1 is not '1'.
    """
    problems = Problems()
    labels: list[Label] = []
    bare: list[Flags] = []
    notices: dict[str, list[Notice]] = {}
    types: dict[type, str] = {}
    for column in columns:
        found = problems.attempt(_plain, column, holes, empty)
        part, none, remarks = found or ([], np.zeros(0, dtype=bool), [])
        labels += part
        bare.append(none)
        for remark in remarks:
            notices.setdefault(remark.code, []).append(remark)
        for kind in set(map(type, part)):
            types.setdefault(kind, column.path)
    if len(types) > 1:
        problems.found.append(_unlike(types, columns))
    problems.refuse()
    remarks = [
        Notice(code, f"{same[0].message} (In {len(same)} shards.)") if len(same) > 1 else same[0]
        for code, same in notices.items()
    ]
    gone = np.concatenate([np.zeros(0, dtype=bool), *bare])
    there = [one for one, none in zip(labels, gone, strict=True) if not none]
    return labels, gone, remarks + label_notices(there, place(columns), ignored)


def _unlike(types: dict[type, str], columns: list[Column]) -> Problem:
    """Labels of several types. types: of each, the first file."""
    if len({*types.values()}) > 1:
        held = ", ".join(f"{kind.__name__} in {path}" for kind, path in types.items())
        return Problem(f"labels differ in type across shards: {held}.", "Save them alike.")
    names = " and ".join(sorted(kind.__name__ for kind in types))
    return Problem(
        f"{place(columns)}: its labels differ in type: {names}.",
        "Save them alike: 1 and '1' are different classes.",
    )


def _plain(column: Column, holes: bool, empty: bool) -> tuple[list[Label], Flags, list[Notice]]:
    empty = empty and column.untyped
    values, bare = without_holes(column.read(), empty=empty)
    problems = Problems()
    found = problems.attempt(plain_labels, values, column.where)
    if bare.any() and not holes:
        problems.found.append(_unlabelled(column.where, bare))
    problems.refuse()
    labels, notices = found or ([], [])
    return labels, bare, notices


def _unlabelled(where: str, bare: Flags) -> Problem:
    """Rows without a label, and what to do about them."""
    cause = refusal(where, NULL, np.flatnonzero(bare).tolist()).cause
    remedy = f"Give these rows a label, or leave them out: {option('unlabelled', 'drop')}."
    return Problem(cause, remedy)


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


def _joining(chosen: Choice, ids: list[Label]) -> list[int]:
    """The row of the labels file for each embedding; -1 where there may be none, and is none."""
    assert chosen.keys
    assert chosen.ids
    keys, _ = _plain_ids(chosen.keys)
    labels = sum(column.rows for column in chosen.classes or ())
    if len(keys) != labels:
        cause = f"{place(chosen.keys)}: {len(keys)} ids for {labels} labels."
        raise InputRefused(cause, "Give one for every label.")
    untyped = not format_of(chosen.beside[0].file.format).typed
    places = place(chosen.keys), place(chosen.ids)
    partly = chosen.names.unlabelled is not None
    return joining(keys, ids, places=places, untyped=untyped, partly=partly)

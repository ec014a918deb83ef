"""What stands beside the vectors: labels, ids and kept values, one a row of the embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from embaudit.data import Label, Notice
from embaudit.data.labels import as_ids, label_notices, plain_labels
from embaudit.errors import InputRefused, Problem
from embaudit.files.chosen_columns import Choice, Problems, place
from embaudit.files.column import Column
from embaudit.files.formats import format_of
from embaudit.files.id_join import joining
from embaudit.files.kept_values import kept_values


@dataclass(frozen=True)
class RowValues:
    """N labels, N ids if there are any, and N values of each kept column; what is told of them."""

    labels: list[Label]
    ids: list[Label] | None
    kept: dict[str, list[Any]]
    notices: list[Notice]


def read_row_values(chosen: Choice, ignored: Sequence[str] = ()) -> RowValues:
    """The values of all columns but the vectors; what is wrong is added to the problems there.

    ignored: labels, as text, that no remark is of.
    """
    problems, classes = chosen.problems, chosen.classes
    plain = problems.attempt(read_labels, classes, ignored) if classes else None
    labels, notices = plain or ([], [])
    ids, remarks = problems.attempt(_read_ids, chosen) or (None, [])
    order = None
    if chosen.keys and not problems.found:
        order = problems.attempt(_joining, chosen, ids or [], len(labels))
        labels = [labels[row] for row in order or ()]
    kept = problems.attempt(_read_kept, chosen, order) or {}
    return RowValues(labels, ids, kept, [*notices, *remarks])


def read_labels(
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
    remarks = [
        Notice(code, f"{same[0].message} (In {len(same)} shards.)") if len(same) > 1 else same[0]
        for code, same in notices.items()
    ]
    return labels, remarks + label_notices(labels, place(columns), ignored)


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
            cause = f"{place(columns)}: {given} values for {chosen.rows} embeddings."
            problems.found.append(Problem(cause, "Give one for every row."))
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
        cause = f"{place(chosen.keys)}: {len(keys)} ids for {labels} labels."
        raise InputRefused(cause, "Give one for every label.")
    untyped = not format_of(chosen.beside[0].file.format).typed
    return joining(keys, ids, places=(place(chosen.keys), place(chosen.ids)), untyped=untyped)

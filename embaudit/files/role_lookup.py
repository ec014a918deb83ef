"""The columns for each role, found among the tables by name, or as the only ones that fit."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

from embaudit.data.condition_ast import ROW, Condition, names_in
from embaudit.data.plain_labels import plain_labels
from embaudit.errors import InputRefused, option
from embaudit.files.chosen_columns import Choice, Problems
from embaudit.files.column import Column, Table
from embaudit.files.column_roles import (
    ASKED,
    EMBEDDINGS,
    IDS,
    JOIN,
    KEPT,
    LABELS,
    NESTED,
    Role,
    level_of,
    listed,
)
from embaudit.files.shards import disagreements, find_all

MOST_LOOKED_AT = 1_000_000  # rows of columns that are read to tell which may be the labels


def find_vectors(tables: list[Table], asked: str | None) -> list[Column] | None:
    """The embeddings of all tables; raises InputRefused where none are obvious, or they differ."""
    if not tables:
        return None
    columns = find_all(tables, EMBEDDINGS, asked, sole=True)
    if columns is None:
        there = listed(tables[0].columns)
        nested = [column for column in tables[0].columns if column.dtype is None]
        nested = [column for column in nested if column.stored.startswith(NESTED)] or nested
        if len(nested) == 1 and (problem := EMBEDDINGS.problem(nested[0])):
            raise InputRefused(problem)
        plain = [c for c in tables[0].columns if len(c.shape) == 1 and (c.untyped or _is_number(c))]
        apart = (
            "Is each dimension a column? Name these emb_0, emb_1, .... " if len(plain) > 1 else ""
        )
        raise InputRefused(
            f"{tables[0].file.path}: no column is obviously the embeddings; {there}.",
            f"{apart}Choose one with {EMBEDDINGS.flag}.",
        )
    problems = disagreements(columns)
    if problems:
        raise InputRefused(problems)
    return columns


def _is_number(column: Column) -> bool:
    return column.dtype is not None and column.dtype.kind in "fiu"


def find_labels(
    tables: list[Table],
    asked: str | None,
    level: int | None,
    separate: bool,
    given_as: str = "labels",
) -> list[Column] | None:
    """The labels of all tables; raises InputRefused, which tells the ways, where there are none.

    level: which of several labels a row. separate: they have a file of their own, whose only column
    needs no telling name. given_as: the option by which such a file is given.
    """
    if not tables:
        return None
    role = LABELS if level is None else replace(LABELS, view=partial(level_of, level))
    columns = find_all(tables, role, asked, sole=separate)
    if columns is None:
        named = [column for column in tables[0].columns if column.name]
        there = f": {listed(named)}" if named else ""
        ways = [*_likely_labels(tables), *([] if separate else _labels_elsewhere(tables, given_as))]
        raise InputRefused(f"{tables[0].file.path}: no labels{there}.", " ".join(ways))
    return columns


def _labels_elsewhere(tables: list[Table], given_as: str) -> Iterator[str]:
    """How labels that have a file of their own are given, and what to do without any."""
    yield f"Give a file with {option(given_as, 'PATH')}"
    if given_as == "labels":
        yield f"or audit with {option('no_labels', True)}."
        return
    yield f"of them. Does row i belong to row i of the embeddings? Then {option('pairs', True)}."


def _likely_labels(tables: list[Table]) -> Iterator[str]:
    """Columns that look like labels: of few values, which rows share. They are read for it."""
    counts: list[tuple[int, str]] = []
    rows = sum(table.columns[0].rows for table in tables if table.columns)
    for column in tables[0].columns if len(tables) == 1 and rows <= MOST_LOOKED_AT else ():
        taken = column.name in (*EMBEDDINGS.names, *IDS.names)
        if not column.name or taken or LABELS.problem(column) is not None:
            continue
        with suppress(InputRefused):
            values = len({*plain_labels(column.read(), column.where)[0]})
            if 2 <= values <= rows / 2:
                counts.append((values, column.name))
    found = [f"{option(LABELS.option, name)} ({n} values)" for n, name in sorted(counts)[:3]]
    if found:
        yield f"Likely: {' or '.join(found)}."
    elif any(column.name for column in tables[0].columns):
        yield f"Choose a column with {LABELS.flag}."


def find_ids(tables: list[Table], beside: list[Table], asked: str | None) -> list[Column] | None:
    """The id column of the embeddings, else that of the labels; unfit ones count if asked for."""
    if not (tables and beside):  # one could not be opened, which is told already
        return None
    for side in (tables, beside):
        there = side and any(column.name == asked for column in side[0].columns)
        if asked is not None and (there or (side and side is beside)):
            return find_all(side, IDS, asked)
        if asked is None and side:
            found = next((c for c in side[0].columns if c.name in IDS.names), None)
            if found is not None and IDS.problem(found) is None:
                return find_all(side, IDS, None)
    return None


def find_kept(
    tables: list[Table], beside: list[Table], asked: tuple[str, ...]
) -> dict[str, list[Column]]:
    """Columns to carry along: of the embeddings' tables, else of the labels'."""
    kept: dict[str, list[Column]] = {}
    problems = Problems()
    for name in asked:
        found = problems.attempt(_on_either_side, tables, beside, KEPT, name)
        if found is not None:
            kept[name] = found
    problems.refuse()
    return kept


def find_asked(chosen: Choice, condition: Condition) -> dict[str, list[Column]]:
    """The columns that a condition is about, by the names that it has for them.

    What no table has under these names: `label` and `id` are the columns of those roles.
    Raises InputRefused for others, but ROW, which is no column.
    """
    asked: dict[str, list[Column]] = {}
    roles = {"label": chosen.classes, "id": chosen.ids}
    named = {column.name for t in (*chosen.tables, *chosen.beside) for column in t.columns}
    problems = Problems()
    for name in names_in(condition):
        columns = None if name in named else roles.get(name)
        if columns is None and name != ROW:
            role = replace(ASKED, option=chosen.given_as[1])
            columns = problems.attempt(_on_either_side, chosen.tables, chosen.beside, role, name)
        if columns is not None:
            asked[name] = columns
    problems.refuse()
    return asked


def _on_either_side(
    tables: list[Table], beside: list[Table], role: Role, name: str
) -> list[Column] | None:
    """A column of the embeddings' tables, else of the labels'.

    None where it may be in files that could not be opened, which is told already.
    """
    sides = [side for side in (tables, beside) if side]
    there = [s for s in sides if any(column.name == name for column in s[0].columns)]
    if not there and not (tables and beside):
        return None
    return find_all((there or sides)[0], role, name)


def find_keys(beside: list[Table], join: str) -> list[Column] | None:
    """The ids of a labels file, to join by."""
    return find_all(beside, JOIN, join) if beside else None


def find_joined_ids(tables: list[Table], asked: str | None) -> list[Column] | None:
    """The ids beside the embeddings, without which there is nothing to join by."""
    found = find_all(tables, IDS, asked) if tables else None
    if tables and found is None:
        raise InputRefused(
            f"{tables[0].file.path}: has no ids to join by; {listed(tables[0].columns)}.",
            f"Choose a column with {IDS.flag}.",
        )
    return found


def without(tables: list[Table], name: str) -> list[Table]:
    """The tables less a column that plays another role already."""
    return [replace(t, columns=tuple(c for c in t.columns if c.name != name)) for t in tables]

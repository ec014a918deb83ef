"""Queries and their gallery in one file: query_f and gallery_f, with the labels of each."""

import re
from collections.abc import Sequence
from dataclasses import replace

from embaudit.errors import Problem, option
from embaudit.files.chosen_columns import Names
from embaudit.files.column import Column, Table
from embaudit.files.column_roles import EMBEDDINGS, LABELS

SIDES = (("query", "gallery"), ("q", "g"))  # as columns of one file begin
OWN_LABELS = ("label", "labels", "pid", "pids", "id", "ids", "y", "class", "target")


def sides_in(table: Table, names: Names) -> tuple[Names, Names] | None:
    """The names of queries and of their gallery; None where a table holds no two sides.

    Looked for where no column is named, and none is obviously the embeddings.
    """
    columns = table.columns
    if names.embedding is not None or any(EMBEDDINGS.obvious(column) for column in columns):
        return None
    for marks in SIDES:
        found = [_of_side(columns, mark) for mark in marks]
        vectors, labels = zip(*found, strict=True)
        if None not in vectors and (names.pairs or names.label or None not in labels):
            own, other = (
                replace(names, embedding=v, label=names.label or (None if names.pairs else label))
                for v, label in found
            )
            return own, other
    return None


def two_sides_problem(table: Table, own: Names, other: Names) -> Problem:
    """Why a table of two sides is no one set."""
    asked = [option(EMBEDDINGS.option, str(own.embedding))]
    asked += [option(LABELS.option, own.label)] if own.label else []
    return Problem(
        f"{table.file.path}: holds queries ({own.embedding!r}) and their gallery "
        f"({other.embedding!r}), which only an audit takes together.",
        f"Choose one: {' and '.join(asked)}.",
    )


def _of_side(columns: Sequence[Column], mark: str) -> tuple[str | None, str | None]:
    """The only vectors whose name begins with a mark, and the labels beside them."""
    begun = {c.name: re.fullmatch(rf"{mark}_?(.+)", c.name) for c in columns}
    rest = {name: match[1] for name, match in begun.items() if match}
    vectors = [c.name for c in columns if c.name in rest and EMBEDDINGS.problem(c) is None]
    stems = {stem: name for name, stem in rest.items() if name not in vectors}
    label = next((stems[stem] for stem in OWN_LABELS if stem in stems), None)
    return (vectors[0] if len(vectors) == 1 else None), label

"""A second set beside the first: its columns are named alike, its headers must fit."""

import re
from collections.abc import Sequence
from dataclasses import replace

from embaudit.core.location import AnyPath
from embaudit.data import Notice
from embaudit.data.gallery import dimension_problem
from embaudit.errors import InputRefused, Problem, option
from embaudit.files.chosen_columns import Choice, Names, place
from embaudit.files.column import Column
from embaudit.files.column_choice import choose
from embaudit.files.formats import VECTOR_SUFFIXES
from embaudit.files.roles import EMBEDDINGS
from embaudit.files.shards import describe

SIDES = (("query", "gallery"), ("q", "g"))  # as columns of one file begin
LABELS = ("label", "labels", "pid", "pids", "id", "ids", "y", "class", "target")


def choose_gallery(
    queries: Choice, path: AnyPath, labels: AnyPath | None, own: Names | None = None
) -> Choice:
    """The gallery's columns, by names of its own or else those of the queries; no values are read.

    own: of columns, and its condition. Raises InputRefused with all that is wrong with the headers
    of either.
    """
    own, of = own or Names(), queries.names
    names = replace(
        of,
        embedding=own.embedding or of.embedding,
        label=own.label or of.label,
        id=own.id or of.id,
        join=None if labels is None else of.join,
        keep=(),
        where=own.where,
    )
    bits, given_as = queries.unpack_bits, ("gallery_labels", "gallery_where")
    chosen = choose(path, labels, names, unpack_bits=bits, given_as=given_as)
    problems = queries.problems
    problems.found += chosen.problems.found
    problems.refuse()
    assert chosen.vectors
    if problem := dimension_problem(queries.dim, chosen.dim, place(chosen.vectors)):
        problems.found.append(problem)
    if of.pairs and queries.rows != chosen.rows:
        cause = f"{place(chosen.vectors)}: has {chosen.rows} rows, the embeddings {queries.rows}."
        problems.found.append(Problem(cause, f"{option('pairs')} pairs row i with row i."))
    problems.refuse()
    return chosen


def sides_of(path: AnyPath, names: Names) -> tuple[Names, Names, Notice] | None:
    """The names of queries and of a gallery that one file holds: query_f and gallery_f; else None.

    Looked for where no column is named, and none is obviously the embeddings.
    """
    if names.embedding is not None:
        return None
    try:
        tables, _ = describe(path, VECTOR_SUFFIXES)
    except InputRefused:  # is told by who chooses columns
        return None
    columns = tables[0].columns
    if any(EMBEDDINGS.obvious(column) for column in columns):
        return None
    for marks in SIDES:
        found = [_of_side(columns, mark) for mark in marks]
        vectors, labels = zip(*found, strict=True)
        if None not in vectors and (names.pairs or names.label or None not in labels):
            own, other = (
                replace(names, embedding=v, label=names.label or (None if names.pairs else label))
                for v, label in found
            )
            told = f"{path}: {vectors[0]!r} are the queries, {vectors[1]!r} is their gallery."
            return own, other, Notice("query_and_gallery", told)
    return None


def _of_side(columns: Sequence[Column], mark: str) -> tuple[str | None, str | None]:
    """The only vectors whose name begins with a mark, and the labels beside them."""
    begun = {c.name: re.fullmatch(rf"{mark}_?(.+)", c.name) for c in columns}
    rest = {name: match[1] for name, match in begun.items() if match}
    vectors = [c.name for c in columns if c.name in rest and EMBEDDINGS.problem(c) is None]
    stems = {stem: name for name, stem in rest.items() if name not in vectors}
    label = next((stems[stem] for stem in LABELS if stem in stems), None)
    return (vectors[0] if len(vectors) == 1 else None), label

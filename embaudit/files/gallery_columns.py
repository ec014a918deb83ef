"""A second set beside the first: its columns are named alike, its headers must fit."""

from dataclasses import replace

from embaudit.core.location import AnyPath
from embaudit.data import Notice
from embaudit.data.gallery_classes import dimension_problem
from embaudit.errors import InputRefused, Problem, option
from embaudit.files.chosen_columns import Choice, Names, place
from embaudit.files.column_choice import choose
from embaudit.files.queries_and_gallery import sides_in
from embaudit.files.shards import describe


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
    """The names of queries and of their gallery, where one file holds both; else None."""
    try:
        tables, _ = describe(path)
    except InputRefused:  # is told by who chooses columns
        return None
    sides = sides_in(tables[0], names)
    if sides is None:
        return None
    own, other = sides
    told = f"{path}: {own.embedding!r} are the queries, {other.embedding!r} is their gallery."
    return own, other, Notice("query_and_gallery", told)

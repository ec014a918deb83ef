"""A second set beside the first: its columns are named alike, its headers must fit."""

from dataclasses import replace

from embaudit.core.location import AnyPath
from embaudit.data.gallery import dimension_problem
from embaudit.files.chosen_columns import Choice, place
from embaudit.files.column_choice import choose


def choose_gallery(queries: Choice, path: AnyPath, labels: AnyPath | None) -> Choice:
    """The gallery's columns, by the names that the queries' have; no values are read.

    Raises InputRefused with all that is wrong with the headers of either.
    """
    join = None if labels is None else queries.names.join
    names = replace(queries.names, join=join, keep=())
    bits = queries.unpack_bits
    chosen = choose(path, labels, names, unpack_bits=bits, given_as="gallery_labels")
    problems = queries.problems
    problems.found += chosen.problems.found
    problems.refuse()
    assert chosen.vectors
    if problem := dimension_problem(queries.dim, chosen.dim, place(chosen.vectors)):
        problems.found.append(problem)
    problems.refuse()
    return chosen

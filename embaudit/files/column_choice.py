"""Which columns play which role: chosen from headers alone, all that is wrong gathered."""

from collections.abc import Iterator
from contextlib import suppress

from embaudit.core.location import AnyPath, Location, located
from embaudit.data import Notice, pair_problems
from embaudit.data.bit_unpacking import bits_problems
from embaudit.data.refusal_reasons import nothing_in
from embaudit.data.row_expression import condition_of
from embaudit.errors import InputRefused, Problem, UsageError, first_few, option
from embaudit.files.chosen_columns import Choice, Names, place
from embaudit.files.column import Column, Table, bomb_problem
from embaudit.files.column_roles import EMBEDDINGS, JOIN, LABELS
from embaudit.files.file_status import status_of
from embaudit.files.projector_folder import projector_files
from embaudit.files.queries_and_gallery import sides_in, two_sides_problem
from embaudit.files.role_lookup import (
    find_asked,
    find_ids,
    find_joined_ids,
    find_kept,
    find_keys,
    find_labels,
    find_vectors,
    without,
)
from embaudit.files.shards import describe, entries_of
from embaudit.files.transpose_remedy import turned_remedy


def choose(
    path: AnyPath | Table,
    labels: AnyPath | Table | None,
    names: Names,
    *,
    labelled: bool = True,
    unpack_bits: bool = False,
    given_as: tuple[str, str] = ("labels", "where"),
) -> Choice:
    """Find the columns of embeddings, labels and ids; no values are read but to name likely labels.

    path, labels: of files, or the tables of what is held.
    labelled: False to look for no labels. unpack_bits: the embeddings are packed bits.
    given_as: the options by which a file of labels and a condition are given.
    Whatever is wrong with the headers is in `problems` of the answer. Raises UsageError for a join
    without a file of labels, and for what names labels where there are to be none.
    """
    if not labelled or names.pairs:
        _check_unnamed(labels, names)
    elif names.join is not None and labels is None:
        raise UsageError(
            f"{option('join')} joins a file of labels by id, and there is none.",
            f"Give {option('labels', 'PATH')}.",
        )
    path, labels = _parts(_located(path), None if labels is None else _located(labels), labelled)
    chosen = Choice(names, labelled, unpack_bits, given_as=given_as)
    attempt = chosen.problems.attempt
    chosen.tables, chosen.notices = attempt(_tables, path) or ([], [])
    chosen.beside = chosen.tables
    if labels is not None:
        chosen.beside, more = attempt(_tables, labels, vectors=False) or ([], [])
        chosen.notices = [*chosen.notices, *more, *_unused_labels(chosen.tables, labels)]
    if empty := [*_empty(chosen.tables), *(_empty(chosen.beside) if labels is not None else ())]:
        chosen.problems.found += empty
        return chosen
    if labelled and labels is None and _has_two_sides(chosen):
        return chosen
    _find_roles(chosen, apart=labels is not None)
    chosen.kept = attempt(find_kept, chosen.tables, chosen.beside, names.keep) or {}
    if names.where is not None:
        chosen.asked = attempt(find_asked, chosen, condition_of(names.where, given_as[1])) or {}
    if chosen.vectors and chosen.classes:
        chosen.problems.found += _size_problems(chosen, chosen.vectors, chosen.classes)
    elif chosen.vectors and (names.pairs or not labelled):
        chosen.problems.found += _row_problems(chosen, chosen.vectors)
    chosen.notices = [*chosen.notices, *_told(chosen), *_shifted(chosen)]
    if chosen.vectors and unpack_bits:
        chosen.problems.found += bits_problems(place(chosen.vectors), chosen.first.dtype)
    if chosen.vectors and not chosen.first.shape[1] and chosen.first.blocks is None:
        chosen.problems.found.append(nothing_in(place(chosen.vectors), chosen.rows, 0))
    chosen.problems.found += filter(None, map(bomb_problem, chosen.columns))
    return chosen


def _find_roles(chosen: Choice, *, apart: bool) -> None:
    """Which columns are the embeddings, labels and ids; apart: labels have a file of their own."""
    names, attempt = chosen.names, chosen.problems.attempt
    chosen.vectors = attempt(find_vectors, chosen.tables, names.embedding)
    if names.join is None:
        if chosen.labelled and not names.pairs:
            asked = names.label, names.level, apart, chosen.given_as[0]
            chosen.classes = attempt(find_labels, chosen.beside, *asked)
        chosen.ids = attempt(find_ids, chosen.tables, chosen.beside, names.id)
    else:
        chosen.keys = attempt(find_keys, chosen.beside, names.join)
        rest = chosen.beside if names.label == names.join else without(chosen.beside, names.join)
        chosen.classes = attempt(find_labels, rest, names.label, names.level, True)
        chosen.ids = attempt(find_joined_ids, chosen.tables, names.id)


def _empty(tables: list[Table]) -> Iterator[Problem]:
    """What is wrong with tables that hold no row at all."""
    columns = [column for table in tables for column in table.columns]
    if tables and not any(column.rows or not column.shape for column in columns):
        more = f" and {len(tables) - 1} more shards" if len(tables) > 1 else ""
        held = "nothing to audit in 0 rows" if columns else "it has no columns"
        yield Problem(f"{tables[0].file.path}{more}: is empty: {held}.", "Save some rows.")


def _has_two_sides(chosen: Choice) -> bool:
    """Whether there are queries and a gallery of which none is asked for: a problem by then."""
    sides = sides_in(chosen.tables[0], chosen.names) if chosen.tables else None
    if sides is not None:
        chosen.problems.found.append(two_sides_problem(chosen.tables[0], *sides))
    return sides is not None


def _located(given: AnyPath | Table) -> Location | Table:
    return given if isinstance(given, Table) else located(given)


def _tables(source: Location | Table, *, vectors: bool = True) -> tuple[list[Table], list[Notice]]:
    return ([source], []) if isinstance(source, Table) else describe(source, vectors=vectors)


def _parts(
    path: Location | Table, labels: Location | Table | None, labelled: bool
) -> tuple[Location | Table, Location | Table | None]:
    """The files of embeddings and labels, where both are in a folder of the projector."""
    if isinstance(path, Table):
        return path, labels
    with suppress(InputRefused):  # told when it is described
        if status_of(path).kind == "directory":
            found = projector_files(path, {*entries_of(path)})
            if found is not None:
                vectors, beside = found
                return vectors, labels or beside if labelled else labels
    return path, labels


def _check_unnamed(labels: AnyPath | Table | None, names: Names) -> None:
    """Raise UsageError for options that name labels, where there are to be none."""
    named = {
        option("labels"): labels,
        LABELS.flag: names.label,
        JOIN.flag: names.join,
        option("label_level"): names.level,
        option("unlabelled"): names.unlabelled,
    }
    given = [flag for flag, value in named.items() if value is not None]
    if given:
        against = option("pairs" if names.pairs else "no_labels")
        raise UsageError(f"{against} does not go with {' and '.join(given)}.", "Give one of them.")


def _row_problems(chosen: Choice, vectors: list[Column]) -> list[str]:
    """Of embeddings without labels."""
    return [_no_rows(vectors)] if not chosen.rows else pair_problems(chosen.rows, place(vectors))


def _told(chosen: Choice) -> list[Notice]:
    """What is told of columns that were chosen, of shards once."""
    sides = [columns for columns in (chosen.vectors, chosen.classes) if columns]
    firsts = (next((one.notice for one in columns if one.notice), None) for columns in sides)
    return [notice for notice in firsts if notice is not None]


def _no_rows(vectors: list[Column]) -> Problem:
    return Problem(f"{place(vectors)}: nothing to audit in 0 rows.", "Save some embeddings.")


def _size_problems(chosen: Choice, vectors: list[Column], classes: list[Column]) -> list[str]:
    problems: list[str] = []
    if (vectors[0].path, vectors[0].name) == (classes[0].path, classes[0].name):
        problems.append(
            Problem(
                f"{place(vectors)}: would be both the embeddings and the labels.",
                f"Give both, or name them with {EMBEDDINGS.flag} and {LABELS.flag}.",
            )
        )
    rows, given = (sum(column.rows for column in columns) for columns in (vectors, classes))
    if not rows:
        problems.append(_no_rows(vectors))
    if rows != given and chosen.names.join is None:
        shards = _unequal_shards(vectors, classes)
        named, apart = classes[0].name != "", given - rows
        header = classes[0].untyped and apart == (-len(classes) if named else len(classes))
        cause = f"{place(classes)}: {given} labels for the {rows} embeddings of {place(vectors)}."
        remedy = "Give one for every row, in its order."
        if header:
            more = "Is its first line a header? Remove it, or call the file .csv."
            remedy = "Is its header missing?" if named else more
        if len(vectors) == 1 and vectors[0].shape[1:] == (given,):
            remedy = turned_remedy(chosen.tables[0].file, vectors[0].name, given)
        problems.append(Problem(cause, f"{remedy} {shards}".rstrip()))
    return problems


def _unequal_shards(vectors: list[Column], classes: list[Column]) -> str:
    """The shards of embeddings and labels that hold different numbers of rows, as a sentence."""
    if len(vectors) != len(classes) or len(vectors) < 2:
        return ""
    pairs = zip(vectors, classes, strict=True)
    other = [
        f"{x.rows} rows in {x.path} but {y.rows} in {y.path}" for x, y in pairs if x.rows != y.rows
    ]
    return f"Their shards differ: {first_few(other, 3)}." if other else ""


def _shifted(chosen: Choice) -> list[Notice]:
    """A warning of shards that differ in length, and together are as long: rows may be shifted."""
    if chosen.names.join is not None or chosen.beside is chosen.tables:
        return []
    vectors, classes = chosen.vectors or [], chosen.classes or []
    if chosen.rows != sum(column.rows for column in classes):
        return []
    told = _unequal_shards(vectors, classes)
    if not told:
        return []
    message = f"{place(classes)}: labels may belong to other rows than they stand by. {told}"
    return [Notice("unequal_shards", message)]


def _unused_labels(tables: list[Table], labels: Location | Table) -> list[Notice]:
    """A remark on labels beside the embeddings, where a labels file was given: the file wins."""
    names = [c.name for table in tables[:1] for c in table.columns if c.name in LABELS.names]
    if not names:
        return []
    told = labels.file.path if isinstance(labels, Table) else located(labels)
    message = (
        f"{tables[0].file.path}: its column {names[0]!r} was not used; labels are from {told}."
    )
    return [Notice("labels_ignored", message)]

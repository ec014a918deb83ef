"""Which columns play which role: chosen from headers alone, all that is wrong gathered."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec, TypeVar

import numpy as np

from embaudit.data import Notice, pair_problems
from embaudit.data.bits import BITS, bits_problems
from embaudit.data.labels import plain_labels
from embaudit.data.problems import nothing_in
from embaudit.errors import InputRefused, Problem, UsageError, option
from embaudit.files.column import (
    EMBEDDINGS,
    IDS,
    JOIN,
    KEPT,
    LABELS,
    Column,
    Table,
    bomb_problem,
    listed,
)
from embaudit.files.shards import (
    LABEL_FORMATS,
    VECTOR_FORMATS,
    describe,
    disagreements,
    find_all,
)
from embaudit.location import AnyPath, located
from embaudit.machine import Needs

P = ParamSpec("P")
T = TypeVar("T")

OBJECT_BYTES = 100  # of a label or an id as a Python value, beyond its stored bytes
MOST_LOOKED_AT = 1_000_000  # rows of columns that are read to tell which may be the labels
BUFFERS = 64 << 20  # blocks on their way, decoded and checked


class Problems:
    """Collects refusals, so that one run names everything there is to mend."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def attempt(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The function's result, or None after a refusal, which is kept."""
        try:
            return function(*args, **kwargs)
        except InputRefused as refusal:
            self.found += refusal.problems
            return None

    def refuse(self) -> None:
        """Raise all that was found, if anything was."""
        if self.found:
            raise InputRefused(list(dict.fromkeys(self.found)))


@dataclass(frozen=True)
class Names:
    """The columns that were asked for; None: the obvious one. join: of the labels file.

    keep: columns whose values go along with the rows.
    """

    embedding: str | None = None
    label: str | None = None
    id: str | None = None
    join: str | None = None
    keep: tuple[str, ...] = ()


@dataclass
class Choice:
    """What would be read: one column a shard for each role, None where none could be chosen.

    labelled: whether labels are to be read. unpack_bits: whether the embeddings are packed bits.
    tables hold the embeddings; beside, the labels (the same tables, unless labels have files of
    their own). ids: one a row, of the embeddings or, by position, of the labels. keys: the join
    column of the labels. kept: columns to carry along, of either side.
    """

    names: Names
    labelled: bool = True
    unpack_bits: bool = False
    tables: list[Table] = field(default_factory=list)
    beside: list[Table] = field(default_factory=list)
    vectors: list[Column] | None = None
    classes: list[Column] | None = None
    ids: list[Column] | None = None
    kept: dict[str, list[Column]] = field(default_factory=dict)
    keys: list[Column] | None = None
    notices: list[Notice] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    @property
    def rows(self) -> int:
        """N, as the headers have it."""
        return sum(column.rows for column in self.vectors or ())

    @property
    def size(self) -> tuple[int, int, int]:
        """Rows, dimensions and bytes a value. Raises what is wrong with the headers."""
        self.problems.refuse()
        return self.rows, self.dim, self.dtype.itemsize

    @property
    def dim(self) -> int:
        """n, of the rows as they are audited."""
        return self.first.shape[1] * (BITS if self.unpack_bits else 1)

    @property
    def dtype(self) -> "np.dtype[Any]":
        """Of the values as they are audited."""
        assert self.first.dtype is not None
        return np.dtype(np.uint8) if self.unpack_bits else self.first.dtype

    @property
    def first(self) -> Column:
        """The first column of vectors that holds rows: it speaks for dimension and dtype."""
        assert self.vectors
        return next((column for column in self.vectors if column.rows), self.vectors[0])

    @property
    def columns(self) -> list[Column]:
        """All that would be read, the vectors first."""
        sides = (self.vectors, self.classes, self.ids, self.keys, *self.kept.values())
        return [column for columns in sides for column in columns or ()]

    def needs(self, sample: int | None = None, *, on_disk: bool = False) -> Needs:
        """Peak memory of reading, from the headers; on_disk: the rows go to a file."""
        assert self.vectors
        share = min(1.0, (sample or self.rows) / max(1, self.rows))
        values = sum(column.nbytes for column in self.vectors) * (BITS if self.unpack_bits else 1)
        texts = self.columns[len(self.vectors) :]
        return Needs(
            {
                "the rows as stored": 0 if on_disk else int(share * values),
                "a member that cannot be read in blocks": max(
                    column.nbytes if column.whole else 0 for column in self.vectors
                ),
                "labels and ids": sum(OBJECT_BYTES * c.rows + 2 * c.nbytes for c in texts),
                "blocks of rows": min(BUFFERS, 8 * values),
            }
        )


def choose(
    path: AnyPath,
    labels: AnyPath | None,
    names: Names,
    *,
    labelled: bool = True,
    unpack_bits: bool = False,
    given_as: str = "labels",
) -> Choice:
    """Find the columns of embeddings, labels and ids; no values are read but to name likely labels.

    labelled: False to look for no labels. unpack_bits: the embeddings are packed bits.
    given_as: the option by which a file of labels is given.
    Whatever is wrong with the headers is in `problems` of the answer. Raises UsageError for a join
    without a file of labels, and for what names labels where there are to be none.
    """
    if not labelled:
        _check_unnamed(labels, names)
    elif names.join is not None and labels is None:
        raise UsageError(
            f"{option('join')} joins a file of labels by id, and there is none.",
            f"Give {option('labels', 'PATH')}.",
        )
    path, labels = located(path), None if labels is None else located(labels)
    chosen = Choice(names, labelled, unpack_bits)
    attempt = chosen.problems.attempt
    chosen.tables, chosen.notices = attempt(describe, path, VECTOR_FORMATS) or ([], [])
    chosen.beside = chosen.tables
    if labels is not None:
        chosen.beside, more = attempt(describe, labels, LABEL_FORMATS) or ([], [])
        chosen.notices = [*chosen.notices, *more, *_unused_labels(chosen.tables, labels)]
    chosen.vectors = attempt(_find_vectors, chosen.tables, names.embedding)
    if names.join is None:
        if labelled:
            asked = names.label, labels is not None, given_as
            chosen.classes = attempt(_find_labels, chosen.beside, *asked)
        chosen.ids = attempt(_find_ids, chosen.tables, chosen.beside, names.id)
    else:
        chosen.keys = attempt(_find_keys, chosen.beside, names.join)
        rest = chosen.beside if names.label == names.join else _without(chosen.beside, names.join)
        chosen.classes = attempt(_find_labels, rest, names.label, True)
        chosen.ids = attempt(_find_joined_ids, chosen.tables, names.id)
    chosen.kept = attempt(_find_kept, chosen.tables, chosen.beside, names.keep) or {}
    if chosen.vectors and chosen.classes:
        chosen.problems.found += _size_problems(chosen, chosen.vectors, chosen.classes)
    elif chosen.vectors and not labelled:
        chosen.problems.found += _row_problems(chosen, chosen.vectors)
    if chosen.vectors and unpack_bits:
        chosen.problems.found += bits_problems(place(chosen.vectors), chosen.first.dtype)
    if chosen.vectors and not chosen.first.shape[1] and chosen.first.blocks is None:
        chosen.problems.found.append(nothing_in(place(chosen.vectors), chosen.rows, 0))
    chosen.problems.found += filter(None, map(bomb_problem, chosen.columns))
    return chosen


def _check_unnamed(labels: AnyPath | None, names: Names) -> None:
    """Raise UsageError for options that name labels, where there are to be none."""
    named = {option("labels"): labels, LABELS.flag: names.label, JOIN.flag: names.join}
    given = [flag for flag, value in named.items() if value is not None]
    if given:
        raise UsageError(
            f"{option('no_labels')} does not go with {' and '.join(given)}.", "Give one of them."
        )


def place(columns: Sequence[Column]) -> str:
    """Where the columns are, for a message: a file, or the first of several shards."""
    more = f" and {len(columns) - 1} more shards" if len(columns) > 1 else ""
    return columns[0].where + more


def _find_vectors(tables: list[Table], asked: str | None) -> list[Column] | None:
    if not tables:
        return None
    columns = find_all(tables, EMBEDDINGS, asked, sole=True)
    if columns is None:
        there = listed(tables[0].columns)
        nested = [column for column in tables[0].columns if column.dtype is None]
        if len(nested) == 1 and (problem := EMBEDDINGS.problem(nested[0])):
            raise InputRefused(problem)
        raise InputRefused(
            f"{tables[0].file.path}: no column is obviously the embeddings; {there}.",
            f"Choose one with {EMBEDDINGS.flag}.",
        )
    problems = disagreements(columns)
    if problems:
        raise InputRefused(problems)
    return columns


def _find_labels(
    tables: list[Table], asked: str | None, separate: bool, given_as: str = "labels"
) -> list[Column] | None:
    """separate: the labels have a file of their own, whose only column needs no telling name.

    given_as: the option by which such a file is given.
    """
    if not tables:
        return None
    columns = find_all(tables, LABELS, asked, sole=separate)
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
    rows = tables[0].columns[0].rows if tables[0].columns else 0
    yield (
        "of them. Does row i belong to row i of the embeddings? Then the row number is the label "
        f"of both: numpy.arange({rows})."
    )


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


def _find_ids(tables: list[Table], beside: list[Table], asked: str | None) -> list[Column] | None:
    """The id column of the embeddings, else that of the labels; unfit ones count if asked for."""
    for side in (tables, beside):
        there = side and any(column.name == asked for column in side[0].columns)
        if asked is not None and (there or (side and side is beside)):
            return find_all(side, IDS, asked)
        if asked is None and side:
            found = next((c for c in side[0].columns if c.name in IDS.names), None)
            if found is not None and IDS.problem(found) is None:
                return find_all(side, IDS, None)
    return None


def _find_kept(
    tables: list[Table], beside: list[Table], asked: tuple[str, ...]
) -> dict[str, list[Column]]:
    """Columns to carry along: of the embeddings' tables, else of the labels'."""
    kept: dict[str, list[Column]] = {}
    problems = Problems()
    for name in asked if tables else ():
        sides = [side for side in (tables, beside) if side]
        there = [s for s in sides if any(column.name == name for column in s[0].columns)]
        found = problems.attempt(find_all, (there or sides)[0], KEPT, name)
        if found is not None:
            kept[name] = found
    problems.refuse()
    return kept


def _find_keys(beside: list[Table], join: str) -> list[Column] | None:
    return find_all(beside, JOIN, join) if beside else None


def _find_joined_ids(tables: list[Table], asked: str | None) -> list[Column] | None:
    """The ids beside the embeddings, without which there is nothing to join by."""
    found = find_all(tables, IDS, asked) if tables else None
    if tables and found is None:
        raise InputRefused(
            f"{tables[0].file.path}: has no ids to join by; {listed(tables[0].columns)}.",
            f"Choose a column with {IDS.flag}.",
        )
    return found


def _without(tables: list[Table], name: str) -> list[Table]:
    """The tables less a column that plays another role already."""
    return [replace(t, columns=tuple(c for c in t.columns if c.name != name)) for t in tables]


def _row_problems(chosen: Choice, vectors: list[Column]) -> list[str]:
    """Of embeddings without labels."""
    return [_no_rows(vectors)] if not chosen.rows else pair_problems(chosen.rows, place(vectors))


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
        header = given == rows - len(classes) and classes[0].path.lower().endswith(".csv")
        told = f"{place(classes)}: {given} labels for the {rows} embeddings of {place(vectors)}."
        remedy = "Is its header missing?" if header else "Give one for every row, in its order."
        problems.append(Problem(told, remedy))
    return problems


def _unused_labels(tables: list[Table], labels: AnyPath) -> list[Notice]:
    """A remark on labels beside the embeddings, where a labels file was given: the file wins."""
    names = [c.name for table in tables[:1] for c in table.columns if c.name in LABELS.names]
    if not names:
        return []
    message = (
        f"{tables[0].file.path}: its column {names[0]!r} was not used; labels are from {labels}."
    )
    return [Notice("labels_ignored", message)]

"""From paths to an EmbeddingSet: describe, choose columns, check it all, and only then read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from embaudit.data import Array, EmbeddingSet, Label, Notice, Source, value_problems
from embaudit.errors import InputRefused
from embaudit.files import memory
from embaudit.files.column import EMBEDDINGS, IDS, LABELS, Column, Table, listed
from embaudit.files.shards import (
    LABEL_FORMATS,
    VECTOR_FORMATS,
    describe,
    disagreements,
    find_all,
)
from embaudit.labels import as_ids, label_notices, plain_labels

P = ParamSpec("P")
T = TypeVar("T")


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


def load(
    path: str | Path,
    labels: str | Path | None = None,
    *,
    embedding_column: str | None = None,
    label_column: str | None = None,
    id_column: str | None = None,
) -> EmbeddingSet:
    """Read saved embeddings (N, n) and their N labels into a validated EmbeddingSet.

    path: a .npy, .npz or .parquet file, or a directory of shards of one of these formats.
    labels: where they are not beside the embeddings, a .npy, .npz, .parquet, .csv or .txt file
    (or a directory of such), one label a row in the same order.
    The columns are names in a table, an .npz or a .csv; the obvious ones are found.
    Raises InputRefused, listing every problem found, or BudgetExceeded if memory runs out.
    """
    problems = Problems()
    tables, notices = problems.attempt(describe, path, VECTOR_FORMATS) or ([], [])
    beside = tables
    if labels is not None:
        beside, more = problems.attempt(describe, labels, LABEL_FORMATS) or ([], [])
        notices = [*notices, *more, *_unused_labels(tables, labels)]
    vectors = problems.attempt(_find_vectors, tables, embedding_column)
    classes = problems.attempt(_find_labels, beside, label_column, labels is not None)
    named = problems.attempt(_find_ids, tables, beside, id_column)
    if vectors and classes:
        problems.found += _size_problems(vectors, classes)
    problems.refuse()
    assert vectors
    assert classes

    stored = problems.attempt(_read_vectors, vectors)
    read = problems.attempt(_read_labels, classes)
    ids, remarks = problems.attempt(_read_ids, named, vectors, id_column) or (None, [])
    if stored is not None and read is None:
        problems.found += value_problems(stored, _place(vectors))
    sources = problems.attempt(_sources, tables, vectors, beside, classes) or []
    problems.refuse()
    assert stored is not None
    assert read is not None
    plain, more = read
    notices = [*notices, *more, *remarks]
    return EmbeddingSet.from_arrays(stored, plain, ids, sources=sources, notices=notices)


def _find_vectors(tables: list[Table], asked: str | None) -> list[Column] | None:
    if not tables:
        return None
    columns = find_all(tables, EMBEDDINGS, asked, sole=True)
    if columns is None:
        there = listed(tables[0].columns)
        raise InputRefused(
            f"{tables[0].file.path}: no column is obviously the embeddings; {there}; "
            f"choose one with {EMBEDDINGS.flag}."
        )
    problems = disagreements(columns)
    if problems:
        raise InputRefused(problems)
    return columns


def _find_labels(tables: list[Table], asked: str | None, separate: bool) -> list[Column] | None:
    """separate: the labels have a file of their own, whose only column needs no telling name."""
    if not tables:
        return None
    columns = find_all(tables, LABELS, asked, sole=separate)
    if columns is None:
        there = listed([column for column in tables[0].columns if column.name])
        other = "" if separate else "; give a file with --labels"
        named = any(column.name for column in tables[0].columns)
        choose = f"; choose a column with {LABELS.flag}" if named else ""
        raise InputRefused(f"{tables[0].file.path}: no labels: {there}{other}{choose}.")
    return columns


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


def _size_problems(vectors: list[Column], classes: list[Column]) -> list[str]:
    problems = []
    rows, given = (sum(column.rows for column in columns) for columns in (vectors, classes))
    if not rows:
        problems.append(f"{_place(vectors)}: nothing to audit in 0 rows; save some embeddings.")
    if rows != given:
        header = given == rows - len(classes) and classes[0].path.lower().endswith(".csv")
        remedy = "is its header missing?" if header else "give one for every row, in its order."
        problems.append(
            f"{_place(classes)}: {given} labels for the {rows} embeddings of "
            f"{_place(vectors)}; {remedy}"
        )
    needed = sum(column.nbytes for column in (*vectors, *classes))
    if needed > memory.allowed():
        problems.append(
            f"{_place(vectors)}: the values take {memory.gigabytes(needed)} of memory, there are "
            f"{memory.gigabytes(memory.allowed())}; audit fewer rows or use a larger machine."
        )
    return problems


def _read_vectors(columns: list[Column]) -> Array:
    """(N, n) of all shards, in their order."""
    if len(columns) == 1:
        whole: Array = columns[0].read()
        return whole
    filled = [column for column in columns if column.rows] or columns[:1]
    joined: Array = np.concatenate([column.read() for column in filled])
    return joined


def _read_labels(columns: list[Column]) -> tuple[list[Label], list[Notice]]:
    """Plain labels of all shards. Raises InputRefused where their types disagree: 1 is not '1'."""
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
        problems.found.append(f"labels differ in type across shards: {held}; save them alike.")
    problems.refuse()
    told = [
        Notice(code, f"{same[0].message} (In {len(same)} shards.)") if len(same) > 1 else same[0]
        for code, same in notices.items()
    ]
    return labels, told + label_notices(labels, _place(columns))


def _plain(column: Column) -> tuple[list[Label], list[Notice]]:
    return plain_labels(column.read(), column.where)


def _read_ids(
    columns: list[Column] | None, vectors: list[Column], asked: str | None
) -> tuple[list[Label] | None, list[Notice]]:
    """The ids, if there are any; unusable ones that nobody asked for are only a notice."""
    if columns is None:
        return None, []
    try:
        ids = [one for column in columns for one in as_ids(column.read(), column.where)]
        rows = sum(column.rows for column in vectors)
        if len(ids) != rows:
            raise InputRefused(f"{_place(columns)}: {len(ids)} ids for {rows} embeddings.")
    except InputRefused as refusal:
        if asked is not None:
            raise
        return None, [Notice("ids_ignored", f"The ids were not used. {refusal.problems[0]}")]
    return ids, []


def _unused_labels(tables: list[Table], labels: str | Path) -> list[Notice]:
    """A remark on labels beside the embeddings, where a labels file was given: the file wins."""
    names = [c.name for table in tables[:1] for c in table.columns if c.name in LABELS.names]
    if not names:
        return []
    message = (
        f"{tables[0].file.path}: its column {names[0]!r} was not used; labels are from {labels}."
    )
    return [Notice("labels_ignored", message)]


def _sources(
    tables: list[Table], vectors: list[Column], beside: list[Table], classes: list[Column]
) -> list[Source]:
    """One source a file and role; those of shards stand in the order in which rows were joined."""
    digests: dict[str, str] = {}
    sources = []
    for role, side, columns in (("embeddings", tables, vectors), ("labels", beside, classes)):
        for table, column in zip(side, columns, strict=True):
            file = table.file
            if file.path not in digests:
                digests[file.path] = file.sha256()
            dim = column.shape[1] if role == "embeddings" else None
            digest = digests[file.path]
            sources.append(
                Source(role, file.path, file.format, column.rows, dim, column.stored, digest)
            )
    return sources


def _place(columns: Sequence[Column]) -> str:
    """Where the columns are, for a message: a file, or the first of several shards."""
    more = f" and {len(columns) - 1} more shards" if len(columns) > 1 else ""
    return columns[0].where + more

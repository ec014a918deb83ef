"""What a column may be wanted for: embeddings, labels, ids, values to keep; and the one that is."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from embaudit.data.plain_labels import label_problem
from embaudit.data.refusal_reasons import shape_problem
from embaudit.errors import InputRefused, Problem, did_you_mean, first_few, option
from embaudit.files.column import Column, Table

NESTED = "list ("  # begins what is stored where JSON has numbers within lists that are no vectors
ANSWERS = ("distances", "neighbors", "neighbours")  # of benchmarks of search: no embeddings
FAMILY = re.compile(r"0\.\.[0-9]+$")  # of a name: `dim_0..7` is a family of columns


@dataclass(frozen=True)
class Role:
    """What a column is wanted for: its obvious names, and why a column would not do.

    view: the reading of a column that the role needs, where there are several.
    """

    noun: str
    option: str
    names: tuple[str, ...]
    problem: Callable[[Column], Problem | None]
    view: Callable[[Column], Column] = lambda column: column

    @property
    def flag(self) -> str:
        """How the user names a column for it."""
        return option(self.option)

    def obvious(self, column: Column) -> bool:
        """Whether the column's name tells the role; `emb_0..n` is a family of columns."""
        return column.name.split("_0..")[0] in self.names


def vectors_problem(column: Column) -> Problem | None:
    """Why a column holds no embeddings, or None."""
    numeric = column.dtype is not None and column.dtype.kind in "fiu" and column.dtype.itemsize <= 8
    if numeric and len(column.shape) == 2:
        return None
    if numeric and column.dtype is not None:
        return shape_problem(column.where, column.shape, column.dtype)
    cause = f"{column.where}: holds {column.stored}; embeddings are float16/32/64 or integers."
    return Problem(cause, _way_to_vectors(column))


def as_vectors(column: Column) -> Column:
    """The column as vectors, where that is another reading of it than the plain one."""
    return column if column.vectors is None else column.vectors() or column


WAYS = {  # that make numbers, by what is stored
    "bool": "Save them as numbers: x.astype('uint8').",
    "complex": "Save two numbers for each: numpy.concatenate([x.real, x.imag], axis=1).",
    "a structured array": "Save its fields as arrays: numpy.savez(path, **{n: x[n] for n in "
    "x.dtype.names}).",
}


def _way_to_vectors(column: Column) -> str:
    """What makes numbers of what is none."""
    stored = column.stored
    if stored.startswith("bfloat16"):
        return "Save them as float32: x.float() of a tensor, x.astype('float32') of an array."
    if stored in WAYS:
        return WAYS[stored]
    if stored.startswith("float of an uncommon width"):
        return "Save them as float64: x.astype('float64')."
    if stored.startswith("object"):
        return "Save plain numbers: numpy.save(path, numpy.stack(rows).astype('float32'))."
    if stored.startswith(NESTED):
        return 'Save a record a row, with its numbers alone: {"embedding": [0.1, 0.2], "label": 3}.'
    if stored in ("str", "bytes"):
        name = column.name or "embedding"
        return (
            f"Are they vectors as text? Parse it once: numpy.stack(df[{name!r}].map(json.loads))."
        )
    if stored.startswith("struct<"):
        return "Save its fields as columns: pyarrow.parquet.write_table(table.flatten(), path)."
    return "Save them as a 2-D array, or as a list of numbers a row."


def plain_problem(column: Column) -> Problem | None:
    """Why a column holds no labels or ids, or None."""
    if column.dtype is not None:
        return label_problem(column.where, column.shape, column.dtype)
    cause = f"{column.where}: holds {column.stored}."
    if column.stored.startswith("object"):
        return Problem(cause, "Save plain text or integers: numpy.save(path, y.astype(str)).")
    return Problem(cause, "Give one label a row: an integer, a boolean or text.")


def level_of(level: int, column: Column) -> Column:
    """One of several labels a row, (N, L), as a column of its own.

    Raises InputRefused where there is none of that number.
    """
    levels = column.shape[1] if len(column.shape) == 2 else 1
    if not 0 <= level < levels:
        there = "one label a row" if levels == 1 else f"{levels} levels, 0 to {levels - 1}"
        hint = f"Drop {option('label_level')}." if levels == 1 else "Give one of these."
        raise InputRefused(f"{column.where}: has {there}, and no level {level}.", hint)
    if len(column.shape) == 1:
        return column
    return replace(
        column, shape=column.shape[:1], read=lambda: column.read()[:, level], blocks=None
    )


def kept_problem(column: Column) -> Problem | None:
    """Why a column cannot be carried along, or None."""
    return _unless_plain(column, "Columns that are kept hold one text, number or boolean a row.")


def asked_problem(column: Column) -> Problem | None:
    """Why no condition can be asked of a column, or None."""
    return _unless_plain(column, "A condition is of columns of one text, number or boolean a row.")


def _unless_plain(column: Column, remedy: str) -> Problem | None:
    if column.dtype is not None and len(column.shape) == 1:
        return None
    shape = f" of shape {column.shape}" if len(column.shape) > 1 else ""
    return Problem(f"{column.where}: holds {column.stored}{shape}.", remedy)


EMBEDDINGS = Role(
    "embeddings",
    "embedding_column",
    ("embedding", "embeddings", "emb", "vector"),
    vectors_problem,
    as_vectors,
)
LABELS = Role("labels", "label_column", ("label", "labels", "class", "target", "y"), plain_problem)
IDS = Role("ids", "id_column", ("id",), plain_problem)
ASKED = Role("values of a condition", "where", (), asked_problem)
KEPT = Role("values to keep", "keep_columns", (), kept_problem)
JOIN = Role("ids to join by", "join", (), plain_problem)


def find(table: Table, role: Role, asked: str | None, *, sole: bool = False) -> Column | None:
    """The column for a role: the one asked for, else the one obvious by name, else None.

    sole: where no name is obvious, a column that is the only fitting one will do.
    Raises InputRefused for a missing, an ambiguous or an unfit column, listing those there are.
    """
    path, columns = table.file.path, table.columns
    if asked is not None and not any(column.name for column in columns):
        raise InputRefused(f"{path}: a .{table.file.format} has no columns.", f"Drop {role.flag}.")
    if asked is not None:
        found = [column for column in columns if column.name == asked]
        if not found:
            cause = f"{path}: there is no column {asked!r}; {listed(columns)}."
            raise InputRefused(cause, _instead_of(asked, columns))
    else:
        found = [column for column in columns if role.obvious(column)]
        if not found and sole:
            found = _fitting(columns, role)
        if len(found) > 1:
            names = first_few([repr(column.name) for column in found], 20)
            raise InputRefused(
                f"{path}: several columns may be the {role.noun}: {names}.",
                f"Choose one with {role.flag}.",
            )
    if not found:
        return None
    column = role.view(found[0])
    problem = role.problem(column)
    if problem:
        raise InputRefused(with_fields(problem, column, columns, role))
    return column


def with_fields(problem: Problem, column: Column, columns: Sequence[Column], role: Role) -> Problem:
    """A problem of a struct, with the way to those of its fields that would do."""
    below = [c for c in columns if c.name.startswith(f"{column.name}.")]
    fit = [option(role.option, c.name) for c in below if role.problem(role.view(c)) is None]
    return Problem(problem.cause, f"Name a field of it: {first_few(fit)}.") if fit else problem


def _instead_of(asked: str, columns: Sequence[Column]) -> str:
    """What may have been meant by a column that is not there."""
    near = did_you_mean(asked, [column.name for column in columns])
    return near or "Give the name of a column that is there."


def _fitting(columns: Sequence[Column], role: Role) -> list[Column]:
    """Columns that could play the role and are not named for another one; floats before integers.

    A file's single array is taken whatever it holds, so that the refusal says what is wrong.
    """
    if len(columns) == 1:
        return list(columns)
    taken = {
        name for other in (EMBEDDINGS, LABELS, IDS) if other is not role for name in other.names
    }
    taken |= {*ANSWERS} if role is EMBEDDINGS else set()
    fitting = [c for c in columns if c.name not in taken and _fits(role, c)]
    if role is not EMBEDDINGS:
        return fitting
    fitting = [c for c in fitting if c.shape[1]] or fitting  # lists that are all empty are none
    families = [c for c in fitting if FAMILY.search(c.name)]  # numbers may count other things, too
    whole = [c for c in fitting if c not in families]
    fitting = _floats(whole) or [*whole, *_floats(families)] or families
    return fitting or [c for c in columns if _other_reading(c, taken)]


def _floats(columns: Sequence[Column]) -> list[Column]:
    return [c for c in columns if c.dtype is not None and c.dtype.kind == "f"]


def _fits(role: Role, column: Column) -> bool:
    """Whether a column would do; for embeddings, as it stands: another reading looks at values."""
    if role is EMBEDDINGS:
        return role.problem(column) is None
    try:
        return role.problem(role.view(column)) is None
    except InputRefused:
        return False


def _other_reading(column: Column, taken: Collection[str]) -> bool:
    """Whether a column that is no vectors as it stands has a reading that is."""
    other = None if column.vectors is None or column.name in taken else column.vectors()
    return other is not None and vectors_problem(other) is None


def listed(columns: Sequence[Column], most: int = 20) -> str:
    """The columns there are, for a message."""
    if not any(column.name for column in columns):
        return "it has no columns"
    names = ", ".join(repr(column.name) for column in columns[:most])
    return f"it has {names}" + (f" and {len(columns) - most} more" if len(columns) > most else "")

"""What is asked of the columns of a row, as a tree; `row_expression` reads one from a text."""

from collections.abc import Iterator
from dataclasses import dataclass

ROW = "row"  # the number of a row, from 0, where no column has that name


@dataclass(frozen=True)
class Named:
    """A column by its name."""

    name: str


Literal = str | int | float | bool
Value = Named | Literal


@dataclass(frozen=True)
class Relation:
    """left == right, and the like."""

    left: Value
    sign: str
    right: Value


@dataclass(frozen=True)
class Among:
    """value in (a, b)."""

    value: Named
    of: tuple[Literal, ...]


@dataclass(frozen=True)
class IsNull:
    """value is null."""

    value: Named


@dataclass(frozen=True)
class Holds:
    """A column of booleans by itself."""

    value: Named


@dataclass(frozen=True)
class Not:
    """not a."""

    of: "Condition"


@dataclass(frozen=True)
class Both:
    """a and b."""

    first: "Condition"
    second: "Condition"


@dataclass(frozen=True)
class Either:
    """a or b."""

    first: "Condition"
    second: "Condition"


Condition = Relation | Among | IsNull | Holds | Not | Both | Either


def names_in(condition: Condition) -> tuple[str, ...]:
    """The columns that a condition is about, each once."""
    return tuple(dict.fromkeys(_names(condition)))


def _names(part: Condition | Value) -> Iterator[str]:
    match part:
        case Named(name):
            yield name
        case Relation(left, _, right):
            yield from (*_names(left), *_names(right))
        case Both(first, second) | Either(first, second):
            yield from (*_names(first), *_names(second))
        case Among(value) | IsNull(value) | Holds(value):
            yield from _names(value)
        case Not(of):
            yield from _names(of)

"""The rows of which a condition holds: it is asked of the values of columns, null by null."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
from pyarrow import types

from embaudit.data.condition_ast import (
    Among,
    Both,
    Condition,
    Either,
    Holds,
    IsNull,
    Literal,
    Named,
    Not,
    Relation,
)
from embaudit.data.left_out_rows import Flags
from embaudit.errors import InputRefused

SIGNS = {
    "==": compute.equal,
    "!=": compute.not_equal,
    "<": compute.less,
    "<=": compute.less_equal,
    ">": compute.greater,
    ">=": compute.greater_equal,
}
KINDS = {bool: "a boolean", int: "a number", float: "a number", str: "text"}


@dataclass(frozen=True)
class ComparedValues:
    """The N values of a column, and what messages call it.

    codes: numbers of classes that are called by names. untyped: whether the file holds nothing but
    text, so that numbers are written there as text.
    """

    where: str
    values: pa.Array
    codes: pa.Array | None = None
    untyped: bool = False


def compared_values(
    where: str, values: Any, codes: Any = None, *, untyped: bool = False
) -> ComparedValues:
    """Python values, None and NaN for null, as a column that conditions are asked of."""
    return ComparedValues(
        where, _array(where, values), None if codes is None else _array(where, codes), untyped
    )


def rows_where(condition: Condition, columns: Mapping[str, ComparedValues]) -> Flags:
    """(N,) whether the condition certainly holds; as in SQL it does not where a value is null.

    Raises InputRefused where a column holds another kind of value than it is compared with.
    """
    held: Flags = _asked(condition, columns).fill_null(False).to_numpy(zero_copy_only=False)
    return held


def _asked(condition: Condition, columns: Mapping[str, ComparedValues]) -> pa.Array:
    match condition:
        case Both(first, second):
            return compute.and_kleene(_asked(first, columns), _asked(second, columns))
        case Either(first, second):
            return compute.or_kleene(_asked(first, columns), _asked(second, columns))
        case Not(of):
            return compute.invert(_asked(of, columns))
        case IsNull(Named(name)):
            return columns[name].values.is_null()
        case Holds(Named(name)):
            return _fitting(columns[name], True)
        case Among(Named(name), of):
            return _among(columns[name], of)
        case Relation(Named(name), sign, Named(other)):
            return _of_columns(columns[name], sign, columns[other])
        case Relation(Named(name), sign, literal) if not isinstance(literal, Named):
            return SIGNS[sign](_fitting(columns[name], literal), literal)
        case Relation(literal, sign, Named(name)) if not isinstance(literal, Named):
            return SIGNS[_turned(sign)](_fitting(columns[name], literal), literal)
    raise AssertionError(f"no condition: {condition}")


def _turned(sign: str) -> str:
    return sign.translate(str.maketrans("<>", "><"))


def _among(column: ComparedValues, of: tuple[Literal, ...]) -> pa.Array:
    found = compute.if_else(column.values.is_null(), None, pa.scalar(False))
    for literal in of:
        found = compute.or_kleene(found, compute.equal(_fitting(column, literal), literal))
    return found


def _of_columns(one: ComparedValues, sign: str, other: ComparedValues) -> pa.Array:
    kinds = [_kind(column.values.type) for column in (one, other)]
    if kinds[0] != kinds[1]:
        raise InputRefused(
            f"{one.where}: holds {kinds[0]}, and {other.where} {kinds[1]}.", "Compare values alike."
        )
    return SIGNS[sign](one.values, other.values)


def _fitting(column: ComparedValues, literal: Literal) -> pa.Array:
    """The values of a column as those that a literal can be compared with."""
    wanted, kind = KINDS[type(literal)], _kind(column.values.type)
    if types.is_null(column.values.type):
        return pa.nulls(len(column.values), pa.scalar(literal).type)
    if wanted == kind:
        return column.values
    if wanted == "a number" and column.codes is not None:
        return column.codes
    if wanted == "a number" and column.untyped:
        return _numbers(column)
    write = {"text": f"Write '{literal}'.", "a number": "Write a number without quotes."}
    raise InputRefused(
        f"{column.where}: holds {kind}, and is compared with {literal!r}.",
        write.get(kind, "Compare it with true or false."),
    )


def _numbers(column: ComparedValues) -> pa.Array:
    """Numbers that are written as text; an empty text is none."""
    texts = compute.utf8_trim_whitespace(column.values)
    texts = compute.if_else(compute.equal(texts, ""), None, texts)
    try:
        return texts.cast(pa.float64())
    except pa.ArrowInvalid as error:
        row = next(row for row, text in enumerate(texts.to_pylist()) if not _is_number(text))
        cause = f"{column.where}: {texts[row].as_py()[:40]!r} in row {row} is no number."
        raise InputRefused(cause, "Compare it with text, in quotes.") from error


def _is_number(text: str | None) -> bool:
    try:
        pa.scalar(text, pa.string()).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _kind(kind: pa.DataType) -> str:
    if types.is_boolean(kind):
        return KINDS[bool]
    if types.is_integer(kind) or types.is_floating(kind):
        return KINDS[int]
    return KINDS[str] if types.is_string(kind) else str(kind)


def _array(where: str, values: Any) -> pa.Array:
    plain = np.asarray(values).tolist() if isinstance(values, np.ndarray) else list(values)
    try:
        return pa.array(plain, from_pandas=True)
    except pa.ArrowException:
        pass
    try:
        return pa.array(plain, pa.uint64(), from_pandas=True)
    except (pa.ArrowException, OverflowError, TypeError) as error:
        cause = f"{where}: mixes kinds of values, which cannot be compared."
        raise InputRefused(cause, "Save them alike.") from error

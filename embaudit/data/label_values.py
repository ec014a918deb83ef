"""One value of a label as plain Python, or why it cannot be one."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.data.sources_and_notices import Array, Label, Notice
from embaudit.errors import InputRefused, Problem, first_few

PLAIN = (bool, int, str)
INTEGERS = range(-(2**63), 2**64)  # what 64 bits hold, signed or not
SURROGATES = range(0xD800, 0xE000)
NULL = "null"
FRACTION = "fractional"
LIST = "a list"
BEYOND = "integers beyond 64 bits"
BROKEN = "text with code points that are no Unicode characters"
UNDECODABLE = "bytes that are not UTF-8"
INEXACT = "whole numbers too large for their float type to tell apart"
REMEDY = {
    NULL: "give these rows a label, or drop them from the embeddings too",
    FRACTION: "labels are classes; regression targets have to be binned first",
    LIST: "give one label a row; multi-label data cannot be audited",
    BEYOND: "store them as text",
    BROKEN: "repair the text where it was made",
    UNDECODABLE: "store the labels as UTF-8 text",
    INEXACT: "store them as integers",
}


def from_array(array: Array, where: str) -> tuple[list[Label], list[Notice]]:
    """Labels of a 1-D array, by its dtype."""
    match array.dtype.kind:
        case "b" | "i" | "u":
            return array.tolist(), []
        case "f":
            return _whole_numbers(array, where)
        case "U":
            broken = _broken_rows(array)
            if broken:
                raise InputRefused([refusal(where, BROKEN, broken)])
            return array.tolist(), []
        case _:
            return from_objects(array.tolist(), where)


def without_holes(values: Any, *, empty: bool = False) -> tuple[Any, NDArray[np.bool_]]:
    """Labels with another row's value where there is none, and (N,) where that is.

    None, NaN and the nulls of pandas are none; empty: so is an empty text.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind not in "fO":
        gone = values == "" if empty and values.dtype.kind == "U" else np.zeros(len(values), bool)
        plain = values.tolist() if gone.any() else values
    else:
        plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
        if not empty and {*map(type, plain)} <= {*PLAIN, bytes}:
            return values, np.zeros(len(plain), bool)
        gone = np.array([_is_hole(value) or (empty and value == "") for value in plain], bool)
    if not gone.any():
        return values, gone
    there = np.flatnonzero(~gone)
    other = plain[int(there[0])] if len(there) else ""
    return [other if none else one for one, none in zip(plain, gone.tolist(), strict=True)], gone


def _is_hole(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _whole_numbers(array: Array, where: str) -> tuple[list[Label], list[Notice]]:
    with np.errstate(invalid="ignore"):
        fraction = ~np.isnan(array) & (array != np.trunc(array)) | np.isinf(array)
        inexact = np.isfinite(array) & (np.abs(array) > _largest_exact(array.dtype))
    bad = {NULL: np.isnan(array), FRACTION: fraction, INEXACT: inexact}
    problems = [
        refusal(where, reason, np.flatnonzero(rows).tolist())
        for reason, rows in bad.items()
        if rows.any()
    ]
    if problems:
        raise InputRefused(problems)
    return array.astype(np.int64).tolist(), [_floats_notice(where)] if len(array) else []


def _largest_exact(dtype: "np.dtype[Any]") -> float:
    """The float up to which every integer has one of its own; float16 ends before it."""
    info = np.finfo(dtype)
    return float(min(2.0 ** (info.nmant + 1), float(info.max)))


def _broken_rows(array: Array) -> list[int]:
    """Rows of fixed-width text with a surrogate or a number beyond Unicode, before decoding."""
    width = array.dtype.itemsize // 4
    if not width or not len(array):
        return []
    points = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("="), copy=False))
    points = points.view(np.uint32).reshape(len(array), width)
    broken = (points >= SURROGATES.start) & (points < SURROGATES.stop) | (points > 0x10FFFF)
    return np.flatnonzero(broken.any(axis=1)).tolist()


def from_objects(values: list[Any], where: str) -> tuple[list[Label], list[Notice]]:
    """Labels of Python objects; the usual case, all plain already, takes no loop."""
    notices = []
    if values and all(_is_list(value) and len(value) == 1 for value in values):
        notices.append(flattened(where, (len(values), 1)))
        values = [value[0] for value in values]
    kinds = set(map(type, values))
    if not kinds <= set(PLAIN):
        bad: dict[str, list[int]] = defaultdict(list)
        for row, value in enumerate(values):
            values[row], reason = _converted(value)
            if reason:
                bad[reason].append(row)
        if bad:
            raise InputRefused([refusal(where, reason, rows) for reason, rows in bad.items()])
        if any(issubclass(kind, float | np.floating) for kind in kinds):
            notices.append(_floats_notice(where))
        if any(issubclass(kind, bytes) for kind in kinds):
            message = f"{where}: labels stored as bytes were read as UTF-8 text."
            notices.append(Notice("bytes_labels", message))
    unfit = {value: reason for value in dict.fromkeys(values) if (reason := _unfit(value))}
    if unfit:
        rows: dict[str, list[int]] = defaultdict(list)
        for row, value in enumerate(values):
            if value in unfit:
                rows[unfit[value]].append(row)
        raise InputRefused([refusal(where, reason, found) for reason, found in rows.items()])
    return values, notices


def _converted(value: Any) -> tuple[Any, str | None]:
    """One object as a plain label, and why it is none."""
    if isinstance(value, np.generic):
        value = value.item()
    kind = type(value)
    if kind in PLAIN:
        return value, None
    if value is None or kind.__name__ in ("NAType", "NaTType"):  # the nulls of pandas
        return value, NULL
    if kind is float:
        if value != value:
            return value, NULL
        if not value.is_integer():  # infinity is none either
            return value, FRACTION
        return (int(value), None) if abs(value) <= 2**53 else (value, INEXACT)
    if kind is bytes:
        try:
            return value.decode("utf-8"), None
        except UnicodeDecodeError:
            return value, UNDECODABLE
    return value, LIST if _is_list(value) else f"of type {kind.__name__}"


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _unfit(value: Label) -> str | None:
    if isinstance(value, str):
        return None if value.isascii() or not _has_surrogate(value) else BROKEN
    return None if value in INTEGERS else BEYOND


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def refusal(where: str, reason: str, rows: Sequence[int]) -> Problem:
    """Labels of some rows that are none, and what to do about that."""
    count = "1 label is" if len(rows) == 1 else f"{len(rows)} labels are"
    remedy = REMEDY.get(reason, "give integers, booleans or text")
    cause = f"{where}: {count} {reason} (row {first_few(rows)})."
    return Problem(cause, f"{remedy[:1].upper()}{remedy[1:]}.")


def flattened(where: str, shape: tuple[int, ...]) -> Notice:
    """What is said of labels in a column of their own."""
    return Notice("flattened_labels", f"{where}: labels of shape {shape} were flattened.")


def _floats_notice(where: str) -> Notice:
    return Notice("float_labels", f"{where}: labels stored as floats were read as integers.")

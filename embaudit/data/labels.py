"""Labels as plain Python values: whatever they were stored as, a class is a bool, an int or a str.

Text is never parsed: '1', 'nan' and '' are classes. Nothing is guessed, nothing is dropped; of
texts that no name is as long as, a part and a digest stand for the whole.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from embaudit.data.source import Array, Label, Notice
from embaudit.data.view import view_of
from embaudit.errors import InputRefused, Problem, first_few

PLAIN = (bool, int, str)
INTEGERS = range(-(2**63), 2**64)  # what 64 bits hold, signed or not
LONGEST = 2048  # characters of a label or an id; a report may tell one a thousand times
KEPT = 100  # of a longer one
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


def as_labels(
    values: Any, where: str = "labels", ignored: Sequence[str] = ()
) -> tuple[list[Label], list[Notice]]:
    """Plain labels, one a row, and what the user should know about them, but for ignored ones.

    values: a list, a tuple or anything numpy can view as an array, (N,) or (N, 1): integers of
    any 64-bit width, booleans, text, bytes holding UTF-8, or floats that are whole numbers.
    Raises InputRefused, its messages beginning with `where`, for anything else.
    """
    labels, notices = plain_labels(values, where)
    return labels, notices + label_notices(labels, where, ignored)


def as_ids(values: Any, where: str = "ids") -> tuple[list[Label], list[Notice]]:
    """Plain ids, one a row: like labels, but what is odd in a class name is not so in an id.

    The notices are of ids that were too long.
    """
    ids, notices = plain_labels(values, where)
    return ids, [notice for notice in notices if notice.code == "long_texts"]


def plain_labels(values: Any, where: str) -> tuple[list[Label], list[Notice]]:
    """The conversion alone: its notices say how values were changed, not what they look like."""
    labels, notices = _converted_labels(values, where)
    texts = {label for label in labels if isinstance(label, str) and len(label) > LONGEST}
    if not texts:
        return labels, notices
    short = {text: _shortened(text) for text in texts}
    message = (
        f"{where}: {len(texts)} different texts are longer than {LONGEST} characters; of each, "
        f"the first {KEPT} and a digest stand for the whole. Is it a column of names?"
    )
    labels = [short.get(label, label) if isinstance(label, str) else label for label in labels]
    return labels, [*notices, Notice("long_texts", message)]


def _shortened(text: str) -> str:
    """The same for the same text, another one for another."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[:KEPT]}... ({len(text)} characters, SHA-256 {digest})"


def _converted_labels(values: Any, where: str) -> tuple[list[Label], list[Notice]]:
    if isinstance(values, list | tuple):
        return _from_objects(list(values), where)
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        masked = np.flatnonzero(np.ma.getmaskarray(values).reshape(len(values), -1).any(axis=1))
        raise InputRefused([_refusal(where, NULL, masked.tolist())])
    array = view_of(values, where)
    problem = label_problem(where, array.shape, array.dtype)
    if problem:
        raise InputRefused(problem)
    labels, notices = _from_array(array.reshape(-1), where)
    if array.ndim == 2:
        notices.append(_flattened(where, array.shape))
    return labels, notices


def label_problem(where: str, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Problem | None:
    """Why an array of this shape and dtype holds no labels, or None: known before it is read."""
    if len(shape) == 2 and shape[1] != 1:
        hot = " One-hot, where every row sums to 1? Save y.argmax(axis=1)."
        return Problem(
            f"{where}: shape {shape} is not one label a row.",
            "Several levels? Save one of them: y[:, 0]." + (hot if dtype.kind in "biuf" else ""),
        )
    if len(shape) not in (1, 2):
        told = f"{where}: expected one label a row, got {len(shape)}-D values of dtype {dtype}."
        return Problem(told, "Give a list or an array of N labels.")
    if dtype.kind not in "biufUSTO" or (dtype.kind == "f" and dtype.itemsize > 8):
        told = f"{where}: dtype {dtype} holds no labels."
        return Problem(told, "Give integers, booleans or text.")
    return None


def label_notices(labels: Sequence[Label], where: str, ignored: Sequence[str] = ()) -> list[Notice]:
    """What looks unintended, though it is kept as it is: mixed types, empty and twin labels.

    ignored: labels, as text, whose rows are left out.
    """
    notices = []
    labels = [label for label in labels if str(label) not in ignored] if ignored else labels
    types = sorted(kind.__name__ for kind in set(map(type, labels)))
    if len(types) > 1:
        message = f"{where}: labels mix {' and '.join(types)}; 1 and '1' are different classes."
        notices.append(Notice("mixed_labels", message))
    texts = [label for label in dict.fromkeys(labels) if isinstance(label, str)]
    if "" in texts:
        count = labels.count("")
        message = f"{where}: {count} labels are empty text; they are kept as a class of their own."
        notices.append(Notice("empty_labels", message))
    twins = _twins(texts)
    if twins:
        shown = "; ".join(" / ".join(_short(text) for text in group[:3]) for group in twins[:5])
        message = (
            f"{where}: {len(twins)} groups of labels differ only in case, surrounding spaces or "
            f"Unicode form and are kept as different classes: {shown}"
            f"{'; ...' if len(twins) > 5 else '.'}"
        )
        notices.append(Notice("near_identical_labels", message))
    return notices


def _from_array(array: Array, where: str) -> tuple[list[Label], list[Notice]]:
    """Labels of a 1-D array, by its dtype."""
    match array.dtype.kind:
        case "b" | "i" | "u":
            return array.tolist(), []
        case "f":
            return _whole_numbers(array, where)
        case "U":
            broken = _broken_rows(array)
            if broken:
                raise InputRefused([_refusal(where, BROKEN, broken)])
            return array.tolist(), []
        case _:
            return _from_objects(array.tolist(), where)


def _whole_numbers(array: Array, where: str) -> tuple[list[Label], list[Notice]]:
    with np.errstate(invalid="ignore"):
        fraction = ~np.isnan(array) & (array != np.trunc(array)) | np.isinf(array)
        inexact = np.isfinite(array) & (np.abs(array) > _largest_exact(array.dtype))
    bad = {NULL: np.isnan(array), FRACTION: fraction, INEXACT: inexact}
    problems = [
        _refusal(where, reason, np.flatnonzero(rows).tolist())
        for reason, rows in bad.items()
        if rows.any()
    ]
    if problems:
        raise InputRefused(problems)
    return array.astype(np.int64).tolist(), [_floats(where)] if len(array) else []


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


def _from_objects(values: list[Any], where: str) -> tuple[list[Label], list[Notice]]:
    """Labels of Python objects; the usual case, all plain already, takes no loop."""
    notices = []
    if values and all(_is_list(value) and len(value) == 1 for value in values):
        notices.append(_flattened(where, (len(values), 1)))
        values = [value[0] for value in values]
    kinds = set(map(type, values))
    if not kinds <= set(PLAIN):
        bad: dict[str, list[int]] = defaultdict(list)
        for row, value in enumerate(values):
            values[row], reason = _converted(value)
            if reason:
                bad[reason].append(row)
        if bad:
            raise InputRefused([_refusal(where, reason, rows) for reason, rows in bad.items()])
        if any(issubclass(kind, float | np.floating) for kind in kinds):
            notices.append(_floats(where))
        if any(issubclass(kind, bytes) for kind in kinds):
            message = f"{where}: labels stored as bytes were read as UTF-8 text."
            notices.append(Notice("bytes_labels", message))
    unfit = {value: reason for value in dict.fromkeys(values) if (reason := _unfit(value))}
    if unfit:
        rows: dict[str, list[int]] = defaultdict(list)
        for row, value in enumerate(values):
            if value in unfit:
                rows[unfit[value]].append(row)
        raise InputRefused([_refusal(where, reason, found) for reason, found in rows.items()])
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


def _twins(texts: Sequence[str]) -> list[list[str]]:
    """Groups of different texts that a reader would take for one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        folded = unicodedata.normalize("NFC", text.strip()).casefold()
        groups[unicodedata.normalize("NFC", folded)].append(text)
    return [group for group in groups.values() if len(group) > 1]


def _short(text: str, most: int = 40) -> str:
    """The text as an ASCII literal: in it NFC and NFD twins look different."""
    return ascii(text if len(text) <= most else text[:most] + "...")


def _refusal(where: str, reason: str, rows: Sequence[int]) -> Problem:
    count = "1 label is" if len(rows) == 1 else f"{len(rows)} labels are"
    remedy = REMEDY.get(reason, "give integers, booleans or text")
    told = f"{where}: {count} {reason} (row {first_few(rows)})."
    return Problem(told, f"{remedy[:1].upper()}{remedy[1:]}.")


def _flattened(where: str, shape: tuple[int, ...]) -> Notice:
    return Notice("flattened_labels", f"{where}: labels of shape {shape} were flattened.")


def _floats(where: str) -> Notice:
    return Notice("float_labels", f"{where}: labels stored as floats were read as integers.")

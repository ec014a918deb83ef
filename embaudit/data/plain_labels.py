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

from embaudit.data.array_coercion import view_of
from embaudit.data.label_values import NULL, flattened, from_array, from_objects, refusal
from embaudit.data.sources_and_notices import Label, Notice
from embaudit.errors import InputRefused, Problem, option

LONGEST = 2048  # characters of a label or an id; a report may tell one a thousand times
KEPT = 100  # of a longer one


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
        return from_objects(list(values), where)
    plain = type(values) is np.ndarray  # and numpy.ma need not be loaded
    if not plain and isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        masked = np.flatnonzero(np.ma.getmaskarray(values).reshape(len(values), -1).any(axis=1))
        raise InputRefused([refusal(where, NULL, masked.tolist())])
    array = view_of(values, where)
    problem = label_problem(where, array.shape, array.dtype)
    if problem:
        raise InputRefused(problem)
    labels, notices = from_array(array.reshape(-1), where)
    if array.ndim == 2:
        notices.append(flattened(where, array.shape))
    return labels, notices


def label_problem(where: str, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Problem | None:
    """Why an array of this shape and dtype holds no labels, or None: known before it is read."""
    if len(shape) == 2 and shape[1] != 1:
        hot = " One-hot, where every row sums to 1? Save y.argmax(axis=1)."
        return Problem(
            f"{where}: shape {shape} is not one label a row.",
            f"Several levels? Take one: {option('label_level', 0)} of a file, y[:, 0] of an array."
            + (hot if dtype.kind in "biuf" else ""),
        )
    if len(shape) not in (1, 2):
        cause = f"{where}: expected one label a row, got {len(shape)}-D values of dtype {dtype}."
        return Problem(cause, "Give a list or an array of N labels.")
    if dtype.kind not in "biufUSTO" or (dtype.kind == "f" and dtype.itemsize > 8):
        cause = f"{where}: dtype {dtype} holds no labels."
        return Problem(cause, "Give integers, booleans or text.")
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
        notices.append(Notice("label_twins", message))
    return notices


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

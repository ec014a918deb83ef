"""Cells of text that hold a vector each: `[0.1, 0.2]`, as lists write it, or blanks as numpy does.

Nothing is evaluated: brackets are cut, and each part between commas or blanks must be a number.
"""

import re

import pyarrow as pa
import pyarrow.compute as compute

AROUND = "[]() \t\r\n"
BETWEEN = r"\s*[,;]\s*|\s+"
LISTS = pa.large_list(pa.float64())
ABBREVIATED = re.compile(r"\.\.\.|…")


def numbers_of(texts: pa.Array) -> pa.Array:
    """A batch of texts as lists of float64; null where a text is no list of numbers."""
    bare = compute.utf8_trim(texts.cast(pa.large_string()), AROUND)
    parts = compute.split_pattern_regex(bare, BETWEEN)
    try:
        return parts.cast(LISTS)
    except pa.ArrowInvalid:
        return pa.array([_row(part) for part in parts], LISTS)


def _row(parts: pa.Scalar) -> list[float] | None:
    try:
        numbers: list[float] = parts.values.cast(pa.float64()).to_pylist()
    except (pa.ArrowInvalid, AttributeError):
        return None
    return numbers

"""Vectors that were saved as text, `[0.1, 0.2]`, read as the numbers that stand there.

What JSON, Python, numpy, pgvector and PostgreSQL write of a vector. Nothing is evaluated: brackets
and separators are cut, and each part must be a number.
"""

import pyarrow as pa
import pyarrow.compute as compute
from pyarrow import types

NUMBER = r"np\.float(?:16|32|64)\(([^()]*)\)"  # of numpy 2, in a list of Python
WRAPPED = r"(?s)^(?:(?:np\.|numpy\.)?array|tensor)\((.*?\])(?:,\s*[a-z_]+=.*)?\)$"
BETWEEN = r"\s*[,;|]\s*|\s+"
BLANK, AROUND = " \t\r\n", " \t\r\n[](){}"
LISTS = pa.large_list(pa.float64())


def is_text(kind: pa.DataType) -> bool:
    """Whether the type is text, dictionary-encoded or not."""
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def text_lists(texts: pa.Array) -> pa.Array:
    """A batch of texts as lists of float64; null where a text is null or no vector of numbers."""
    plain = texts.cast(pa.large_string())
    try:
        return _between_commas(plain)
    except pa.ArrowInvalid:
        pass
    parts = _parts(plain)
    try:
        return parts.cast(LISTS)
    except pa.ArrowInvalid:
        rows = [row if _is_vector(parts.take([row])) else None for row in range(len(parts))]
        found = [row for row in rows if row is not None]
        place = {row: number for number, row in enumerate(found)}
        numbers = parts.take(pa.array(found, pa.int64())).cast(LISTS)
        return numbers.take(pa.array([place.get(row) for row in range(len(parts))], pa.int64()))


def looks_like_vector(text: str) -> bool:
    """Whether a text is a vector of two numbers or more."""
    (numbers,) = text_lists(pa.array([text]))
    return numbers.is_valid and len(numbers) > 1


def _between_commas(plain: pa.Array) -> pa.Array:
    """What most writers write, five times as fast; raises ArrowInvalid for anything else."""
    parts = compute.split_pattern(compute.ascii_trim(plain, AROUND), ",")
    numbers = compute.ascii_trim(parts.values, BLANK).cast(pa.float64())
    null = parts.is_null() if parts.null_count else None
    return pa.LargeListArray.from_arrays(_offsets(parts), numbers, mask=null)


def _offsets(parts: pa.Array) -> pa.Array:
    return parts.offsets.cast(pa.int64())


def _parts(plain: pa.Array) -> pa.Array:
    """What stands between any separators."""
    bare = compute.replace_substring_regex(plain, NUMBER, r"\1")
    bare = compute.replace_substring_regex(compute.utf8_trim(bare, BLANK), WRAPPED, r"\1")
    return compute.split_pattern_regex(compute.utf8_trim(bare, AROUND), BETWEEN)


def _is_vector(parts: pa.Array) -> bool:
    try:
        return bool(parts.cast(LISTS).null_count == 0)
    except pa.ArrowInvalid:
        return False

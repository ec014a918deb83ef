"""Values that go along with the rows, as they are: texts, paths, scores; None for none."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from embaudit.errors import InputRefused, first_few
from embaudit.files.column import Column


def kept_values(columns: Sequence[Column]) -> list[Any]:
    """The values of all shards of a column, N Python values.

    Raises InputRefused for text that no file can hold.
    """
    values: list[Any] = []
    for column in columns:
        read = column.read()
        part = read.tolist() if isinstance(read, np.ndarray) else list(read)
        broken = [row for row, value in enumerate(part) if not _writable(value)]
        if broken:
            raise InputRefused(
                f"{column.where}: {len(broken)} texts with code points that are no Unicode "
                f"characters (row {first_few(broken)}).",
                "Repair them where they were made.",
            )
        values += part
    return values


def _writable(value: Any) -> bool:
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

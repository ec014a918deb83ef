"""Values that go along with the rows, as they are: texts, paths, scores; None for none."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embaudit.errors import InputRefused, Problem, first_few
from embaudit.files.chosen_columns import Choice, Problems, place
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


def aligned_values(
    chosen: Choice, sides: Mapping[str, list[Column]], order: list[int] | None
) -> dict[str, list[Any]]:
    """The values of some columns, row by row; order: of a joined labels file, -1 for none.

    Raises InputRefused for what cannot be kept, and where there is not one value a row.
    """
    problems, kept = Problems(), {}
    joined = {table.file.path for table in chosen.beside} if chosen.keys else set()
    for name, columns in sides.items():
        given, of_labels = sum(column.rows for column in columns), columns[0].path in joined
        if given != chosen.rows and not of_labels:
            cause = f"{place(columns)}: {given} values for {chosen.rows} embeddings."
            problems.found.append(Problem(cause, "Give one for every row."))
            continue
        values = problems.attempt(kept_values, columns) or []
        if of_labels and values:
            values = [values[row] if row >= 0 else None for row in order or ()]
        kept[name] = values
    problems.refuse()
    return kept


def _writable(value: Any) -> bool:
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

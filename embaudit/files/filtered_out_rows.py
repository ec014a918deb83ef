"""The rows that a condition leaves out, from the columns that it is about."""

from dataclasses import replace

from embaudit.data.condition_ast import ROW
from embaudit.data.left_out_rows import Flags
from embaudit.data.row_expression import condition_of
from embaudit.files.chosen_columns import Choice, place
from embaudit.files.passthrough_columns import aligned_values
from embaudit.files.row_filter import compared_values, rows_where


def rows_outside(chosen: Choice, order: list[int] | None) -> Flags:
    """(N,) the rows of which the condition of the names does not hold.

    order: the rows of a joined labels file. Raises InputRefused.
    """
    condition = condition_of(chosen.names.where or "", chosen.given_as[1])
    numbered = {
        name: [replace(column, read=column.codes) for column in columns if column.codes]
        for name, columns in chosen.asked.items()
    }
    whole = {n: c for n, c in numbered.items() if len(c) == len(chosen.asked[n])}
    values, codes = (aligned_values(chosen, one, order) for one in (chosen.asked, whole))
    held = {
        name: compared_values(
            place(columns), values[name], codes.get(name), untyped=columns[0].untyped
        )
        for name, columns in chosen.asked.items()
    }
    held.setdefault(ROW, compared_values(ROW, range(chosen.rows)))
    outside: Flags = ~rows_where(condition, held)
    return outside

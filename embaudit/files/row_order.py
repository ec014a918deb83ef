"""Rows that are matched by position: refused where ids tell that their order is another one."""

from collections.abc import Sequence
from contextlib import suppress

from embaudit.data import Label
from embaudit.data.plain_labels import as_ids
from embaudit.errors import InputRefused, Problem, option
from embaudit.files.chosen_columns import Choice, place
from embaudit.files.column import Column, Table
from embaudit.files.column_roles import IDS
from embaudit.files.shards import find_all

KEYED = "json"  # the format whose rows may be the entries of an object, by their numbers


def check_order(chosen: Choice) -> None:
    """Raise InputRefused where labels of a file of their own stand in another order than the rows.

    Both files have ids, the same in another order; or one has the numbers of its rows, which are
    not in their order, and the other has nothing that tells. Of unusable ids, nothing is told.
    """
    if chosen.classes is None or chosen.keys or chosen.beside is chosen.tables:
        return
    with suppress(_Unusable):
        ours, theirs = (_ids_of(side, chosen) for side in (chosen.tables, chosen.beside))
        if ours is not None and theirs is not None:
            _check_alike(ours, theirs, joins=chosen.given_as[0] == "labels")
            return
        for found, table, other in (
            (ours, chosen.tables[0], place(chosen.classes)),
            (theirs, chosen.beside[0], place(chosen.vectors or [])),
        ):
            if found is not None and table.file.format == KEYED:
                _check_numbered(*found, other)


class _Unusable(Exception):
    """Ids that are none: told where ids are read."""


_Ids = tuple[list[Column], list[Label]]


def _ids_of(tables: list[Table], chosen: Choice) -> _Ids | None:
    """The columns of ids of a side, by their usual name, and the values; None without."""
    try:
        columns = find_all(tables, IDS, None)
        if columns is None or columns == chosen.classes:
            return None
        return columns, [one for c in columns for one in as_ids(c.read(), c.where)[0]]
    except InputRefused as refusal:
        raise _Unusable from refusal


def _check_alike(ours: _Ids, theirs: _Ids, *, joins: bool) -> None:
    """Integers are compared by their digits: one of the files may hold nothing but text.

    joins: whether an option joins them; none does for a gallery.
    """
    one, other = ([str(value) for value in values] for _, values in (ours, theirs))
    if one == other or len(one) != len(other) or len({*one}) < len(one) or {*one} != {*other}:
        return
    row = next(row for row, value in enumerate(one) if value != other[row])
    name = theirs[0][0].name
    way = f"Match them by id: {option('join', name)}." if joins else f"Sort both files by {name!r}."
    raise InputRefused(
        f"{place(theirs[0])}: has the ids of {place(ours[0])} in another order (row {row}: "
        f"{_short(other[row])}, there {_short(one[row])}): rows are not matched by position.",
        way,
    )


def _short(value: str) -> str:
    return ascii(value[:40])


def _check_numbered(columns: list[Column], ids: Sequence[Label], other: str) -> None:
    numbers = [str(number) for number in range(len(ids))]
    if list(ids) == numbers or len({*ids}) < len(ids) or {*ids} != {*numbers}:
        return
    path = columns[0].path
    raise InputRefused(
        Problem(
            f"{path}: its entries are keyed by the numbers 0 to {len(ids) - 1}, and not in their "
            f"order: which of both is the order of {other}?",
            f"Save them in order: d = json.load(open({path!r})); json.dump({{k: d[k] for k in "
            "sorted(d, key=int)}, open('sorted.json', 'w')).",
        )
    )

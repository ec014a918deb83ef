"""A first or last column of whole numbers beside fractions: labels, ids or a dimension?

Where nothing names the columns, such a one is not read as a dimension in silence: labels would be
audited as a part of the vectors.
"""

from collections.abc import Sequence

from embaudit.errors import InputRefused


def refuse_undecided(
    rows: Sequence[Sequence[str]],
    columns: Sequence[int],
    path: str,
    *,
    named: str = "",
    table: bool = True,
) -> None:
    """Raise InputRefused where the first or last of these columns of numbers may be no dimension.

    rows: fields of text. named: what names they have, if any. table: whether the format has names.
    """
    at = _whole_end(rows, columns)
    if at is None:
        return
    names = "label,emb_0,emb_1,..." if at == columns[0] else "emb_0,emb_1,...,label"
    how = "Name the columns in the first line" if table else "Save a .csv that names its columns"
    rest = "[:, 1:]" if at == columns[0] else "[:, :-1]"
    apart = f"or keep labels apart: numpy.save('x.npy', numbers{rest})"
    without = f"names {named}" if named else "header"
    raise InputRefused(
        f"{path}: has no {without}, and column {at + 1} of {len(rows[0])} holds whole numbers "
        "only: labels, ids or a dimension?",
        f"{how}, {names}; {apart}.",
    )


def _whole_end(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> int | None:
    """The first or last column, if it holds whole numbers, and no other tells that dimensions do.

    A column of one value tells nothing: it may be a dimension that is not in use.
    """
    ends = [at for at in (columns[-1], columns[0]) if _are_whole(rows, at)]
    if not ends or len(columns) < 2:
        return None
    idle = False
    for at in columns[1:-1]:
        if _are_whole(rows, at):
            if not _is_one_value(rows, at):
                return None
            idle = True
    unlike = [at for at in ends if not (idle and _is_one_value(rows, at))]
    return unlike[0] if unlike else None


def _are_whole(rows: Sequence[Sequence[str]], at: int) -> bool:
    return all(at < len(row) and _is_whole(row[at]) for row in rows)


def _is_whole(text: str) -> bool:
    try:
        return float(text).is_integer()
    except ValueError:
        return False


def _is_one_value(rows: Sequence[Sequence[str]], at: int) -> bool:
    return len({row[at] for row in rows}) == 1

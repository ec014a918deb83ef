"""What stands between the fields of text, where that is no comma; lines of a path and a label."""

import re
from collections.abc import Sequence
from itertools import islice

MARKS = (";", "\t", "|")
LOOKED_AT = 1000  # lines that tell what stands between fields
BLANK = " "
QUOTED = re.compile(r'"[^"]*"')


def separator_of(text: str) -> str:
    """What separates the fields of a .csv: a comma, or what its header has instead of any.

    A blank does only where lines are no labels as they stand: all differ, and split alike.
    """
    looked_at = "\n".join(islice(text.splitlines(), LOOKED_AT))
    head = [line for line in QUOTED.sub("", looked_at).splitlines() if line]
    header = head[0] if head else ""
    if "," in header:
        return ","
    for mark in MARKS:
        if header.count(mark) and len({line.count(mark) for line in head}) == 1:
            return mark
    lines = [line for line in text.splitlines() if line]
    blanks = {line.count(BLANK) for line in lines}
    alike = len(blanks) == 1 and blanks != {0} and len(lines) > 1
    return BLANK if alike and len({*lines}) == len(lines) else ","


def fields_in(lines: Sequence[str]) -> dict[str, list[str]] | None:
    """The fields of lines that are no labels as they stand, by name; None where there are none.

    `images/cat_1.png cat`: all lines differ, they split alike, and one of the fields is shared by
    lines: the label. One that tells all lines apart is the id; others have their number for a name.
    """
    if len({*lines}) < len(lines):
        return None
    rows = _split(lines)
    if rows is None:
        return None
    fields = [list(field) for field in zip(*rows, strict=True)]
    counts = [len({*field}) for field in fields]
    shared = [number for number, count in enumerate(counts) if 1 < count < len(lines)]
    unique = [number for number, count in enumerate(counts) if count == len(lines)]
    if not shared:
        return None
    names = [str(number) for number in range(1, len(fields) + 1)]
    for name, found in (("label", shared), ("id", unique)):
        if len(found) == 1:
            names[found[0]] = name
    return dict(zip(names, fields, strict=True))


def _split(lines: Sequence[str]) -> list[list[str]] | None:
    """The fields of each line, as many in all: between marks, else blanks, else before the last."""
    for mark in ("\t", ";", ","):
        if mark in lines[0]:
            rows = [[field.strip() for field in line.split(mark)] for line in lines]
            return rows if _alike(rows) else None
    for rows in ([line.split() for line in lines], [line.rsplit(None, 1) for line in lines]):
        if _alike(rows):
            return rows
    return None


def _alike(rows: Sequence[Sequence[str]]) -> bool:
    return len({len(row) for row in rows}) == 1 and len(rows[0]) > 1

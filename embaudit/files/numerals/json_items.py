"""What the values of a JSON file are of: rows or columns, by how objects and lists are laid out."""

import json
from collections.abc import Iterator
from typing import Any

from embaudit.files.file_status import StoredFile
from embaudit.files.numerals.json_members import Entries
from embaudit.files.numerals.json_records import Item, items_of
from embaudit.files.numerals.json_stream import Scanner, elements
from embaudit.files.read_faults import reading


def items(file: StoredFile) -> Iterator[Item]:
    """(row, name, value) of all that is in a file, in its order; a name of None ends a row.

    Of objects in a list or line by line, each is a row. Bare values are a column without a name. An
    object of lists is one of columns if it begins with lists of lists, texts or objects, or with
    the name of a column; else each of its entries is a row, whose key is `id`. Of a list of objects
    in it each is a row as well. Raises InputRefused where numbers by numbers may be either.
    """
    with reading(file.at), file.opened() as handle:
        scanner = Scanner(handle, file.path)
        match scanner.peek():
            case "{" if not _is_lines(scanner):
                yield from Entries(file, scanner).items()
            case "[" if not _is_lines(scanner):
                yield from _rows(elements(scanner))
            case _:
                yield from _rows(_lines(scanner))
        if scanner.peek():
            scanner.refuse("more follows the end of it")


def _is_lines(scanner: Scanner) -> bool:
    """Whether the first line is a value by itself, and others follow."""
    line = scanner.first_line()
    if line is None:
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(scanner: Scanner) -> Iterator[Any]:
    while scanner.peek():
        yield scanner.value()


def _rows(values: Iterator[Any]) -> Iterator[Item]:
    for row, value in enumerate(values):
        yield from items_of(row, value if isinstance(value, dict) else {"": value})

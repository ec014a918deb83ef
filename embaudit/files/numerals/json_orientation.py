"""Which way round an object of objects is: `{column: {row: value}}`, or `{row: {column: value}}`.

`DataFrame.to_json()` writes the first, `orient="index"` the second. Where rows and columns are both
numbered, the names of columns tell, and values that no dimension has.
"""

import re
from collections import Counter
from collections.abc import Iterator

from embaudit.errors import InputRefused
from embaudit.files.file_status import StoredFile
from embaudit.files.numerals.json_stream import Scanner, keys, members

ASKED = re.compile(
    r'\{\s*"[0-9]{1,9}"\s*:\s*[-0-9"\[ntf]'
)  # an entry that may be a row or a column
ENOUGH = 64  # characters of an entry that are looked at
NAMED = ("label", "labels", "class", "target", "y", "id")
DIMENSION = re.compile(r"(|emb|embedding|dim|feature|feat|component|pc|[fxvd])_?([0-9]{1,9})", re.I)
AS_RECORDS = "Save a record a row: df.to_json(path, orient='records')."


def may_be_column(scanner: Scanner) -> bool:
    """Whether the next entry is an object by numbers."""
    return ASKED.match(scanner.ahead(ENOUGH)) is not None


def has_columns(file: StoredFile) -> bool:
    """Whether the entries of the object at the top are columns; the whole file is read for it.

    Raises InputRefused where either is as likely: read the other way round, dimensions are rows.
    """
    with file.opened() as handle:
        return _has_columns(file, _entries(Scanner(handle, file.path)))


def _entries(scanner: Scanner) -> Iterator[tuple[str, set[type], int, bool]]:
    """Of each entry: its key, the kinds of its values, how many, and whether by numbers alone."""
    for key in keys(scanner):
        kinds, count, numbered = set[type](), 0, True
        if scanner.peek() != "{":
            scanner.value()
            numbered = False
        else:
            for name, value in members(scanner):
                kinds.add(type(value))
                numbered &= name.isdigit()
                count += 1
        yield key, kinds, count, numbered


def _has_columns(file: StoredFile, entries: Iterator[tuple[str, set[type], int, bool]]) -> bool:
    total, longest, told = 0, 0, False
    families = Counter[str]()  # how many names stand there in their order, by what they begin with
    for key, kinds, count, numbered in entries:
        if not numbered:
            return False
        total, longest = total + 1, max(longest, count)
        told |= key in NAMED or (count > 1 and kinds <= {str, list, type(None)})
        match = DIMENSION.fullmatch(key)
        if match and int(match[2]) - families[match[1]] in (0, 1):
            families[match[1]] += 1
    if told or total == 1 or longest == 1:
        return longest > 1
    dimensions = max(families.values(), default=0)
    if dimensions == total:
        raise undecided(file)
    return dimensions > 1


def undecided(file: StoredFile) -> InputRefused:
    """Why numbers by numbers are not read."""
    return InputRefused(
        f"{file.path}: numbers by row and column, both of which are numbered: which are the rows?",
        AS_RECORDS,
    )

"""Which way round an object of objects is: `{column: {row: value}}`, or `{row: {column: value}}`.

`DataFrame.to_json()` writes the first, `orient="index"` the second. Where rows and columns are both
numbered, the names of columns tell, and values that no dimension has.
"""

import re
from collections import defaultdict

from embaudit.errors import InputRefused
from embaudit.files.file_status import StoredFile
from embaudit.files.numerals.json_stream import Scanner, keys, members

ASKED = re.compile(r'\{\s*"[^"\\]{0,99}[0-9]"\s*:\s*[-0-9"\[ntf]')  # a name that is numbered
ENOUGH = 160  # characters of an entry that are looked at
NAMED = ("label", "labels", "class", "target", "y", "id")
NUMBERED = re.compile(r"(.{0,99}?)([0-9]{1,9})", re.DOTALL)
NUMBERS = {int, float}
AS_RECORDS = "Save a record a row: df.to_json(path, orient='records')."


def may_be_column(scanner: Scanner) -> bool:
    """Whether the next entry is an object of numbered names."""
    return ASKED.match(scanner.ahead(ENOUGH)) is not None


def has_columns(file: StoredFile) -> bool:
    """Whether the entries of the object at the top are columns; the whole file is read for it.

    Raises InputRefused where either is as likely: read the other way round, dimensions are rows.
    """
    with file.opened() as handle:
        return _has_columns(file, Scanner(handle, file.path))


class _Names:
    """Names that are met, and which of them are numbered without gaps, as dimensions are."""

    def __init__(self) -> None:
        self.total, self.named = 0, False
        self._numbers: dict[str, set[int]] = defaultdict(set)

    def note(self, name: str) -> None:
        self.total += 1
        self.named |= name in NAMED
        if match := NUMBERED.fullmatch(name):
            self._numbers[match[1]].add(int(match[2]))

    @property
    def family(self) -> int:
        """How many are numbered from 0 or 1, where there are several."""
        sound = (len(one) for one in self._numbers.values() if max(one) - len(one) in (-1, 0))
        return max((size for size in sound if size > 1), default=0)


def _has_columns(file: StoredFile, scanner: Scanner) -> bool:
    outer, longest = _Names(), 0
    rows = columns = dimensions = False  # what tells each
    for key in keys(scanner):
        if scanner.peek() != "{":
            return False
        outer.note(key)
        inner, kinds = _Names(), set[type]()
        for name, value in members(scanner):
            inner.note(name)
            kinds.add(type(value))
        longest = max(longest, inner.total)
        dimensions |= inner.family > 1
        rows |= inner.named or (str in kinds and not kinds.isdisjoint(NUMBERS))
        columns |= inner.total > 1 and kinds <= {str, list, type(None)}
    columns |= outer.named or outer.total == 1
    if rows or longest == 1 or not (outer.family or columns):
        return False
    if dimensions and not columns and outer.family == outer.total:
        raise undecided(file)
    return True


def undecided(file: StoredFile) -> InputRefused:
    """Why numbers by numbers are not read."""
    return InputRefused(
        f"{file.path}: numbers by row and column, both of which are numbered: which are the rows?",
        AS_RECORDS,
    )

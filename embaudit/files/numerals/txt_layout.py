"""How a `.txt` of vectors is laid out: numbers alone, or behind a word, as GloVe and word2vec do.

numpy.savetxt writes the first, behind lines of comment where it has a header; GloVe the second, and
word2vec that behind a line with the number of words and of dimensions.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from embaudit.files.numerals.ambiguous_columns import refuse_undecided
from embaudit.files.numerals.delimited_layout import HEAD, NUMBER, Layout

COUNTS = re.compile(r"([0-9]{1,18})[ \t]([0-9]{1,9})[ \t]*")
FRACTION = re.compile(r"[.eE]")
DELIMITERS = " \t,;"
NAME = "embedding_{}"


def layout_of_lines(head: bytes, path: str) -> tuple[Layout, int | None] | None:
    """The layout, and how many vectors the first line promises; None where lines are no vectors.

    Two numbers at least are fractions: whole numbers may be labels, or a number and a label. What
    stands before the numbers is a label where lines share it, else an id. Raises InputRefused where
    a column of whole numbers may be labels.
    """
    text = head.decode("utf-8-sig", errors="replace")
    lines = text.split("\n")
    if len(head) == HEAD:  # the last may be cut
        lines.pop()
    lines = [line.removesuffix("\r") for line in lines if line.strip()]
    comments = sum(1 for _ in takewhile(_is_comment, lines))
    counts = COUNTS.fullmatch(lines[comments]) if len(lines) > comments + 1 else None
    header = comments + (counts is not None)
    rows, values = lines[header:], int(counts[2]) if counts else None
    found = _line_of(rows[0], values) if rows else None
    if found is None or values not in (None, found.values):
        return None
    if counts is None:
        fields = [row.split(found.delimiter) for row in rows]
        first = int(found.named)
        refuse_undecided(fields, range(first, first + found.values), path, table=False)
    words = [row.partition(found.delimiter)[0] for row in rows]
    word = ("id" if len({*words}) == len(words) else "label",) if found.named else ()
    members = tuple(NAME.format(number) for number in range(found.values))
    family = {f"{NAME.format(0)}..{found.values - 1}": members}
    columns = (*word, *members, *(("",) if found.ended else ()))
    layout = Layout(found.delimiter, False, header, columns, family, ())
    return layout, int(counts[1]) if counts else None


def _is_comment(line: str) -> bool:
    """Whether it is told as one, and is no vector of the word `#`."""
    return line.startswith("#") and _line_of(line) is None


def _line_of(line: str, values: int | None = None) -> "_Line | None":
    """What a line is by the first delimiter that makes it a vector, of so many values if known."""
    return next(filter(None, (_Line.of(line, mark, values) for mark in DELIMITERS)), None)


@dataclass(frozen=True)
class _Line:
    """A line of so many numbers. named: whether a word is before them; ended: a mark behind."""

    delimiter: str
    named: bool
    values: int
    ended: bool

    @staticmethod
    def of(line: str, delimiter: str, most: int | None) -> "_Line | None":
        """What a line is if this stands between its fields; None if it is no vector.

        most: how many values it has, if that is known: a number more is a word.
        """
        fields = line.split(delimiter)
        ended = fields[-1] == ""  # word2vec writes a blank behind each number
        named = not NUMBER.fullmatch(fields[0]) or len(fields) - ended - 1 == most
        values = fields[int(named) : len(fields) - ended]
        fractions = sum(FRACTION.search(value) is not None for value in values)
        if fractions < 2 or not all(map(NUMBER.fullmatch, values)):
            return None
        return _Line(delimiter, named, len(values), ended)

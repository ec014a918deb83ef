"""How a delimited text is laid out, told from its first lines: delimiter, header, vectors."""

import csv
import io
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from embaudit.errors import InputRefused
from embaudit.files.numerals.ambiguous_columns import refuse_undecided

HEAD = 1 << 20  # bytes from which the layout is told
DELIMITERS = ",\t;| "  # of two that split alike, the first
NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*|nan|[+-]?inf", re.I)
SIGN, VALUE, NEXT = "[+-]?", r"[0-9.]+(?:[eE][+-]?[0-9]+)?", r"\s*(?:\s|[,;|])\s*"
CELL = re.compile(  # a vector in brackets: `[0.1, 0.2]`, `{0.1,0.2}`, `array([0.1, 0.2])`
    rf"\s*(?:(?:np\.|numpy\.)?array\(|tensor\()?[\[({{][\[({{\s]*(?:np\.float[0-9]+\()?"
    rf"{SIGN}{VALUE}\)?{NEXT}[^\])}}\s].*[\])}}]\s*",
    re.DOTALL,
)
BARE = re.compile(rf"\s*{SIGN}{VALUE}(?:{NEXT}{SIGN}{VALUE}){{2,}}\s*")  # of three and more
FRACTION = re.compile(r"[0-9]\.[0-9]|[eE]-")
DECIMAL = re.compile(r"\s*[+-]?[0-9]+,[0-9]+\s*")  # as some languages write numbers
THOUSANDS = re.compile(r"\s*[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+\s*")  # as others do: `12,345`
WHOLE = re.compile(r"\s*[0-9]{1,9}\s*")
NUMBERED = re.compile(r"(.{0,99}?)([0-9]{1,9})", re.DOTALL)
MEANT = ("embedding_", "emb_")  # begin the names of dimensions, whatever is missing


FIELD_LIMIT = threading.Lock()  # the csv module has one limit for the whole process


@contextmanager
def fields_of_any_length() -> Iterator[None]:
    """Lift the limit of the csv module, which is of this process, for the moment."""
    with FIELD_LIMIT:
        before = csv.field_size_limit(sys.maxsize)
        try:
            yield
        finally:
            csv.field_size_limit(before)


@dataclass(frozen=True)
class Layout:
    """Columns of a delimited text, of which some are vectors.

    families: the columns of one dimension each that are a vector, by the name of that. cells:
    columns of text, each cell of which is a vector. header: how many records stand before the rows:
    one that names the columns, or lines of comment. A column without a name is not read.
    spaced: whether a blank follows each delimiter.
    """

    delimiter: str
    quoted: bool
    header: int
    columns: tuple[str, ...]
    families: dict[str, tuple[str, ...]]
    cells: tuple[str, ...]
    spaced: bool = False

    @property
    def texts(self) -> list[str]:
        """Columns that may be labels, ids or values: of a family, those that may be none too."""
        meant = [
            name
            for family, names in self.families.items()
            if not self.header or family.startswith(MEANT)
            for name in names
        ]
        taken = {*self.cells, *meant}
        return [name for name in self.columns if name and name not in taken]


def layout_of(head: bytes, path: str, *, quoted: bool) -> Layout | None:
    """The layout of a text with vectors; None where its first records show none.

    quoted: whether `"` is a quote. Raises InputRefused where a column may be a dimension or not.
    """
    text = head.decode("utf-8-sig", errors="replace")
    if len(head) == HEAD:  # the last line may be cut
        text = text[: text.rfind("\n") + 1] or text
    delimiter, records = _split(text, quoted)
    while records and not records[-1]:  # blank lines at the end are no rows
        records.pop()
    if not records or not records[0]:
        return None
    header = _is_header(records[0])
    rows = records[1:] if header else records
    columns = tuple(records[0]) if header else tuple(f"f{i}" for i in range(len(records[0])))
    spaced = header and delimiter != " " and all(name[:1] == " " for name in columns[1:])
    if spaced:
        columns = tuple(name.lstrip(" ") for name in columns)
    if not rows or len({*columns}) < len(columns) or len(rows[0]) != len(columns):
        return None
    first = dict(zip(columns, rows[0], strict=True))
    cells = tuple(name for name, value in first.items() if _is_cell(value, bare=header))
    numeric = [name for name, value in first.items() if NUMBER.fullmatch(value)]
    if not numeric and not cells and (grouped := _with_commas(rows)):
        thousands = all(map(THOUSANDS.fullmatch, grouped))
        what = "commas between thousands" if thousands else "decimal commas"
        raise InputRefused(
            f"{path}: its numbers have {what}.",
            plain_numbers(path, delimiter, thousands=thousands),
        )
    if header:
        families = _families(numeric, columns, rows, path)
    else:
        families = _unnamed(numeric, columns, rows, path)
    if not families and not cells:
        return None
    return Layout(delimiter, quoted, int(header), columns, families, cells, spaced)


def _with_commas(rows: list[list[str]]) -> list[str]:
    """Numbers of the first rows that have commas within, where several are of the first."""
    found = [
        [one for one in row if DECIMAL.fullmatch(one) or THOUSANDS.fullmatch(one)]
        for row in rows[:20]
    ]
    return [one for row in found for one in row] if len(found[0]) > 1 else []


def plain_numbers(path: str, delimiter: str, *, thousands: bool) -> str:
    """What makes numbers without commas. thousands: whether these stand between thousands."""
    told = "thousands=','" if thousands else "decimal=','"
    call = f"pandas.read_csv({path!r}, sep={delimiter!r}, {told}).to_csv('plain.csv', index=False)"
    what = "without these" if thousands else "with decimal points"
    return f"Save numbers {what}: {call}."


def _split(text: str, quoted: bool) -> tuple[str, list[list[str]]]:
    """The delimiter that splits the first two records into most fields, and the records by it.

    Before that counts whether a field is a vector: what stands between its numbers is none.
    """
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    best: tuple[tuple[bool, int], str, list[list[str]]] = ((False, 0), ",", [])
    for delimiter in DELIMITERS:
        records: list[list[str]] = []
        with suppress(csv.Error), fields_of_any_length():  # of a quote that is open
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
            records.extend(reader)
        counts = [len(record) for record in records[:2]]
        if counts and counts[0] == counts[-1]:
            told = any(map(_is_cell, records[:2][-1])), counts[0]
            best = max(best, (told, delimiter, records), key=lambda one: one[0])
    return best[1], best[2]


def _is_cell(text: str, *, bare: bool = False) -> bool:
    """Whether a field is a vector. bare: without brackets, too."""
    if CELL.fullmatch(text):
        return True
    return bare and BARE.fullmatch(text) is not None and FRACTION.search(text) is not None


def _is_header(record: list[str]) -> bool:
    """Whether a record names columns: by words, or as pandas does, by 0, 1, 2, ...."""
    if any(map(_is_cell, record)):
        return False
    numbers = [value for value in record if NUMBER.fullmatch(value)]
    counted = all(WHOLE.fullmatch(value) for value in numbers)
    return not numbers or (counted and [*map(int, numbers)] == [*range(len(numbers))])


def _families(
    numeric: list[str], columns: tuple[str, ...], rows: list[list[str]], path: str
) -> dict[str, tuple[str, ...]]:
    """Columns named alike and numbered from 0 or 1: `emb_0 ..`, `x1 ..`, `0 ..`."""
    numbered: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for name in columns:
        if match := NUMBERED.fullmatch(name):
            numbered[match[1]].append((int(match[2]), name))
    found = {}
    for prefix, members in numbered.items():
        members.sort()
        numbers = [number for number, _ in members]
        sound = numbers in ([*range(len(numbers))], [*range(1, len(numbers) + 1)])
        meant = prefix in MEANT
        if meant and not sound:
            gap = next(number for place, number in enumerate(numbers) if number != place)
            raise InputRefused(
                f"{path}: the {len(numbers)} columns {prefix}* are not numbered without a gap: "
                f"{prefix}{gap - 1 if gap else gap} is missing or stands twice.",
                "Number them without gaps.",
            )
        names = tuple(name for _, name in members)
        if sound and (meant or (len(names) > 1 and {*names} <= {*numeric})):
            if not prefix:
                refuse_undecided(rows, [*map(columns.index, names)], path, named="but numbers")
            found[f"{prefix}{numbers[0]}..{numbers[-1]}"] = names
    return found


def _unnamed(
    numeric: list[str], columns: tuple[str, ...], rows: list[list[str]], path: str
) -> dict[str, tuple[str, ...]]:
    """All columns of numbers, where no header says what they are. Raises as `refuse_undecided`."""
    if len(numeric) < 2:
        return {}
    refuse_undecided(rows, [columns.index(name) for name in numeric], path)
    return {f"{numeric[0]}..{numeric[-1][1:]}": tuple(numeric)}

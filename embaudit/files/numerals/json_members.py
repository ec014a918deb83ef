"""The entries of an object of JSON: columns, or rows by their ids.

`{"columns": ..., "data": ...}` of pandas is rows, and so are objects in a list that stands in an
object, as services answer.
"""

import re
from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any, NoReturn

from embaudit.errors import InputRefused
from embaudit.files.column import repeated
from embaudit.files.file_status import StoredFile
from embaudit.files.numerals.json_orientation import (
    AS_RECORDS,
    has_columns,
    may_be_column,
    undecided,
)
from embaudit.files.numerals.json_records import Item, fields_of, items_of
from embaudit.files.numerals.json_stream import Scanner, elements, keys, members

COLUMNS = ("embedding", "embeddings", "emb", "vector", "vectors", "features", "label", "labels")
FIRST_DIMENSION = re.compile("(emb|embedding|dim|feature)_?0")
NO_NUMBER = ("[", "{", '"')  # begin the values of a column; a row's are numbers
AROUND = ("result", "results", "data", "response", "hits", "Get")  # what services wrap rows in
COLUMN_WITHIN = re.compile(r'\{\s*"([^"\\]*)"\s*:\s*\[\s*\[')
LONGEST_KEY = 128  # characters, with what is round it
OF_ALL = ("responseHeader", "header", "meta", "metadata", "info", "status", "usage", "config")
FEW = 8  # objects before the rows that a service tells of them all
DEEPEST = 3  # objects within objects, in which rows are looked for
SPLIT, TABLE = "columns", "schema"  # the first keys of pandas' orient="split" and "table"


class Entries:
    """The entries of an object: columns, or rows by their ids, once the first tell which.

    What is plain before columns, and behind them, is of the whole.
    """

    def __init__(
        self,
        file: StoredFile,
        scanner: Scanner,
        within: str = "",
        held: dict[str, str] | None = None,
    ) -> None:
        """within: the path of the object, with a dot behind it. held: what others hold already."""
        self.file, self.scanner, self.within = file, scanner, within
        self.columns: bool | None = None
        self.waiting: list[tuple[str, Any]] = []  # while nothing tells which
        self.row = 0
        self.held: dict[str, str] = {} if held is None else held  # the entry that a name is of
        self.orders: dict[int, tuple[int, str]] = {}  # of rows, by how many

    def items(self) -> Iterator[Item]:
        """All of them."""
        entries = keys(self.scanner)
        first = next(entries, None)
        if first == SPLIT and self.scanner.peek() == "[":
            names, first = self.scanner.value(), next(entries, None)
            if first in ("index", "data"):
                yield from self._split(names, chain([first], entries))
                return
            yield from self._known(SPLIT, names)
        elif first == TABLE and self.scanner.peek() == "{":
            schema, first = self.scanner.value(), next(entries, None)
            if "fields" not in schema:
                yield from self._known(TABLE, schema)
        for key in chain([] if first is None else [first], entries):
            yield from self._entry(key)
        if not self.columns:
            yield from self._rows_by_id()

    def _known(self, key: str, value: Any) -> Iterator[Item]:
        """The first entry, once its value is read."""
        self.columns = isinstance(value, list) and any(type(one) in (str, list) for one in value)
        if not self.columns:
            yield from self._by_id(key, value)
        for row, one in enumerate(value if self.columns else ()):
            yield from self._value(row, key, one)

    def _entry(self, key: str) -> Iterator[Item]:
        if self.columns is None:
            self.columns = self._is_column(key)
        if self.columns:
            yield from self._column(key)
            return
        yield from self._by_id(key, self.scanner.value())

    def _is_column(self, key: str) -> bool | None:
        """Whether an entry is a column, or a row; None of a plain value."""
        opening = self.scanner.peek()
        if opening not in ("[", "{"):
            return None
        if key in COLUMNS or FIRST_DIMENSION.fullmatch(key) is not None:
            return True
        if opening == "[":
            return self.scanner.second() in NO_NUMBER
        if key in AROUND or self._is_around(of=COLUMNS):
            return True
        if may_be_column(self.scanner):
            if self.within:
                raise undecided(self.file)
            return has_columns(self.file)
        if key in OF_ALL or (self.within and len(self.waiting) < FEW):
            return None
        return False

    def _by_id(self, key: str, value: Any) -> Iterator[Item]:
        self.waiting.append((key, value))
        if self.columns is not None:
            yield from self._rows_by_id()

    def _rows_by_id(self) -> Iterator[Item]:
        for key, value in self.waiting:
            name = "embedding" if isinstance(value, list) else "label"
            record = value if isinstance(value, dict) else {name: value}
            for one in items_of(self.row, {"id": key, **record}):
                if one[1] is not None:
                    self._claim(one[1], "")
                yield one
            self.row += 1
        self.waiting = []

    def _column(self, key: str) -> Iterator[Item]:
        """Of a column: a list, or as pandas has it an object by row; none of what is of all."""
        match self.scanner.peek():
            case "[":
                for row, value in enumerate(elements(self.scanner)):
                    yield from self._value(row, key, value)
            case "{" if self.within.count(".") < DEEPEST and (key in AROUND or self._is_around()):
                yield from Entries(
                    self.file, self.scanner, f"{self.within}{key}.", self.held
                ).items()
            case "{":
                order, row = 0, -1
                for row, (name, value) in enumerate(members(self.scanner)):
                    order = hash((order, name))
                    record = {"id": name, **value} if isinstance(value, dict) else value
                    yield from self._value(row, key, record)
                self._check_order(key, row + 1, order)
            case _:
                self.scanner.value()

    def _is_around(self, of: Collection[str] | None = None) -> bool:
        """Whether the next object holds whole columns: `{"float": [[...]]}`; of: named so."""
        found = COLUMN_WITHIN.match(self.scanner.ahead(LONGEST_KEY))
        return found is not None and (of is None or found[1] in of)

    def _value(self, row: int, key: str, value: Any) -> Iterator[Item]:
        """A value of a column, or the fields of one that is a record."""
        if not isinstance(value, dict):
            self._claim(key, key)
            yield row, key, value
            return
        for name, one in fields_of(value):
            self._claim(name, key)
            yield row, name, one
        yield row, None, None

    def _claim(self, name: str, key: str) -> None:
        path = self.within + key
        other = self.held.setdefault(name, path)
        if other != path:
            raise InputRefused(
                f"{self.file.path}: {other!r} and {path!r} both hold {name!r}.",
                "Save all rows as one list of records, the vector beside its label.",
            )

    def _check_order(self, key: str, rows: int, order: int) -> None:
        first, other = self.orders.setdefault(rows, (order, key))
        if first != order and rows > FEW:  # of fewer, it may be something of the whole
            raise InputRefused(
                f"{self.file.path}: the rows of {key!r} are named or ordered otherwise than those "
                f"of {other!r}.",
                AS_RECORDS,
            )

    def _split(self, names: list[Any], entries: Iterator[str]) -> Iterator[Item]:
        """`{"columns": [...], "index": [...], "data": [[...], ...]}`, once the names are read."""
        columns = [str(name) for name in names if isinstance(name, str | int)]
        if len(columns) < len(names) or repeated(columns):
            self._refuse_split("its columns are not named by one text each, all different")
        for key in entries:
            rows = elements(self.scanner) if self.scanner.peek() == "[" else iter(())
            if key == "data":
                for row, values in enumerate(rows):
                    if not isinstance(values, list) or len(values) != len(columns):
                        self._refuse_split(f"row {row} has no value for each of its columns")
                    yield from items_of(row, dict(zip(columns, values, strict=True)))
            elif key == "index":
                for row, value in enumerate(rows):
                    if isinstance(value, str) and "id" not in columns:
                        yield row, "id", value
            else:
                self.scanner.value()

    def _refuse_split(self, why: str) -> NoReturn:
        raise InputRefused(f"{self.file.path}: {why}.", AS_RECORDS)

"""The values of a JSON text one after the other, however long the whole is.

What stands at the top is a list of values, values line by line, or an object of entries; each value
of it is parsed by itself, and no more than one is in memory.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from embaudit.errors import InputRefused
from embaudit.files.file_status import StoredFile
from embaudit.files.read_faults import reading

PART = 1 << 20  # bytes read at a time
LONGEST = 32 << 20  # characters of one value
NEAR = 64  # what is wrong so near the end of what was read may be whole with what follows
OPEN_TEXT = "Unterminated string"  # is told at its beginning, wherever it breaks off
BLANK = " \t\r\n"
COLUMNS = ("embedding", "embeddings", "emb", "vector", "vectors", "features", "label", "labels")
FIRST_DIMENSION = re.compile("(emb|embedding|dim|feature)_?0")
NO_NUMBER = ("[", "{", '"')  # begin the values of a column; a row's are numbers

Item = tuple[int, str | None, Any]


class Scanner:
    """A cursor in the text of a JSON file, which is read as it moves."""

    def __init__(self, handle: IO[bytes], path: str) -> None:
        self.path = path
        self.ended = False
        self._handle, self._decode = handle, codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._line = "", 0, 1
        self._decoder = json.JSONDecoder(object_pairs_hook=self._unique)

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in BLANK:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, *wanted: str) -> str:
        """The next character, which must be one of these."""
        found = self.peek()
        if found not in wanted or not found:
            self.refuse(f"expected {' or '.join(map(repr, wanted))}, found {found or 'the end'!r}")
        self._at += 1
        return found

    def value(self) -> Any:
        """The next value."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut = error.pos > len(self._text) - NEAR or error.msg.startswith(OPEN_TEXT)
                if self.ended or not cut:
                    self.refuse(f"{error.msg}, character {error.pos - self._at} of a value")
            except RecursionError:
                self.refuse("lists within lists beyond any depth that is read")
            except ValueError as error:  # a number of more digits than Python converts
                self.refuse(str(error).partition(";")[0])
            else:
                if end < len(self._text) or self.ended:  # a number may go on
                    self._at = end
                    return value
            if len(self._text) - self._at > LONGEST:
                self.refuse(f"a value of more than {LONGEST >> 20} MiB")
            self._more()

    def second(self) -> str:
        """The character after the next, blanks aside."""
        self.peek()
        while not (found := self._text[self._at + 1 :].lstrip(BLANK)) and self._more():
            pass
        return found[:1]

    def first_line(self) -> str | None:
        """What stands before the first end of a line that something follows."""
        self.peek()
        while "\n" not in self._text[self._at :].rstrip(BLANK) and not self.ended:
            if len(self._text) - self._at > LONGEST:
                return None
            self._more()
        line, end, _ = self._text[self._at :].rstrip(BLANK).partition("\n")
        return line if end else None

    def refuse(self, why: str) -> None:
        """Raise InputRefused, naming the line."""
        line = self._line + self._text.count("\n", 0, self._at)
        raise InputRefused(
            f"{self.path}: line {line}: no JSON that can be read: {why}.", "Save it again."
        )

    def _more(self) -> bool:
        """Read on, at least as much as there is, so that a long value is not tried too often."""
        if self.ended:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :], 0
        data = self._handle.read(max(PART, len(self._text)))
        self.ended = not data
        try:
            self._text += self._decode(data, not data)
        except UnicodeDecodeError as error:
            cause = f"{self.path}: line {self._line} or later is not UTF-8."
            raise InputRefused(cause, "Save the file as UTF-8.") from error
        return True

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            name = next(name for name in names if names.count(name) > 1)
            self.refuse(f"an object has {name[:100]!r} twice")
        return found


def items(file: StoredFile) -> Iterator[Item]:
    """(row, name, value) of all that is in a file, in its order; a name of None ends a row.

    Of objects in a list or line by line, each is a row. Bare values are a column without a name. An
    object of lists is one of columns if it begins with lists of lists, texts or objects, or with
    the name of a column; else each of its entries is a row, whose key is `id`.
    """
    with reading(file.at), file.opened() as handle:
        scanner = Scanner(handle, file.path)
        match scanner.peek():
            case "{" if not _is_lines(scanner):
                yield from _entries(scanner)
            case "[" if not _is_lines(scanner):
                yield from _rows(_list(scanner))
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


def _list(scanner: Scanner) -> Iterator[Any]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        yield scanner.value()
        if scanner.take(",", "]") == "]":
            return


def _keys(scanner: Scanner) -> Iterator[str]:
    """The keys of an object; who asks takes the value of each before the next."""
    scanner.take("{")
    if scanner.peek() == "}":
        scanner.take("}")
        return
    while True:
        if scanner.peek() != '"':
            scanner.take('"')
        yield scanner.value()
        if scanner.take(",", "}") == "}":
            return


def _rows(values: Iterator[Any]) -> Iterator[Item]:
    for row, value in enumerate(values):
        yield from _row(row, value if isinstance(value, dict) else {"": value})


def _row(row: int, record: dict[str, Any]) -> Iterator[Item]:
    for name, value in record.items():
        yield row, name, value
    yield row, None, None


def _entries(scanner: Scanner) -> Iterator[Item]:
    """Of an object: columns, or rows by their ids. What stands before columns is of the whole."""
    columns: bool | None = None
    waiting: list[tuple[str, Any]] = []  # while nothing tells which
    row = 0
    for key in _keys(scanner):
        scanner.take(":")
        if columns is None:
            columns = _is_column(key, scanner)
        if columns:
            for at, value in enumerate(_values(scanner)):
                yield at, key, value
            continue
        waiting.append((key, scanner.value()))
        if columns is not None:
            yield from _rows_by_id(waiting, row)
            row += len(waiting)
            waiting = []
    if not columns:
        yield from _rows_by_id(waiting, row)


def _is_column(key: str, scanner: Scanner) -> bool | None:
    """Whether an entry of an object is a column, or a row; None of a plain value."""
    opening = scanner.peek()
    if opening not in ("[", "{"):
        return None
    named = key in COLUMNS or FIRST_DIMENSION.fullmatch(key) is not None
    return named or (opening == "[" and scanner.second() in NO_NUMBER)


def _rows_by_id(entries: list[tuple[str, Any]], start: int) -> Iterator[Item]:
    for row, (key, value) in enumerate(entries, start):
        name = "embedding" if isinstance(value, list) else "label"
        record = value if isinstance(value, dict) else {name: value}
        yield from _row(row, {"id": key, **record})


def _values(scanner: Scanner) -> Iterator[Any]:
    """Of a column: a list, or as pandas has it an object by row; none of what is said of all."""
    match scanner.peek():
        case "[":
            yield from _list(scanner)
        case "{":
            for _ in _keys(scanner):
                scanner.take(":")
                yield scanner.value()
        case _:
            scanner.value()

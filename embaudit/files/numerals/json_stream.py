"""The values of a JSON text one after the other, however long the whole is.

What stands at the top is a list of values, values line by line, or an object of entries; each value
of it is parsed by itself, and no more than one is in memory.
"""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from embaudit.errors import InputRefused

PART = 1 << 20  # bytes read at a time
LONGEST = 32 << 20  # characters of one value
NEAR = 64  # what is wrong so near the end of what was read may be whole with what follows
OPEN_TEXT = "Unterminated string"  # is told at its beginning, wherever it breaks off
BLANK = " \t\r\n"


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

    def ahead(self, size: int) -> str:
        """So many characters from the next that is no blank on, as far as there are any."""
        self.peek()
        while len(self._text) - self._at < size and self._more():
            pass
        return self._text[self._at : self._at + size]

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


def elements(scanner: Scanner) -> Iterator[Any]:
    """The values of a list, one by one."""
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        yield scanner.value()
        if scanner.take(",", "]") == "]":
            return


def keys(scanner: Scanner) -> Iterator[str]:
    """The keys of an object; who asks takes the value of each before the next."""
    scanner.take("{")
    if scanner.peek() == "}":
        scanner.take("}")
        return
    while True:
        if scanner.peek() != '"':
            scanner.take('"')
        key: str = scanner.value()
        scanner.take(":")
        yield key
        if scanner.take(",", "}") == "}":
            return


def members(scanner: Scanner) -> Iterator[tuple[str, Any]]:
    """The entries of an object, one by one."""
    for key in keys(scanner):
        yield key, scanner.value()

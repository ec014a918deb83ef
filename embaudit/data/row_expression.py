"""Which rows are meant, as a text says it: `split == 'test' and label != -1`.

A small language of its own, as Python and SQL write it; nothing of it is run as code.

    condition   = conjunction { or conjunction }
    conjunction = negation { and negation }
    negation    = not negation | comparison
    comparison  = ( condition ) | value { (== | != | < | <= | > | >=) value }
                | value [ not ] in ( value, ... ) | value is [ not ] null
    value       = column | `any name` | 'text' | number | true | false

`=`, `<>`, `&`, `|`, `~`, `none` and brackets around a list are taken as well.
"""

import re

from embaudit.data.condition_ast import (
    Among,
    Both,
    Condition,
    Either,
    Holds,
    IsNull,
    Literal,
    Named,
    Not,
    Relation,
    Value,
)
from embaudit.errors import UsageError, option

LONGEST = 10_000  # characters of a text
DEEPEST = 50  # conditions within conditions
TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*)|`(?P<quoted>[^`]+)`"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\""
    r"|(?P<mark>==|!=|<>|<=|>=|[=<>()\[\],&|~!]))",
    re.DOTALL,
)
WORDS = ("and", "or", "not", "in", "is", "null", "none", "true", "false")
SAME = {"=": "==", "<>": "!=", "&": "and", "|": "or", "~": "not", "!": "not", "none": "null"}
COMPARED = ("==", "!=", "<", "<=", ">", ">=")
MOST_DIGITS = 40


def condition_of(text: str, given_as: str = "where") -> Condition:
    """What a text says. Raises UsageError, which tells where it cannot be understood."""
    return _Parser(text, given_as).whole()


class _Parser:
    """Reads a text from its start to its end, one token ahead."""

    def __init__(self, text: str, given_as: str) -> None:
        self.text, self.given_as, self.at, self.depth = text, given_as, 0, 0
        if len(text) > LONGEST:
            raise self._refused(f"is longer than {LONGEST:,} characters")
        self.word = ""
        self.value: Value | None = None
        self._advance()

    def whole(self) -> Condition:
        condition = self._either()
        if self.word:
            raise self._refused(f"{self._shown()} is not expected there")
        return condition

    def _advance(self) -> None:
        """Take the next token: `word` is its sign, "name" or "value"; empty at the end."""
        self.start = self.at
        found = TOKEN.match(self.text, self.at)
        if found is None:
            if self.text[self.at :].strip():
                raise self._refused(f"{self.text[self.at :].strip()[:20]!r} is not understood")
            self.word, self.value = "", None
            return
        self.at = found.end()
        kind, text = str(found.lastgroup), found[str(found.lastgroup)]
        self.value = None
        lower = text.lower()
        if kind == "mark" or (kind == "name" and lower in WORDS):
            self.word = SAME.get(lower, lower)
            if self.word in ("true", "false"):
                self.word, self.value = "value", self.word == "true"
        elif kind in ("name", "quoted"):
            self.word, self.value = "name", Named(text)
        elif kind == "number":
            self.word, self.value = "value", self._number(text)
        else:
            self.word, self.value = "value", re.sub(r"(?s)\\(.)", r"\1", text)

    def _number(self, text: str) -> int | float:
        if len(text) > MOST_DIGITS:
            raise self._refused(f"the number {text[:20]}... is too long")
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)

    def _takes(self, *words: str) -> str:
        """The sign that comes next, if it is one of these; else nothing."""
        word = self.word
        if word not in words:
            return ""
        self._advance()
        return word

    def _must(self, word: str) -> None:
        if not self._takes(word):
            raise self._refused(f"{word!r} is expected where {self._shown()} is")

    def _either(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._refused("its conditions are nested too deeply")
        condition = self._both()
        while self._takes("or"):
            condition = Either(condition, self._both())
        self.depth -= 1
        return condition

    def _both(self) -> Condition:
        condition = self._not()
        while self._takes("and"):
            condition = Both(condition, self._not())
        return condition

    def _not(self) -> Condition:
        negated = False
        while self._takes("not"):
            negated = not negated
        condition = self._comparison()
        return Not(condition) if negated else condition

    def _comparison(self) -> Condition:
        if self._takes("("):
            condition = self._either()
            self._must(")")
            return condition
        value = self._value()
        if self.word in COMPARED:
            return self._chain(value)
        if not isinstance(value, Named):
            raise self._refused(f"{value!r} is compared with nothing")
        if self._takes("is"):
            negated = self._takes("not")
            self._must("null")
            return Not(IsNull(value)) if negated else IsNull(value)
        negated = self._takes("not")
        if negated or self.word == "in":
            self._must("in")
            among = Among(value, self._listed())
            return Not(among) if negated else among
        return Holds(value)

    def _chain(self, left: Value) -> Condition:
        """`0 <= x < 5` is both."""
        found: Condition | None = None
        while sign := self._takes(*COMPARED):
            right = self._value()
            if not isinstance(left, Named) and not isinstance(right, Named):
                raise self._refused(f"{left!r} and {right!r} are no columns")
            one = Relation(left, sign, right)
            found, left = one if found is None else Both(found, one), right
        assert found is not None
        return found

    def _listed(self) -> tuple[Literal, ...]:
        end = {"(": ")", "[": "]"}.get(self.word)
        if end is None:
            raise self._refused(f"a list, as in ('a', 'b'), is expected where {self._shown()} is")
        self._advance()
        values: list[Literal] = []
        while not self._takes(end):
            value = self._value()
            if isinstance(value, Named):
                raise self._refused(f"{value.name} stands in a list; write text in quotes")
            values.append(value)
            if self.word != end:
                self._must(",")
        return tuple(values)

    def _value(self) -> Value:
        value = self.value
        if value is None:
            raise self._refused(f"a column or a value is expected where {self._shown()} is")
        self._advance()
        return value

    def _shown(self) -> str:
        return repr(self.text[self.start :].strip()[:20]) if self.word else "its end"

    def _refused(self, why: str) -> UsageError:
        return UsageError(
            f"{option(self.given_as)} {self.text[:200]!r}: {why}.",
            "Compare columns with values, as in \"split == 'test' and label != -1\".",
        )

"""Sentences: our own words, with parts between them that hold data, made harmless by the medium."""

from collections.abc import Sequence
from dataclasses import dataclass

from embaudit.render.safe_text import figure, inert, label, path
from embaudit.report import Unit
from embaudit.report.base_model import LabelField


@dataclass(frozen=True)
class Label:
    """A label or an id of the data, None where there is none."""

    value: LabelField | None


@dataclass(frozen=True)
class FilePath:
    """The path of a file, of so many cells at most; None: as many as a line has room for."""

    value: str
    most: int | None = 40


@dataclass(frozen=True)
class Name:
    """A name that data has, of so many cells at most: as code, where a medium has such."""

    text: str
    most: int = 60


@dataclass(frozen=True)
class Data:
    """Another text of the data, of so many cells at most; None: as many as of a label."""

    text: str
    most: int | None = 600


@dataclass(frozen=True)
class Number:
    """A number and its place in the JSON report: names and positions with slashes between."""

    text: str
    value: float | None
    at: str

    @classmethod
    def of(cls, value: float | None, at: str, unit: Unit = "ratio") -> "Number":
        """As a report prints it."""
        return cls(figure(value, unit), value, at)


@dataclass(frozen=True)
class Link:
    """A text that leads to a place of the document, where a medium has such."""

    text: str
    target: str


Part = str | Label | FilePath | Name | Data | Number | Link
Sentence = Part | tuple[Part, ...]


def parts_of(sentence: Sentence) -> tuple[Part, ...]:
    """The parts of a sentence in their order."""
    return sentence if isinstance(sentence, tuple) else (sentence,)


def inert_text(sentence: Sentence, most: int, room: int = 40, *, ascii_only: bool = False) -> str:
    """A sentence as text, its data inert.

    most: cells of a label, and of what has no bound of its own; room: of a path that has none.
    """
    return "".join(_inert(part, most, room, ascii_only) for part in parts_of(sentence))


def _inert(part: Part, most: int, room: int, ascii_only: bool) -> str:
    match part:
        case Label(value):
            return label(value, most, ascii_only)
        case FilePath(value, bound):
            return path(value, room if bound is None else bound, ascii_only)
        case Name(text, bound) | Data(text, bound):
            return inert(text, most if bound is None else bound, ascii_only)
        case Number() | Link():
            return part.text
    return part


def joined(sentences: Sequence[Sentence], between: str) -> tuple[Part, ...]:
    """Sentences as one, those that are empty left out."""
    told = [parts_of(one) for one in sentences if one]
    return tuple(part for k, one in enumerate(told) for part in ((between, *one) if k else one))

"""What a document is made of: plain blocks, which every medium shows as far as it can.

Words say what is to be read, and in which order; media know how a block looks with them: how wide
a table may be, what has to be escaped, whether a command can be pasted. A text here is a sentence:
our own words, with parts between them that hold data, which the medium makes harmless.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from embaudit.data import Notice
from embaudit.render.words.rich_text import Link, Part, Sentence
from embaudit.report.shell_command import Pasted

Mark = Literal["good", "note", "warning", "bad", "unknown"]
MediumName = Literal["terminal", "markdown", "html"]
Side = Literal["left", "right", "wordy", "figures"]  # of a column; the last two as left
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A headline and what carries it; what to do, and the command that does it."""

    mark: Mark
    headline: str
    details: tuple[str, ...] = ()
    remedy: str = ""
    command: Pasted | None = None
    id: str = ""  # of a finding of the diagnosis


@dataclass(frozen=True)
class Heading:
    """The title of what follows; mark: where it is an answer by itself."""

    text: Sentence
    mark: Mark | None = None


@dataclass(frozen=True)
class Paragraph:
    """Sentences in a row. quiet: beside the matter."""

    text: Sentence
    quiet: bool = False


@dataclass(frozen=True)
class Note:
    """A sentence about what stands above it."""

    text: Sentence


@dataclass(frozen=True)
class Hint:
    """Where the rest is, told on a screen alone."""

    text: str


@dataclass(frozen=True)
class Listing:
    """A line, and below it what it holds, a row each; note: of what is left out."""

    head: Sentence
    rows: tuple[tuple[Sentence, ...], ...]
    note: Sentence = ""


@dataclass(frozen=True)
class Messages:
    """What was told while reading, under a title; nothing where nothing was."""

    title: str
    messages: Sequence[str]


@dataclass(frozen=True)
class Answers:
    """What was found, each with its mark. brief: a first screen explains the first alone."""

    answers: tuple[Answer, ...]
    brief: bool = False


@dataclass(frozen=True)
class Steps:
    """What to do next, under its heading; nothing where there is nothing to do."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names and what is known of each; title: of the heading, where there is one."""

    facts: tuple[tuple[str, Sentence], ...]
    title: str = ""


@dataclass(frozen=True)
class TableColumn:
    """A column of a table. roomy: shown only where there is room; media: that show it."""

    title: str | Link
    side: Side = "left"
    roomy: bool = False
    media: tuple[MediumName, ...] = ("terminal", "markdown", "html")


@dataclass(frozen=True)
class TableBlock:
    """A table under its title, where it has one, with a note below.

    level: of the title among headings.
    """

    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    note: Sentence = ""
    level: int = 2

    def seen(self, medium: MediumName, roomy: bool = True) -> "TableBlock":
        """It with the columns that a medium shows."""
        kept = [medium in one.media and (roomy or not one.roomy) for one in self.columns]
        return replace(
            self,
            columns=tuple(_chosen(self.columns, kept)),
            rows=tuple(tuple(_chosen(row, kept)) for row in self.rows),
        )


@dataclass(frozen=True)
class SourceBlock:
    """What was read, and the warnings about it.

    lead: the words before it, where there is no heading. headed: whether Markdown has one.
    most: warnings on Markdown; None for all.
    """

    title: str
    lead: str
    inputs: tuple[Part, ...]
    warnings: Sequence[Notice]
    headed: bool = False
    most: int | None = None


def _chosen(values: Sequence[T], kept: Sequence[bool]) -> list[T]:
    return [one for one, wanted in zip(values, kept, strict=True) if wanted]

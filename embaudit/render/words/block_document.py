"""A document: blocks in the order of reading, and which media show which of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from embaudit.render.words.block_types import (
    Answers,
    Facts,
    Heading,
    Hint,
    Listing,
    MediumName,
    Messages,
    Note,
    Paragraph,
    SourceBlock,
    Steps,
    TableBlock,
)
from embaudit.render.words.figure_blocks import (
    CurvesBlock,
    GapsBlock,
    KeyFigures,
    Meters,
    RankedTable,
    ReadingsBlock,
    RulesBlock,
)
from embaudit.render.words.rich_text import Name, Sentence


@dataclass(frozen=True)
class Only:
    """Blocks that some media show, and others do not."""

    media: tuple[MediumName, ...]
    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Detail:
    """Blocks that a first screen leaves out."""

    blocks: tuple["Block", ...]


Block = (
    Heading
    | Paragraph
    | Note
    | Hint
    | Listing
    | Messages
    | Answers
    | Steps
    | Facts
    | TableBlock
    | Meters
    | RankedTable
    | CurvesBlock
    | KeyFigures
    | ReadingsBlock
    | GapsBlock
    | RulesBlock
    | SourceBlock
    | Only
    | Detail
)


@dataclass(frozen=True)
class BlockDocument:
    """A title, the run that it is of, and blocks in the order of reading.

    subject: what it is of, for the first line of a screen; without one that tells the run.
    closing: what stands last, however little room there is for all before it.
    """

    title: str
    version: str
    run: str | Name
    blocks: tuple[Block, ...]
    subject: Sentence = ""
    closing: tuple[Block, ...] = ()

    def seen(self, medium: MediumName, full: bool = True) -> list[Block]:
        """The blocks that a medium shows; full: not those of a first screen only."""
        return _seen((*self.blocks, *self.closing), medium, full)


def hint(what: str) -> Hint:
    """What --full shows."""
    return Hint(f"{what}: --full. Any word: embaudit explain WORD")


def only(medium: MediumName, *blocks: Block) -> Only:
    """Blocks of one medium."""
    return Only((medium,), blocks)


def _seen(blocks: Sequence[Block], medium: MediumName, full: bool) -> list[Block]:
    found: list[Block] = []
    for one in blocks:
        if not isinstance(one, Only | Detail):
            found.append(one)
        elif full if isinstance(one, Detail) else medium in one.media:
            found += _seen(one.blocks, medium, full)
    return found

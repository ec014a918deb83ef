"""A document as a page: how each block looks there. The looks are macros of page.html."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from embaudit.render.html.template import page, warned
from embaudit.render.text import inert
from embaudit.render.words.curves import CURVE_TITLES, grouped
from embaudit.render.words.document import (
    Answers,
    Block,
    BlockDocument,
    CurvesBlock,
    Facts,
    Heading,
    Listing,
    Messages,
    Meters,
    Note,
    Paragraph,
    RankedTable,
    SourceBlock,
    Space,
    Steps,
    TableBlock,
    TableColumn,
)
from embaudit.render.words.sentence import Name, Sentence

BARS = 40  # of a curve at most
KINDS: dict[type, str] = {
    Heading: "heading",
    Paragraph: "paragraph",
    Note: "note",
    Space: "space",
    Listing: "listing",
    Messages: "messages",
    Answers: "answers",
    Steps: "steps",
    Facts: "facts",
    TableBlock: "table",
    Meters: "meters",
    RankedTable: "table",
    CurvesBlock: "table",
    SourceBlock: "source",
}


@dataclass(frozen=True)
class ShownBlock:
    """A block by the name of what shows it, in the shape that that takes."""

    kind: str
    block: Any


def document_page(document: BlockDocument) -> str:
    """One self-contained page. Links of its sentences lead nowhere and are left as texts."""
    blocks = document.seen("html")
    run = document.run.text if isinstance(document.run, Name) else document.run
    return page(
        "document.html",
        version=inert(document.version),
        name=document.title,
        verdict=_verdict(blocks),
        run=inert(run),
        blocks=[shown(one) for one in blocks],
        linked=False,
    )


def shown(block: Block) -> ShownBlock:
    """What the templates show of a block."""
    kind, adapted = KINDS[type(block)], block
    if isinstance(block, RankedTable):
        return ShownBlock(kind, _ranked(block))
    if isinstance(block, CurvesBlock):
        return ShownBlock(kind, _curves(block))
    if isinstance(block, SourceBlock):
        return ShownBlock(kind, _source(block))
    return ShownBlock(kind, adapted)


def _verdict(blocks: list[Block]) -> str:
    """The first answer, for the title."""
    return next((one.answers[0].headline for one in blocks if isinstance(one, Answers)), "")


def _ranked(block: RankedTable) -> TableBlock:
    """It with all of its columns: a page has room."""
    columns = (
        TableColumn(block.head),
        *(TableColumn(one.title, one.side) for one in block.columns),
    )
    texts = (one.texts for one in block.columns)
    rows: tuple[tuple[Sentence, ...], ...] = tuple(zip(block.names, *texts, strict=True))
    return TableBlock(block.title, columns, rows, block.note)


def _curves(block: CurvesBlock) -> TableBlock:
    """A curve in a cell, in as many bars as there is room for."""
    groups = grouped(len(block.states), BARS)
    columns = (
        TableColumn("measure"),
        TableColumn("curve", "figures"),
        *(TableColumn(one, "right") for one in CURVE_TITLES),
    )
    rows = tuple((one.title, "".join(one.bars(groups)), *one.ends) for one in block.curves)
    return TableBlock(block.title, columns, rows, block.scale)


def _source(block: SourceBlock) -> dict[str, Any]:
    return {"title": block.title if block.headed else "", "told": tuple(_told(block)),
            "warnings": warned(block.warnings)}  # fmt: skip


def _told(block: SourceBlock) -> Iterator[Any]:
    yield block.lead
    yield from block.inputs
    yield "."

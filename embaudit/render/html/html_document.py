"""A document as a page: how each block looks there. The looks are macros of page.html."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from embaudit.render.html.templating import page, warned
from embaudit.render.safe_text import count, figure, inert
from embaudit.render.words.block_document import Block, BlockDocument
from embaudit.render.words.block_types import (
    Answers,
    Facts,
    Heading,
    Hint,
    Listing,
    Messages,
    Note,
    Paragraph,
    Side,
    SourceBlock,
    Steps,
    TableBlock,
    TableColumn,
)
from embaudit.render.words.curves import CURVE_TITLES, grouped
from embaudit.render.words.figure_blocks import (
    CurvesBlock,
    GapsBlock,
    KeyFigures,
    Meters,
    RankedTable,
    ReadingsBlock,
    RulesBlock,
)
from embaudit.render.words.rich_text import Data, Name, Sentence

BARS = 40  # of a curve at most
KINDS: dict[type, str] = {
    Heading: "heading",
    Paragraph: "paragraph",
    Note: "note",
    Hint: "nothing",
    Listing: "listing",
    Messages: "messages",
    Answers: "answers",
    Steps: "steps",
    Facts: "facts",
    TableBlock: "table",
    Meters: "meters",
    RankedTable: "table",
    CurvesBlock: "table",
    KeyFigures: "table",
    ReadingsBlock: "table",
    GapsBlock: "table",
    RulesBlock: "table",
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
    adapted = ADAPTED.get(type(block))
    return ShownBlock(KINDS[type(block)], block if adapted is None else adapted(block))


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


def _figures(block: KeyFigures) -> TableBlock:
    """A figure a line; what is best said in words spans the last column."""
    columns = (
        TableColumn("figure"),
        TableColumn("this set", "right"),
        TableColumn(block.beside, "right"),
        TableColumn("beside", "wordy"),
    )
    rows: list[tuple[Sentence, ...]] = [
        (one.name, one.here, one.beside, one.note) for one in block.figures
    ]
    rows += [(name, "", "", fact) for name, fact in block.facts]
    return TableBlock("Figures that decide", columns, tuple(rows))


def _readings(block: ReadingsBlock) -> TableBlock:
    titles = "measure", "value", "kind", "interval", "in RMS pair distances", "reading"
    sides: tuple[Side, ...] = "left", "right", "left", "figures", "right", "wordy"
    rows = tuple(
        (one.id, one.value, one.kind, one.interval, one.relative.removesuffix(" rms"), one.says)
        for one in block.readings
    )
    columns = tuple(TableColumn(*one) for one in zip(titles, sides, strict=True))
    return TableBlock(block.group, columns, rows, block.note)


def _gaps(block: GapsBlock) -> TableBlock:
    columns = tuple(TableColumn(name, "right") for name in block.names)
    note = f"Furthest positive minus nearest negative, of {count(block.anchors, 'anchor')}."
    return TableBlock("Gaps", columns, (tuple(map(figure, block.values)),), note)


def _rules(block: RulesBlock) -> TableBlock:
    titles = "status", "rule", "observed and limit", "remedy"
    columns = tuple(TableColumn(title, "wordy") for title in titles)
    rows = tuple(
        (one.status, Name(one.rule, 200), one.observed, Data(one.remedy)) for one in block.rules
    )
    more = f"{count(block.more, 'more rule')}, none more urgent." if block.more else ""
    return TableBlock("Gate", columns, rows, more)


ADAPTED: dict[type, Callable[[Any], Any]] = {
    RankedTable: _ranked,
    CurvesBlock: _curves,
    SourceBlock: _source,
    KeyFigures: _figures,
    ReadingsBlock: _readings,
    GapsBlock: _gaps,
    RulesBlock: _rules,
}
